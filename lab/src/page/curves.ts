/** What is measured of a training, and the lines that it makes. */
import type { Point } from '../worker/messages.js';
import { escaped } from './figure.js';
import { brief } from './hover.js';
import type { Scheme } from './colours.js';

export const CURVES = [
  { title: 'Wrong bits', unit: 'per sequence', of: ({ wrongBits }: Point) => wrongBits },
  { title: 'Loss', unit: 'nats per bit', of: ({ loss }: Point) => loss },
] as const;

const MOST = 220;

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Line {
  readonly places: readonly Place[];
  /** Ends of the axes, which begin at 0. */
  readonly end: number;
  readonly most: number;
}

/** Means of neighbours, so that there are no more places than can be told apart. */
const thinned = (places: readonly Place[]): readonly Place[] => {
  const size = Math.ceil(places.length / MOST);
  if (size <= 1) return places;
  return Array.from({ length: Math.ceil(places.length / size) }, (_, i) => {
    const part = places.slice(i * size, (i + 1) * size);
    return { x: part.at(-1)!.x, y: part.reduce((sum, { y }) => sum + y, 0) / part.length };
  });
};

export const lineOf = (points: readonly Point[], of: (point: Point) => number): Line => {
  const places = thinned(points.map((point) => ({ x: point.sequences, y: of(point) })).filter(({ y }) => Number.isFinite(y)));
  return { places, end: Math.max(1, places.at(-1)?.x ?? 1), most: Math.max(1e-9, ...places.map(({ y }) => y)) };
};

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT] = [480, 190, 56, 52, 34, 16];

/** All curves of a training below one another as an SVG file. */
export const curvesFigure = (title: string, points: readonly Point[], of: Scheme): string => {
  const [ground, ink, line] = of === 'light' ? ['#ffffff', '#1c2430', '#1a5aa0'] : ['#161a20', '#e8ebef', '#8abaf0'];
  const [across, down] = [WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM];
  const parts = CURVES.map((curve, i) => {
    const { places, end, most } = lineOf(points, curve.of);
    const at = ({ x, y }: Place): string => `${(LEFT + (x / end) * across).toFixed(1)},${(TOP + (1 - y / most) * down).toFixed(1)}`;
    const [bottom, right] = [TOP + down, LEFT + across];
    return [
      `<g transform="translate(0,${i * HEIGHT + 10})">`,
      `<text x="${LEFT}" y="${TOP - 12}" font-weight="600">${curve.title} ${curve.unit}</text>`,
      `<path d="M${LEFT},${TOP}V${bottom}H${right}" fill="none" stroke="${ink}" stroke-width="0.75"/>`,
      `<text x="${LEFT - 6}" y="${TOP + 4}" text-anchor="end">${brief(most)}</text><text x="${LEFT - 6}" y="${bottom + 4}" text-anchor="end">0</text>`,
      `<text x="${LEFT}" y="${bottom + 18}">0</text><text x="${right}" y="${bottom + 18}" text-anchor="end">${end.toLocaleString('en')} sequences</text>`,
      `<polyline points="${places.map(at).join(' ')}" fill="none" stroke="${line}" stroke-width="1.5" stroke-linejoin="round"/>`,
      '</g>',
    ].join('');
  });
  const height = CURVES.length * HEIGHT + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="${ink}">`,
    `<title>${escaped(title)}</title><rect width="${WIDTH}" height="${height}" fill="${ground}"/>`,
    `<text x="${LEFT}" y="24" font-size="14" font-weight="600">${escaped(title)}</text>`,
    ...parts,
    '</svg>',
  ].join('\n');
};
