/** A heat map as a value: drawn on the page (heat-map.tsx), and written into SVG files (figure.ts). */
import type { Ramp } from './colours.js';

export interface HeatMapOf {
  readonly title: string;
  /** Beside the title, quieter. */
  readonly note?: string;
  readonly rows: number;
  readonly columns: number;
  /** NaN is drawn as nothing. */
  readonly at: (row: number, column: number) => number;
  readonly ramp: Ramp;
  readonly low: number;
  readonly high: number;
  /** Of its inside, in pixels. */
  readonly height: number;
  /** Names of a row and a column, for the numbers under the pointer. */
  readonly names: readonly [row: string, column: string];
}

/** Least and greatest of signed numbers, alike on both sides of 0. */
export const reach = (values: Iterable<number>): number => {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most || 1;
};

/** Pixels of a map of so many rows. */
export const heightOf = (rows: number): number => (rows <= 2 ? 14 * rows : rows <= 12 ? 9 * rows : rows <= 40 ? 5 * rows : Math.min(220, Math.max(112, Math.round(rows * 1.25))));
