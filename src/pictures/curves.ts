/** How training went, of one run or several, and how a model does on sequences of many lengths. */
import * as Plot from '@observablehq/plot';
import { AXIS, BOTTOM, GAP, LEFT, type Look, nameBelow, nameLeft, type Palette, PALETTES, type Panel, panel, RIGHT, stack, TOP } from './look.js';

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
  const places = all.filter((_, i) => all.length <= MOST_PLACES || i % Math.ceil(all.length / MOST_PLACES) === 0 || i === all.length - 1);
  return places.flatMap((x) => {
    const values = runs.map((points) => valueAt(points, x)).filter((value) => value !== null).sort((a, b) => a - b);
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

/** 10,000 as 10k, 0.0001 as 1e−4. */
const short = (value: number): string => (value > 0 && value < 1e-3 ? value.toExponential(0).replace('-', '−') : value >= 1e6 ? `${Number((value / 1e6).toPrecision(3))}M` : value >= 1e4 ? `${Number((value / 1e3).toPrecision(3))}k` : AXIS.tickFormat(Number(value.toPrecision(3))));

const INSIDE = 84;

/** What a curve is drawn on: grid and axes, the lower one named where it is the last. */
const ground = ({ faint }: Palette, measure: string, yTicks: readonly number[], below: string | null, show = short): Plot.Markish[] => [
  Plot.gridY(yTicks, { stroke: faint, strokeOpacity: 0.6 }),
  Plot.axisY({ ...AXIS, ...nameLeft(measure), ticks: yTicks, tickFormat: show }),
  ...(below === null ? [] : [Plot.axisX({ ...AXIS, ticks: 5, tickFormat: short }), nameBelow(below)]),
  Plot.frame({ anchor: 'bottom', stroke: faint }),
];

const curvePanel = (look: Look, { title, measure, runs: given }: Curves, furthest: number, last: boolean): Panel => {
  const palette = PALETTES[look.scheme];
  const runs = given.map((points) => points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)));
  const values = runs.flat().map(({ y }) => y);
  const { foot, isZero } = footOf(values);
  const top = 1.3 * values.reduce((a, b) => Math.max(a, b), foot * 10);
  const ticks = powersOfTen(foot, top);
  const raised = (y: number): number => Math.max(y, foot);
  const lines = runs.flatMap((points, run) => points.map(({ x, y }) => ({ x, y: raised(y), run })));
  const band = runs.length > 1 ? bandOf(runs).map(({ x, low, median, high }) => ({ x, low: raised(low), median: raised(median), high: raised(high) })) : [];
  const bottom = last ? BOTTOM : GAP;
  return panel(look, title, TOP + INSIDE + bottom, {
    marginBottom: bottom,
    x: { domain: [0, furthest], axis: null },
    y: { type: 'log', domain: [foot, top], axis: null },
    marks: [
      ...ground(palette, measure, ticks, last ? 'sequences' : null, (tick) => (isZero && tick === foot ? '0' : short(tick))),
      Plot.areaY(band, { className: 'range', x: 'x', y1: 'low', y2: 'high', fill: palette.blue, fillOpacity: 0.25 }),
      Plot.line(lines, { className: 'runs', x: 'x', y: 'y', z: 'run', stroke: palette.blue, strokeWidth: runs.length > 1 ? 0.5 : 1.4, strokeOpacity: runs.length > 1 ? 0.6 : 1 }),
      Plot.line(band, { className: 'median', x: 'x', y: 'median', stroke: palette.orange, strokeWidth: 1.6 }),
    ],
  });
};

/** About the width of a letter. */
const LETTER = 4.4;

/** What lines of one look stand for, at the right end beside the name of the axis above. */
const legendOf = (look: Look, entries: ReadonlyArray<{ readonly name: string; readonly colour: string; readonly width: number; readonly opacity?: number }>): Panel => {
  const widths = entries.map(({ name }) => 16 + LETTER * name.length + 14);
  const right = look.width - LEFT - RIGHT;
  const at = (i: number): number => right - widths.slice(i).reduce((a, b) => a + b, -14);
  return panel(
    look,
    '',
    14,
    {
      marginTop: 0,
      marginBottom: 0,
      x: { domain: [0, right], axis: null },
      y: { domain: [0, 1], axis: null },
      marks: entries.flatMap(({ name, colour, width, opacity = 1 }, i) => [
        Plot.link([0], { className: 'legend', x1: at(i), x2: at(i) + 12, y1: 0.5, y2: 0.5, stroke: colour, strokeWidth: width, strokeOpacity: opacity }),
        Plot.text([name], { x: at(i) + 16, y: 0.5, textAnchor: 'start', lineAnchor: 'middle', text: (text: string) => text }),
      ]),
    },
    13,
  );
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

/** How a model does on sequences of one cell. */
export interface Scored {
  /** The cell's sizes by name; at most two are drawn. */
  readonly cell: Readonly<Record<string, number>>;
  /** Wrong bits per sequence. */
  readonly wrong: number;
  /** Of 95 in a hundred sequences no more than this. */
  readonly wrong95: number;
}

/** Linear up to 1, logarithmic beyond: zero has its place. */
const bits = (most: number) => ({ type: 'symlog', constant: 0.5, domain: [0, Math.max(1, most)], axis: null }) as const;

const bitTicks = (most: number): readonly number[] => [0, 1, 10, 100, 1000, 10_000].filter((tick) => tick <= Math.max(1, most));

/** Wrong bits against the first size, a line for each value of the second. */
const lengthPanel = (look: Look, scored: readonly Scored[], size: string): Panel => {
  const palette = PALETTES[look.scheme];
  const most = Math.max(...scored.map(({ wrong95, wrong }) => Math.max(wrong, wrong95)));
  const rows = scored.map(({ cell, wrong, wrong95 }) => ({ x: cell[size]!, wrong, wrong95 })).sort((a, b) => a.x - b.x);
  const xs = rows.map(({ x }) => x);
  return panel(look, 'wrong bits per sequence', TOP + INSIDE + BOTTOM, {
    x: { domain: xs.length > 1 ? [Math.min(...xs), Math.max(...xs)] : [xs[0]! - 1, xs[0]! + 1], inset: 6, axis: null },
    y: bits(most),
    marks: [
      ...ground(palette, 'bits', bitTicks(most), null),
      Plot.axisX({ ...AXIS, ticks: xs.length > 12 ? 8 : [...xs] }),
      nameBelow(size),
      Plot.line(rows, { className: 'p95', x: 'x', y: 'wrong95', stroke: palette.orange, strokeWidth: 1, strokeDasharray: '3,2' }),
      Plot.line(rows, { x: 'x', y: 'wrong', stroke: palette.blue, strokeWidth: 1.4 }),
      Plot.dot(rows, { className: 'means', x: 'x', y: 'wrong', fill: palette.blue, r: 2 }),
    ],
  });
};

/** Every length with every number of repeats, the wrong bits written into the cells. */
const gridPanel = (look: Look, scored: readonly Scored[], [across, up]: readonly [string, string]): Panel => {
  const valuesOf = (size: string): readonly number[] => [...new Set(scored.map(({ cell }) => cell[size]!))].sort((a, b) => a - b);
  const most = Math.max(1, ...scored.map(({ wrong }) => wrong));
  const [columns, rows] = [valuesOf(across), valuesOf(up)];
  const shade = (wrong: number): number => Math.log1p(wrong) / Math.log1p(most);
  const cells = scored.map(({ cell, wrong }) => ({ x: cell[across]!, y: cell[up]!, shade: shade(wrong), text: wrong === 0 ? '0' : wrong < 0.01 ? '<0.01' : String(Number(wrong.toPrecision(2))) }));
  return panel(look, 'wrong bits per sequence', TOP + 18 * rows.length + BOTTOM, {
    x: { type: 'band', domain: [...columns], padding: 0.02, axis: null },
    y: { type: 'band', domain: [...rows].reverse(), padding: 0.02, axis: null },
    color: { type: 'linear', scheme: 'viridis', domain: [0, 1] },
    marks: [
      Plot.cell(cells, { className: 'cells', x: 'x', y: 'y', fill: 'shade' }),
      Plot.text(cells, { x: 'x', y: 'y', text: 'text', fill: (cell: { shade: number }) => (cell.shade > 0.6 ? '#000000' : '#ffffff') }),
      Plot.axisY({ ...AXIS, ...nameLeft(up) }),
      Plot.axisX({ ...AXIS }),
      nameBelow(across),
    ],
  });
};

/** Wrong bits against length; of cells that differ in two sizes, against both. */
export const lengthFigure = (look: Look, scored: readonly Scored[]): SVGSVGElement => {
  const sizes = Object.keys(scored[0]?.cell ?? {}).filter((size) => new Set(scored.map(({ cell }) => cell[size])).size > 1);
  const [first = Object.keys(scored[0]?.cell ?? { length: 0 })[0]!, second] = sizes;
  const { blue, orange } = PALETTES[look.scheme];
  const description = `Wrong bits per sequence against ${[first, ...(second === undefined ? [] : [second])].join(' and ')}`;
  if (second !== undefined) return stack(look, description, [gridPanel(look, scored, [first, second])]);
  const entries = [
    { name: 'mean', colour: blue, width: 1.4 },
    { name: '95 of 100 have no more', colour: orange, width: 1 },
  ];
  return stack(look, description, [lengthPanel(look, scored, first), legendOf(look, entries)]);
};
