/** Heat maps of numbers over steps or slots, and the bar that tells what their colours mean. */
import * as Plot from '@observablehq/plot';
import {
  AXIS,
  BOTTOM,
  caption,
  GAP,
  LEFT,
  type Look,
  nameBelow,
  nameLeft,
  PALETTES,
  type Panel,
  panel,
  RIGHT,
  TOP,
  wholeTicks,
} from './look.js';
import type { Scheme } from './style.js';

/** A colour scale from `low` to `high`. */
export interface Shades {
  /** By a name that Plot knows, or as colours from end to end. */
  readonly colours: { readonly scheme: 'viridis' | 'PuOr' } | { readonly range: readonly string[] };
  readonly low: number;
  readonly high: number;
  /** The value that is drawn as the ground, and its colour. */
  readonly ground: number;
  readonly colour: string;
  /** Whether values lie beyond the ends, drawn as these. */
  readonly clamped: boolean;
}

/** What lies in [0, 1]: bits, weightings, errors. */
export const UNIT: Shades = { colours: { scheme: 'viridis' }, low: 0, high: 1, ground: 0, colour: '#440154', clamped: false };

/** Numbers of both signs: nothing is as light as the paper where that is light, as dark where it is dark. */
export const signed = (of: Scheme, end: number, clamped: boolean): Shades => ({
  ...(of === 'light'
    ? { colours: { scheme: 'PuOr' }, colour: '#f7f7f7' }
    : { colours: { range: ['#cecaff', '#6860be', '#1f242d', '#b05c16', '#ffbe78'] }, colour: '#1f242d' }),
  low: -end,
  high: end,
  ground: 0,
  clamped,
});

export interface HeatMap {
  readonly title: string;
  readonly value: (row: number, column: number) => number;
  /** The numbers of the first and the last row, upwards. */
  readonly rows: readonly [number, number];
  /** What a row is called at the axis; its number. */
  readonly rowName?: (row: number) => number;
  /** The numbers of the first and the last column. */
  readonly columns: readonly [number, number];
  readonly rowsAre: string;
  /** Named on the axis below, which is left out where this is null. */
  readonly columnsAre: string | null;
  readonly shades: Shades;
  /** Height of the panel's inside. */
  readonly height: number;
  /** Marks on top. */
  readonly marks?: readonly Plot.Markish[];
}

/** A 256th of the scale: less than that is the ground's colour. */
const FAINTEST = 1 / 256;

interface Cell {
  readonly x: number;
  /** The first column that is not in it. */
  readonly end: number;
  readonly y: number;
  readonly value: number;
}

/** Columns beyond which several are drawn as one: no print would show them apart. */
const MOST_COLUMNS = 600;

/** The cells that differ from the ground, neighbours of one colour as one; of columns drawn as one, what differs most. */
const cellsOf = ({
  value,
  rows: [bottom, top],
  columns: [first, last],
  shades: { low, high, ground },
}: HeatMap): readonly Cell[] => {
  const cells: Cell[] = [];
  const size = Math.ceil((last - first + 1) / MOST_COLUMNS);
  const shadeOf = (each: number): number => Math.round((each - ground) / ((high - low) * FAINTEST));
  for (let y = bottom; y <= top; y++) {
    for (let x = first; x <= last; x += size) {
      const end = Math.min(last + 1, x + size);
      let each = ground;
      for (let column = x; column < end; column++)
        if (Math.abs(value(y, column) - ground) > Math.abs(each - ground)) each = value(y, column);
      if (shadeOf(each) === 0) continue;
      const before = cells.at(-1);
      if (before?.y === y && before.end === x && shadeOf(before.value) === shadeOf(each))
        cells[cells.length - 1] = { ...before, end };
      else cells.push({ x, end, y, value: each });
    }
  }
  return cells;
};

/** Height of a panel of so many rows: square cells, but no flatter than `least` and no taller than `most`. */
export const heightFor = ({ width }: Look, rows: number, columns: number, least: number, most: number): number =>
  Math.round(Math.min(most, Math.max(least, (rows * (width - LEFT - RIGHT)) / columns)));

/** Cells coloured by their values, rows upwards. */
export const heatMap = (look: Look, map: HeatMap): Panel => {
  const { title, rows, rowName = (row) => row, columns, rowsAre, columnsAre, shades, height, marks = [] } = map;
  const { faint } = PALETTES[look.scheme];
  const bottom = columnsAre === null ? GAP : BOTTOM;
  return panel(look, title, TOP + height + bottom, {
    marginBottom: bottom,
    x: { domain: [columns[0] - 0.5, columns[1] + 0.5], axis: null },
    y: { domain: [rows[0] - 0.5, rows[1] + 0.5], axis: null },
    color: {
      type: shades.ground === shades.low ? 'linear' : 'diverging',
      ...shades.colours,
      domain: [shades.low, shades.high],
      clamp: true,
    },
    marks: [
      Plot.frame({ fill: shades.colour, stroke: 'none' }),
      Plot.rect(cellsOf(map), {
        className: 'cells',
        x1: ({ x }: Cell) => x - 0.5,
        x2: ({ end }: Cell) => end - 0.5,
        y1: ({ y }: Cell) => y - 0.5,
        y2: ({ y }: Cell) => y + 0.5,
        fill: 'value',
        shapeRendering: 'crispEdges',
      } as Plot.RectOptions),
      Plot.axisY({
        ...AXIS,
        ...nameLeft(rowsAre),
        ticks: wholeTicks(...rows, height, 14, rowName),
        tickFormat: (row: number) => String(rowName(row)),
      }),
      ...(columnsAre === null
        ? []
        : [Plot.axisX({ ...AXIS, ticks: wholeTicks(...columns, look.width - LEFT - RIGHT, 24) }), nameBelow(columnsAre)]),
      ...marks,
      Plot.frame({ stroke: faint }),
    ],
  });
};

const BAR_STEPS = 64;
/** Beside the name of the axis above. */
const RISE = 13;

/** The colours from low to high, with numbers, at the right end. */
export const colourBar = (look: Look, { colours, low, high, ground, clamped }: Shades, means: string): Panel => {
  const width = Math.min(80, look.width / 4);
  const step = (high - low) / BAR_STEPS;
  const steps = Array.from({ length: BAR_STEPS }, (_, i) => low + i * step);
  const name = (value: number): string =>
    `${clamped && value === high ? '>' : clamped && value === low && low < ground ? '<' : ''}${AXIS.tickFormat(Number(value.toPrecision(2)))}`;
  const ticks = ground === low ? [low, (low + high) / 2, high] : [low, ground, high];
  return panel(
    look,
    '',
    24,
    {
      marginLeft: look.width - RIGHT - width,
      marginTop: 4,
      marginBottom: 14,
      x: { domain: [low, high] },
      color: { type: ground === low ? 'linear' : 'diverging', ...colours, domain: [low, high] },
      marks: [
        Plot.rectX(steps, {
          className: 'bar',
          x1: (from: number) => from,
          x2: (from: number) => from + step,
          fill: (from: number) => from + step / 2,
          shapeRendering: 'crispEdges',
        } as Plot.RectXOptions),
        Plot.axisX({ ...AXIS, ticks, tickSize: 2, tickPadding: 1, tickFormat: name }),
        caption(means, { frameAnchor: 'left', lineAnchor: 'middle', textAnchor: 'end', dx: -6, dy: 0 }),
      ],
    },
    RISE,
  );
};
