/** The figures: answers beside their targets, weightings over time, and curves. */
import { interpolateMagma, interpolateViridis } from 'd3-scale-chromatic';
import { type Canvas, type Colour, createCanvas, FAINT, fill, frame, INK, line, text, TEXT_HEIGHT, textWidth } from './canvas.js';

const MARGIN = 16;
const TITLE = TEXT_HEIGHT * 2 + 8;

type Shade = (value: number) => Colour;

/** A colour map over [0, 1], from 256 precomputed colours. */
const shades = (interpolate: (value: number) => string): Shade => {
  const table = Array.from({ length: 256 }, (_, i): Colour => {
    const css = interpolate(i / 255);
    const parts = css.startsWith('#') ? [1, 3, 5].map((at) => Number.parseInt(css.slice(at, at + 2), 16)) : (css.match(/\d+/g) ?? []).map(Number);
    return [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0];
  });
  return (value) => table[Math.round(255 * Math.min(1, Math.max(0, value || 0)))]!;
};

const bits = shades(interpolateViridis);
const heat = shades(interpolateMagma);

interface Panel {
  readonly title: string;
  readonly rows: number;
  readonly columns: number;
  /** In [0, 1]; row 0 at the bottom. */
  readonly value: (row: number, column: number) => number;
  readonly shade: Shade;
}

/** Pixels of a panel's row: as of its columns, but where few rows would be lost. */
const rowPixels = ({ rows }: Pick<Panel, 'rows'>, cell: number): number => Math.max(cell, Math.ceil(24 / rows));

const drawPanel = (canvas: Canvas, panel: Panel, x: number, y: number, cell: number): void => {
  const { title, rows, columns, value, shade } = panel;
  const high = rowPixels(panel, cell);
  text(canvas, x, y, title, INK, 2);
  const top = y + TITLE;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) fill(canvas, x + column * cell, top + (rows - 1 - row) * high, cell, high, shade(value(row, column)));
  }
  frame(canvas, x, top, columns * cell, rows * high, FAINT);
};

/** Pixels a cell, so that `cells` of them take about `pixels`. */
const cellSize = (cells: number, pixels: number): number => Math.max(2, Math.min(24, Math.floor(pixels / cells)));

/** Panels below one another, their left edge at `left`. */
const stack = (panels: readonly Panel[], cell: number, left = MARGIN): { readonly canvas: Canvas; readonly tops: readonly number[] } => {
  const heights = panels.map((panel) => TITLE + panel.rows * rowPixels(panel, cell) + MARGIN);
  const canvas = createCanvas(Math.max(...panels.map(({ columns, title }) => Math.max(columns * cell, textWidth(title, 2)))) + left + MARGIN, heights.reduce((a, b) => a + b, MARGIN));
  const tops = heights.map((_, i) => heights.slice(0, i).reduce((a, b) => a + b, MARGIN));
  panels.forEach((panel, i) => drawPanel(canvas, panel, left, tops[i]!, cell));
  return { canvas, tops };
};

export interface AnswerFigure {
  /** [steps, channels]. */
  readonly target: Float32Array;
  /** [steps, channels], sigmoid outputs. */
  readonly output: Float32Array;
  /** [steps]: 1 where the answer counts, else 0. */
  readonly mask: ArrayLike<number>;
  /** The best answer that anybody could give, [steps, channels]; null where it is the target. */
  readonly reference: Float32Array | null;
  readonly steps: number;
  readonly channels: number;
  /** What is answered. */
  readonly label: string;
}

/** Target, best answer, output and error below one another; time to the right, channels upwards. */
export const answerFigure = ({ target, output, mask, reference, steps, channels: rows, label }: AnswerFigure): Canvas => {
  const at = (values: Float32Array) => (row: number, column: number): number => values[column * rows + row]!;
  const panel = (title: string, value: Panel['value'], shade: Shade): Panel => ({ title, rows, columns: steps, value, shade });
  return stack(
    [
      panel(`target, ${label}`, at(target), bits),
      ...(reference ? [panel('the best there is', at(reference), bits)] : []),
      panel('output', at(output), bits),
      panel('error', (row, column) => mask[column]! * Math.abs(at(target)(row, column) - at(output)(row, column)), heat),
    ],
    cellSize(steps, 1000),
  ).canvas;
};

export interface WeightingFigure {
  /** Of each head [steps, slots]. */
  readonly read: readonly Float32Array[];
  readonly write: readonly Float32Array[];
  readonly steps: number;
  readonly slots: number;
  /** The step at which the answer begins. */
  readonly answerFrom: number;
}

/** First and last slot that any head gives more than 2% at some step, with a margin. */
const usedSlots = ({ read, write, slots }: WeightingFigure): readonly [number, number] => {
  const used = new Set<number>();
  for (const values of [...read, ...write]) values.forEach((value, i) => value > 0.02 && used.add(i % slots));
  const list = [...used];
  return list.length === 0 ? [0, slots - 1] : [Math.max(0, Math.min(...list) - 2), Math.min(slots - 1, Math.max(...list) + 2)];
};

/** Pixels left of a weighting, for its slots' numbers. */
const GUTTER = MARGIN + textWidth('1000') + 6;

/** Numbers the rows of slots `first` to `last`, `high` pixels each, left of a panel whose cells begin at `top`, at least 24 pixels apart. */
const numberSlots = (canvas: Canvas, first: number, last: number, top: number, high: number): void => {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((each) => each * high >= 24) ?? 1000;
  for (let slot = Math.ceil(first / step) * step; slot <= last; slot += step) {
    const middle = top + (last - slot) * high + Math.floor(high / 2);
    fill(canvas, GUTTER - 4, middle, 3, 1, FAINT);
    text(canvas, GUTTER - 6 - textWidth(`${slot}`), middle - 3, `${slot}`);
  }
};

/** Where the heads look over time (the paper's figure 6): slots upwards, a line where the answer begins. */
export const weightingFigure = (figure: WeightingFigure): Canvas => {
  const { read, write, steps, slots, answerFrom } = figure;
  const [first, last] = usedSlots(figure);
  const rows = last - first + 1;
  const cell = cellSize(Math.max(steps, rows), 900);
  const high = rowPixels({ rows }, cell);
  const panels = (kind: string, heads: readonly Float32Array[]): readonly Panel[] =>
    heads.map((values, i) => ({
      title: `${kind} weighting${heads.length > 1 ? ` ${i}` : ''}, slots ${first}-${last}`,
      rows,
      columns: steps,
      value: (row, column) => values[column * slots + first + row]!,
      shade: heat,
    }));
  const { canvas, tops } = stack([...panels('write', write), ...panels('read', read)], cell, GUTTER);
  for (const top of tops) {
    numberSlots(canvas, first, last, top + TITLE, high);
    fill(canvas, GUTTER + answerFrom * cell, top + TITLE, 1, rows * high, [120, 200, 255]);
  }
  return canvas;
};

export interface CurveFigure {
  readonly points: ReadonlyArray<{ readonly x: number; readonly y: number }>;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly logY?: boolean;
}

const niceStep = (span: number): number => {
  const base = 10 ** Math.floor(Math.log10(span / 4));
  return [1, 2, 5, 10].map((factor) => factor * base).find((step) => span / step <= 5) ?? base * 10;
};

const ticks = (low: number, high: number): readonly number[] => {
  if (!(high > low)) return [low];
  const step = niceStep(high - low);
  const from = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - from + 1 }, (_, i) => (from + i) * step);
};

const label = (value: number): string => (value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3) ? value.toExponential(0) : String(Number(value.toPrecision(3))));

const SIZE = { width: 760, height: 420, left: 96, right: 24, top: 44, bottom: 64 } as const;
const BLUE: Colour = [49, 104, 142];

/** A curve with axes; on a logarithmic y axis, zeros are drawn at its foot; points that are not finite are left out. */
export const curveFigure = ({ points: all, title, xLabel, yLabel, logY = false }: CurveFigure): Canvas => {
  const points = all.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  const { width, height, left, right, top, bottom } = SIZE;
  const canvas = createCanvas(width, height);
  const positive = points.map(({ y }) => y).filter((y) => y > 0);
  const floor = Math.max(1e-9, Math.min(1, ...positive));
  const scaleY = (y: number): number => (logY ? Math.log10(Math.max(y, floor)) : y);
  const ys = points.map(({ y }) => scaleY(y));
  const lowX = 0;
  const highX = Math.max(1, ...points.map(({ x }) => x));
  const lowY = logY ? Math.floor(Math.min(0, ...ys)) : 0;
  const highY = Math.max(lowY + 1, logY ? Math.ceil(Math.max(-8, ...ys)) : Math.max(0, ...ys));
  const toX = (x: number): number => left + ((x - lowX) / (highX - lowX)) * (width - left - right);
  const toY = (y: number): number => height - bottom - ((y - lowY) / (highY - lowY)) * (height - top - bottom);

  text(canvas, left, 14, title, INK, 2);
  for (const x of ticks(lowX, highX)) {
    fill(canvas, Math.round(toX(x)), top, 1, height - top - bottom, [235, 235, 240]);
    text(canvas, Math.round(toX(x) - textWidth(label(x)) / 2), height - bottom + 8, label(x));
  }
  const yTicks = logY ? Array.from({ length: highY - lowY + 1 }, (_, i) => lowY + i) : ticks(lowY, highY);
  for (const y of yTicks) {
    const name = logY ? label(10 ** y) : label(y);
    fill(canvas, left, Math.round(toY(y)), width - left - right, 1, [235, 235, 240]);
    text(canvas, left - 8 - textWidth(name), Math.round(toY(y)) - 3, name);
  }
  frame(canvas, left, top, width - left - right, height - top - bottom, FAINT);
  text(canvas, Math.round((left + width - right - textWidth(xLabel, 2)) / 2), height - 28, xLabel, INK, 2);
  text(canvas, 10, top - 18, yLabel);
  points.slice(1).forEach(({ x, y }, i) => {
    const before = points[i]!;
    line(canvas, toX(before.x), toY(scaleY(before.y)), toX(x), toY(scaleY(y)), BLUE, 2);
  });
  if (points.length === 1) fill(canvas, Math.round(toX(points[0]!.x)) - 1, Math.round(toY(ys[0]!)) - 1, 3, 3, BLUE);
  return canvas;
};
