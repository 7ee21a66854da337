/** Colours of numbers, for both schemes; told apart by everybody, since lightness alone says how much. */
import { signal } from '@preact/signals';

export type Scheme = 'light' | 'dark';
export type Ramp = 'amount' | 'error' | 'signed';
type Rgb = readonly [number, number, number];

const STOPS: Readonly<Record<Scheme, Readonly<Record<Ramp, readonly Rgb[]>>>> = {
  light: {
    amount: [[244, 246, 249], [176, 205, 232], [70, 130, 190], [12, 52, 104]],
    error: [[244, 246, 249], [250, 196, 140], [222, 116, 30], [120, 44, 0]],
    signed: [[140, 66, 0], [236, 170, 102], [244, 246, 249], [142, 140, 204], [58, 38, 128]],
  },
  dark: {
    amount: [[31, 36, 45], [38, 82, 128], [92, 164, 216], [226, 242, 255]],
    error: [[31, 36, 45], [128, 62, 16], [232, 138, 52], [255, 228, 186]],
    signed: [[255, 190, 120], [176, 92, 22], [31, 36, 45], [104, 96, 190], [206, 202, 255]],
  },
};

const SHADES = 256;

const tableOf = (stops: readonly Rgb[]): Uint8ClampedArray => {
  const table = new Uint8ClampedArray(SHADES * 3);
  for (let i = 0; i < SHADES; i++) {
    const at = (i / (SHADES - 1)) * (stops.length - 1);
    const from = Math.min(stops.length - 2, Math.floor(at));
    for (let c = 0; c < 3; c++) table[i * 3 + c] = stops[from]![c]! + (at - from) * (stops[from + 1]![c]! - stops[from]![c]!);
  }
  return table;
};

const TABLES = Object.fromEntries(
  Object.entries(STOPS).map(([scheme, ramps]) => [scheme, Object.fromEntries(Object.entries(ramps).map(([name, stops]) => [name, tableOf(stops)]))]),
) as Readonly<Record<Scheme, Readonly<Record<Ramp, Uint8ClampedArray>>>>;

const dark = matchMedia('(prefers-color-scheme: dark)');
export const scheme = signal<Scheme>(dark.matches ? 'dark' : 'light');
dark.addEventListener('change', ({ matches }) => {
  choose(matches ? 'dark' : 'light');
});

export const choose = (wanted: Scheme): void => {
  scheme.value = wanted;
  document.documentElement.dataset.scheme = wanted;
};

/** The shade of a value between `low` and `high`, as the place of its red in the table. */
export const shadeAt = (value: number, low: number, high: number): number => {
  const share = high > low ? (value - low) / (high - low) : 0;
  return Math.round(Math.min(1, Math.max(0, share)) * (SHADES - 1)) * 3;
};

export const tableFor = (ramp: Ramp, of: Scheme): Uint8ClampedArray => TABLES[of][ramp];

export const cssOf = (table: Uint8ClampedArray, at: number): string => `rgb(${table[at]},${table[at + 1]},${table[at + 2]})`;
