/** How training went, of one run or several. */
import * as Plot from '@observablehq/plot';
import { ground, INSIDE, legendOf, short } from './curves.js';
import { BOTTOM, GAP, type Look, PALETTES, type Panel, panel, stack, TOP } from './look.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** One thing measured in training. */
export interface Curves {
  readonly title: string;
  /** With its unit. */
  readonly measure: string;
  /** Of every run, x rising. */
  readonly runs: ReadonlyArray<readonly Point[]>;
}

export interface Band {
  readonly x: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

const MOST_PLACES = 200;

/** What a run had at x: between its points, by a straight line; after its end, what it had last. */
const valueAt = (points: readonly Point[], x: number): number | null => {
  const next = points.findIndex((point) => point.x >= x);
  if (next < 0) return points.at(-1)?.y ?? null;
  const [before, after] = [points[next - 1], points[next]!];
  if (after.x === x || !before) return after.x === x ? after.y : null;
  return before.y + ((after.y - before.y) * (x - before.x)) / (after.x - before.x);
};

const medianOf = (sorted: readonly number[]): number => {
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
};

/** Median and range of several runs at every x of theirs, from where all have begun; one that has ended counts with its last value. */
export const bandOf = (runs: ReadonlyArray<readonly Point[]>): readonly Band[] => {
  const all = [...new Set(runs.flat().map(({ x }) => x))].sort((a, b) => a - b);
  const places = all.filter(
    (_, i) => all.length <= MOST_PLACES || i % Math.ceil(all.length / MOST_PLACES) === 0 || i === all.length - 1,
  );
  return places.flatMap((x) => {
    const values = runs
      .map((points) => valueAt(points, x))
      .filter((value) => value !== null)
      .sort((a, b) => a - b);
    return values.length < runs.length ? [] : [{ x, low: values[0]!, median: medianOf(values), high: values.at(-1)! }];
  });
};

/** Less than this is drawn as zero. */
const NOTHING = 1e-12;

/** The foot of a logarithmic axis: the power of ten below all values; one below that stands for zero, where there is one. */
const footOf = (values: readonly number[]): { readonly foot: number; readonly isZero: boolean } => {
  const least = values.filter((value) => value >= NOTHING).reduce((a, b) => Math.min(a, b), 1);
  const isZero = values.some((value) => value < NOTHING);
  return { foot: 10 ** (Math.floor(Math.log10(least)) - (isZero ? 1 : 0)), isZero };
};

/** At most five powers of ten from `low`, which is one, to `high`. */
const powersOfTen = (low: number, high: number): readonly number[] => {
  const [from, to] = [Math.round(Math.log10(low)), Math.floor(Math.log10(high))];
  const every = Math.ceil((to - from + 1) / 5);
  return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => 10 ** (from + i * every));
};

const curvePanel = (look: Look, { title, measure, runs: given }: Curves, furthest: number, last: boolean): Panel => {
  const palette = PALETTES[look.scheme];
  const runs = given.map((points) => points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)));
  const values = runs.flat().map(({ y }) => y);
  const { foot, isZero } = footOf(values);
  const top = 1.3 * values.reduce((a, b) => Math.max(a, b), foot * 10);
  const ticks = powersOfTen(foot, top);
  const raised = (y: number): number => Math.max(y, foot);
  const lines = runs.flatMap((points, run) => points.map(({ x, y }) => ({ x, y: raised(y), run })));
  const band =
    runs.length > 1
      ? bandOf(runs).map(({ x, low, median, high }) => ({ x, low: raised(low), median: raised(median), high: raised(high) }))
      : [];
  const bottom = last ? BOTTOM : GAP;
  return panel(look, title, TOP + INSIDE + bottom, {
    marginBottom: bottom,
    x: { domain: [0, furthest], axis: null },
    y: { type: 'log', domain: [foot, top], axis: null },
    marks: [
      ...ground(palette, measure, ticks, last ? 'sequences' : null, (tick) => (isZero && tick === foot ? '0' : short(tick))),
      Plot.areaY(band, { className: 'range', x: 'x', y1: 'low', y2: 'high', fill: palette.blue, fillOpacity: 0.25 }),
      Plot.line(lines, {
        className: 'runs',
        x: 'x',
        y: 'y',
        z: 'run',
        stroke: palette.blue,
        strokeWidth: runs.length > 1 ? 0.5 : 1.4,
        strokeOpacity: runs.length > 1 ? 0.6 : 1,
      }),
      Plot.line(band, { className: 'median', x: 'x', y: 'median', stroke: palette.orange, strokeWidth: 1.6 }),
    ],
  });
};

/** Learning curves, a panel a measure; of several runs their median and range too. */
export const learningFigure = (look: Look, curves: readonly Curves[]): SVGSVGElement => {
  const { blue, orange } = PALETTES[look.scheme];
  const runs = Math.max(...curves.map((each) => each.runs.length));
  const furthest = Math.max(1, ...curves.flatMap((each) => each.runs.flat().map(({ x }) => x)).filter(Number.isFinite));
  const entries = [
    { name: `median of ${runs} runs`, colour: orange, width: 1.6 },
    { name: 'each run', colour: blue, width: 0.7 },
    { name: 'range', colour: blue, width: 8, opacity: 0.25 },
  ];
  return stack(look, `Learning curves of ${runs} run${runs > 1 ? 's' : ''}`, [
    ...curves.map((each, i) => curvePanel(look, each, furthest, i === curves.length - 1)),
    ...(runs > 1 ? [legendOf(look, entries)] : []),
  ]);
};
