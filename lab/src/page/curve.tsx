/** One measure of a training against the sequences seen. */
import type { Point } from '../worker/messages.js';
import { brief, hideHover, showHover } from './hover.js';

const [WIDTH, HEIGHT] = [300, 64];
const MOST = 220;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Means of neighbours, so that there are no more points than can be told apart. */
const thinned = (points: readonly Place[]): readonly Place[] => {
  const size = Math.ceil(points.length / MOST);
  if (size <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const part = points.slice(i * size, (i + 1) * size);
    return { x: part.at(-1)!.x, y: part.reduce((sum, { y }) => sum + y, 0) / part.length };
  });
};

interface CurveProps {
  readonly title: string;
  readonly unit: string;
  readonly points: readonly Point[];
  readonly of: (point: Point) => number;
  /** Where a line stands for what nobody trained yet gets. */
  readonly latest: string;
}

export const Curve = ({ title, unit, points, of, latest }: CurveProps) => {
  const places = thinned(points.map((point) => ({ x: point.sequences, y: of(point) })).filter(({ y }) => Number.isFinite(y)));
  const most = Math.max(1e-9, ...places.map(({ y }) => y));
  const end = Math.max(1, places.at(-1)?.x ?? 1);
  const at = ({ x, y }: Place): string => `${((x / end) * WIDTH).toFixed(1)},${(HEIGHT - 2 - (y / most) * (HEIGHT - 6)).toFixed(1)}`;
  const hover = (event: PointerEvent): void => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    const x = ((event.clientX - left) / width) * end;
    const nearest = places.reduce<Place | null>((best, place) => (best === null || Math.abs(place.x - x) < Math.abs(best.x - x) ? place : best), null);
    if (nearest) showHover(`${nearest.x.toLocaleString('en')} sequences: ${brief(nearest.y)} ${unit}`, event.clientX, event.clientY);
  };
  return (
    <figure class="curve">
      <figcaption>
        <span>
          {title} <small>{unit}</small>
        </span>
        <output aria-label={title}>{latest}</output>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${title}: from ${brief(places[0]?.y ?? 0)} to ${latest} ${unit}`} onPointerMove={hover} onPointerLeave={hideHover}>
        <line x1="0" x2={WIDTH} y1={HEIGHT - 2} y2={HEIGHT - 2} class="ground" />
        {places.length > 1 && <polyline points={places.map(at).join(' ')} />}
      </svg>
      <div class="ends">
        <span>0</span>
        <span>{places.length > 1 ? `${end.toLocaleString('en')} sequences` : ''}</span>
      </div>
    </figure>
  );
};
