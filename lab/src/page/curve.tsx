/** One measure of a training against the sequences seen. */
import type { Point } from '../worker/messages.js';
import { type CURVES, lineOf, type Place } from './curves.js';
import { brief, hideHover, showHover } from './hover.js';

const [WIDTH, HEIGHT] = [300, 64];

interface CurveProps {
  readonly of: (typeof CURVES)[number];
  readonly points: readonly Point[];
  /** The mean of the last points, in words. */
  readonly latest: string;
}

export const Curve = ({ of: { title, unit, of }, points, latest }: CurveProps) => {
  const { places, end, most } = lineOf(points, of);
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
