/** A heat map on a canvas, as wide as there is room. */
import type { ComponentProps } from 'preact';
import { fresh, usePainted } from './canvas.js';
import { type Scheme, shadeAt, tableFor } from './colours.js';
import { brief, hideHover, showHover } from './hover.js';
import type { HeatMapOf } from './map.js';

/** Cells of at least so many pixels have gaps between them. */
const GAPS_FROM = 7;

/** A pixel's value: of the cells that share it, the one furthest from 0, so that nothing narrow is lost. */
const strongest = (map: HeatMapOf, r: number, c: number, rows: number, columns: number): number => {
  if (rows === map.rows && columns === map.columns) return map.at(r, c);
  const from = (i: number, count: number, of: number): number => Math.floor((i * of) / count);
  let most = NaN;
  for (let row = from(r, rows, map.rows); row < from(r + 1, rows, map.rows); row++) {
    for (let column = from(c, columns, map.columns); column < from(c + 1, columns, map.columns); column++) {
      const value = map.at(row, column);
      if (Number.isNaN(most) || Math.abs(value) > Math.abs(most)) most = value;
    }
  }
  return most;
};

const paint = (canvas: HTMLCanvasElement, map: HeatMapOf, of: Scheme): void => {
  const surface = fresh(canvas, map.height);
  if (!surface) return;
  const { context, ratio, width, height } = surface;
  const [rows, columns] = [Math.min(map.rows, height), Math.min(map.columns, width)];
  const table = tableFor(map.ramp, of);
  const image = new ImageData(columns, rows);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const value = strongest(map, r, c, rows, columns);
      if (Number.isNaN(value)) continue;
      const at = shadeAt(value, map.low, map.high);
      const pixel = (r * columns + c) * 4;
      image.data[pixel] = table[at]!;
      image.data[pixel + 1] = table[at + 1]!;
      image.data[pixel + 2] = table[at + 2]!;
      image.data[pixel + 3] = 255;
    }
  }
  const small = new OffscreenCanvas(columns, rows);
  small.getContext('2d')!.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, width, height);
  const [across, down] = [width / columns, height / rows];
  if (across < GAPS_FROM * ratio || down < GAPS_FROM * ratio) return;
  const gap = Math.max(1, Math.round(ratio));
  for (let c = 1; c < columns; c++) context.clearRect(Math.round(c * across) - (gap >> 1), 0, gap, height);
  for (let r = 1; r < rows; r++) context.clearRect(0, Math.round(r * down) - (gap >> 1), width, gap);
};

export interface HeatMapProps {
  readonly map: HeatMapOf;
  /** What it shows, for who does not see it. */
  readonly label: string;
  /** The column that is marked. */
  readonly marked?: number | null;
  /** Marked above only, so that what is there can be seen. */
  readonly tick?: boolean;
  /** Pressed, or dragged over, at a cell. */
  readonly onPress?: (row: number, column: number, dragged: boolean) => void;
  readonly className?: string;
  readonly canvas?: ComponentProps<'canvas'>;
  /** A cell that keys move, drawn with a frame. */
  readonly cursor?: readonly [row: number, column: number] | null;
}

export const HeatMap = ({ map, label, marked = null, tick = false, onPress, className = '', canvas: more = {}, cursor = null }: HeatMapProps) => {
  const canvas = usePainted(paint, map);

  const cellAt = (event: PointerEvent): readonly [number, number] => {
    const { left, top, width, height } = canvas.current!.getBoundingClientRect();
    const within = (share: number, count: number): number => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    return [within((event.clientY - top) / height, map.rows), within((event.clientX - left) / width, map.columns)];
  };
  const hover = (event: PointerEvent): void => {
    const [row, column] = cellAt(event);
    const value = map.at(row, column);
    const [rowName, columnName] = map.names;
    showHover(`${columnName} ${column}, ${rowName} ${row}: ${Number.isNaN(value) ? 'not asked' : brief(value)}`, event.clientX, event.clientY);
    if (event.buttons === 1 && onPress) onPress(row, column, true);
  };
  const press = (event: PointerEvent): void => {
    if (event.button !== 0 || !onPress) return;
    onPress(...cellAt(event), false);
  };
  const percent = (share: number): string => `${share * 100}%`;
  return (
    <div class={`map ${className}`} style={{ height: `${map.height}px` }}>
      <canvas ref={canvas} role="img" aria-label={label} onPointerMove={hover} onPointerDown={press} onPointerLeave={hideHover} {...more} />
      {marked !== null && <div class={tick ? 'marked tick' : 'marked'} style={{ left: percent(marked / map.columns), width: percent(1 / map.columns) }} />}
      {cursor && (
        <div
          class="cell-cursor"
          style={{ left: percent(cursor[1] / map.columns), width: percent(1 / map.columns), top: percent(cursor[0] / map.rows), height: percent(1 / map.rows) }}
        />
      )}
    </div>
  );
};
