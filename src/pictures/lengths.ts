/** How a model does on sequences of many lengths. */
import * as Plot from '@observablehq/plot';
import { ground, INSIDE, legendOf } from './curves.js';
import { AXIS, BOTTOM, type Look, nameBelow, nameLeft, PALETTES, type Panel, panel, stack, TOP } from './look.js';

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
  const cells = scored.map(({ cell, wrong }) => ({
    x: cell[across]!,
    y: cell[up]!,
    shade: shade(wrong),
    text: wrong === 0 ? '0' : wrong < 0.01 ? '<0.01' : String(Number(wrong.toPrecision(2))),
  }));
  return panel(look, 'wrong bits per sequence', TOP + 18 * rows.length + BOTTOM, {
    x: { type: 'band', domain: [...columns], padding: 0.02, axis: null },
    y: { type: 'band', domain: [...rows].reverse(), padding: 0.02, axis: null },
    color: { type: 'linear', scheme: 'viridis', domain: [0, 1] },
    marks: [
      Plot.cell(cells, { className: 'cells', x: 'x', y: 'y', fill: 'shade' }),
      Plot.text(cells, {
        x: 'x',
        y: 'y',
        text: 'text',
        fill: (cell: { shade: number }) => (cell.shade > 0.6 ? '#000000' : '#ffffff'),
      }),
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
