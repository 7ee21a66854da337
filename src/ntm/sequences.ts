/** Sequences as they are given at the front door, checked once: nested numbers, or flat ones with a shape. */
import { fail } from './errors.js';
import { show } from './text.js';

/** One row a step, one number a channel. */
export type Rows = ReadonlyArray<ArrayLike<number>>;

/** Numbers in one array, the last axis innermost. */
export interface Flat<Shape extends readonly number[]> {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** One sequence: [T, I]. */
export type SequenceInput = Rows | Flat<readonly [steps: number, channels: number]>;

/** Several, which may differ in length where they are nested: [B, T, I]. */
export type BatchInput = readonly Rows[] | Flat<readonly [sequences: number, steps: number, channels: number]>;

/** [T, I] in one array. */
export interface Sequence {
  readonly steps: number;
  readonly data: Float32Array;
}

export interface Given {
  /** Whether it was one sequence, and not a batch of one. */
  readonly single: boolean;
  readonly sequences: readonly Sequence[];
}

const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);

/** A number that float32 can hold; `where` is worked out only for one that it cannot. */
const checked = (value: unknown, where: () => string): number => {
  if (typeof value !== 'number') return fail('wrong-shape', `${where()} wants a number, got ${show(value)}`);
  return Number.isFinite(Math.fround(value)) ? value : fail('wrong-number', `${where()} is ${value}: wanted a finite number`);
};

const fromRows = (rows: ArrayLike<unknown>, channels: number, name: string): Sequence => {
  if (rows.length === 0) return fail('wrong-shape', `${name} has no steps`);
  const data = new Float32Array(rows.length * channels);
  for (let t = 0; t < rows.length; t++) {
    const row = rows[t];
    if (!isList(row)) return fail('wrong-shape', `${name}[${t}] wants ${channels} numbers, got ${show(row)}`);
    if (row.length !== channels) return fail('wrong-shape', `${name}[${t}] has ${row.length} channels, the model takes ${channels}`);
    for (let i = 0; i < channels; i++) data[t * channels + i] = checked(row[i], () => `${name}[${t}][${i}]`);
  }
  return { steps: rows.length, data };
};

const isSize = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;

const fromFlat = ({ shape, data }: { readonly shape: unknown; readonly data: unknown }, channels: number): Given => {
  if (!Array.isArray(shape) || (shape.length !== 2 && shape.length !== 3) || !shape.every(isSize)) return fail('wrong-shape', `shape wants [steps, ${channels}] or [sequences, steps, ${channels}], got ${show(shape)}`);
  if (!(data instanceof Float32Array)) return fail('wrong-shape', `data wants a Float32Array, got ${show(data)}`);
  const [count, steps, width] = (shape.length === 2 ? [1, ...shape] : shape) as [number, number, number];
  if (width !== channels) return fail('wrong-shape', `shape [${shape.join(', ')}] has ${width} channels, the model takes ${channels}`);
  if (data.length !== count * steps * width) return fail('wrong-shape', `data has ${data.length} numbers, shape [${shape.join(', ')}] has ${count * steps * width}`);
  data.forEach((value, i) => checked(value, () => `data[${i}]`));
  return { single: shape.length === 2, sequences: Array.from({ length: count }, (_, b) => ({ steps, data: data.slice(b * steps * width, (b + 1) * steps * width) })) };
};

/** The sequences given for a model of so many input channels; throws `wrong-shape` or `wrong-number`, which name the place. */
export const sequencesOf = (given: unknown, channels: number): Given => {
  if (typeof given === 'object' && given !== null && 'shape' in given && 'data' in given) return fromFlat(given, channels);
  if (!isList(given) || given.length === 0) return fail('wrong-shape', `a sequence wants rows of ${channels} numbers, at least one, got ${show(given)}`);
  const first = given[0];
  const single = !isList(first) || !isList(first[0]);
  if (single) return { single, sequences: [fromRows(given, channels, 'sequence')] };
  const all = Array.from(given, (rows, b) => (isList(rows) ? fromRows(rows, channels, `sequences[${b}]`) : fail('wrong-shape', `sequences[${b}] wants rows of ${channels} numbers, got ${show(rows)}`)));
  return { single, sequences: all };
};

/** Rows of `size` numbers, each a copy. */
export const rowsOf = (values: Float32Array, size: number): readonly Float32Array[] => Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size));

/** A whole number from `least` to `most`. */
export const wholeOf = (name: string, value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): number =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
    ? (value as number)
    : fail('wrong-number', `${name} wants a whole number ${most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`}, got ${show(value)}`);
