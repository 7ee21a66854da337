/** What the memory holds over time: how much every slot holds, and the content at some steps. */
import * as Plot from '@observablehq/plot';
import { colourBar, heatMap, heightFor, type Shades, UNIT, signed } from './heatmap.js';
import {
  AXIS,
  BOTTOM,
  caption,
  LEFT,
  type Look,
  nameBelow,
  nameLeft,
  PALETTES,
  type Panel,
  panel,
  RIGHT,
  stack,
  TOP,
  wholeTicks,
} from './look.js';
import { rangeWords, type SlotRange, slotOf } from './slots.js';

export interface MemoryFigure {
  /** After every step [steps, slots, width]. */
  readonly memory: ArrayLike<number>;
  readonly steps: number;
  /** M. */
  readonly width: number;
  /** The slots to draw. */
  readonly range: SlotRange;
  /** The steps, from 1, after which the content is drawn. */
  readonly chosen: readonly number[];
}

const norms = ({ memory, steps, range: { slots }, width }: MemoryFigure): Float32Array => {
  const result = new Float32Array(steps * slots);
  for (let i = 0; i < result.length; i++) {
    let squares = 0;
    for (let m = 0; m < width; m++) squares += memory[i * width + m]! ** 2;
    result[i] = Math.sqrt(squares);
  }
  return result;
};

/** Where a colour scale ends: a few outliers shall not make all else look like nothing. */
const endOf = (values: ArrayLike<number>): { readonly end: number; readonly clamped: boolean } => {
  const sizes = Float32Array.from(values, Math.abs)
    .filter((value) => value > 0)
    .sort();
  const [most, usual] = [sizes.at(-1) ?? 1, sizes[Math.floor(0.99 * sizes.length)] ?? 1];
  return most > 1.5 * usual ? { end: usual, clamped: true } : { end: most, clamped: false };
};

interface Cell {
  readonly step: string;
  readonly row: number;
  readonly place: number;
  readonly value: number;
}

const contents = ({ memory, width, range, chosen }: MemoryFigure, faintest: number): readonly Cell[] =>
  chosen.flatMap((step) =>
    Array.from({ length: (range.to - range.from + 1) * width }, (_, i): Cell => {
      const [row, place] = [range.from + Math.floor(i / width), (i % width) + 1];
      return {
        step: `after step ${step}`,
        row,
        place,
        value: memory[((step - 1) * range.slots + slotOf(row, range)) * width + place - 1]!,
      };
    }).filter(({ value }) => Math.abs(value) >= faintest),
  );

/** The content of the chosen steps beside one another: slots upwards, the places of a slot to the right. */
const contentPanel = (look: Look, figure: MemoryFigure, shades: Shades, height: number): Panel => {
  const { range, width, chosen } = figure;
  const cells = contents(figure, (shades.high - shades.low) / 256);
  const name = (row: number): number => slotOf(row, range);
  const names = chosen.map((step) => `after step ${step}`);
  return panel(look, '', TOP + height + BOTTOM, {
    x: { domain: [0.5, width + 0.5], axis: null },
    y: { domain: [range.from - 0.5, range.to + 0.5], axis: null },
    fx: { domain: names, padding: 0.08, axis: null },
    color: { type: 'diverging', ...shades.colours, domain: [shades.low, shades.high], clamp: true },
    marks: [
      Plot.frame({ fill: shades.colour, stroke: 'none' }),
      Plot.rect(cells, {
        className: 'cells',
        fx: 'step',
        x1: ({ place }: Cell) => place - 0.5,
        x2: ({ place }: Cell) => place + 0.5,
        y1: ({ row }: Cell) => row - 0.5,
        y2: ({ row }: Cell) => row + 0.5,
        fill: 'value',
        shapeRendering: 'crispEdges',
      } as Plot.RectOptions),
      Plot.axisY({
        ...AXIS,
        ...nameLeft('slot'),
        ticks: wholeTicks(range.from, range.to, height, 14, name),
        tickFormat: (row: number) => String(name(row)),
      }),
      Plot.axisX({ ...AXIS, ticks: wholeTicks(1, width, (look.width - LEFT - RIGHT) / chosen.length, 24) }),
      nameBelow('place in the slot', { fx: () => names[0] }),
      ...names.map((each) => caption(each, { fx: () => each, fontWeight: 600 })),
      Plot.frame({ stroke: PALETTES[look.scheme].faint }),
    ],
  });
};

/** Above, how much every slot holds over the steps; below, what, after some of them. */
export const memoryFigure = (look: Look, figure: MemoryFigure): SVGSVGElement => {
  const { range, steps, width, chosen } = figure;
  const sizes = norms(figure);
  const drawn = contents(figure, 0);
  const [sizeEnd, contentEnd] = [endOf(sizes), endOf(drawn.map(({ value }) => value))];
  const size: Shades = { ...UNIT, high: sizeEnd.end, clamped: sizeEnd.clamped };
  const content = signed(look.scheme, contentEnd.end, contentEnd.clamped);
  const marks = chosen.map((step) => Plot.ruleX([step], { stroke: '#ffffff', strokeWidth: 0.8, strokeDasharray: '2,2' }));
  const count = range.to - range.from + 1;
  const above = heatMap(look, {
    title: `how much a slot holds, ${rangeWords(range)}`,
    value: (row, step) => sizes[(step - 1) * range.slots + slotOf(row, range)]!,
    rows: [range.from, range.to],
    rowName: (row) => slotOf(row, range),
    columns: [1, steps],
    rowsAre: 'slot',
    columnsAre: 'step',
    shades: size,
    height: heightFor(look, count, steps, 26, 84),
    marks,
  });
  const below = contentPanel(
    look,
    figure,
    content,
    heightFor({ ...look, width: look.width / chosen.length }, count, width, 40, 110),
  );
  return stack(look, 'What the memory holds over the steps of a sequence', [
    above,
    colourBar(look, size, 'norm'),
    below,
    colourBar(look, content, 'content'),
  ]);
};
