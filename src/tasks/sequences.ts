/**
 * Sequences as a task's author writes them (rows of channels) and as programs take them (batches of
 * one length, arrays [T, B, channels]). A mask says at which steps an answer counts.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { Draw } from '../random.js';

/** One row a step, one number a channel. */
export type Rows = ReadonlyArray<ArrayLike<number>>;

/** Rows of bits that a sequence is made of. */
export type Vectors = ReadonlyArray<readonly number[]>;

/** [f(0), f(1), … f(n − 1)]. A loop, since Array.from takes several times as long, and sequences are drawn in training. */
export const tabulate = <A>(n: number, f: (i: number) => A): readonly A[] => {
  const values: A[] = [];
  for (let i = 0; i < n; i++) values.push(f(i));
  return values;
};

/** Fair bits, vector by vector. */
export const drawVectors = ({ integer }: Pick<Draw, 'integer'>, count: number, bits: number): Vectors => tabulate(count, () => tabulate(bits, () => integer(0, 1)));

/** The answer follows the input, or a mask says at which of the input's steps a target counts. */
export type Sequence =
  | { readonly input: Rows; readonly answer: Rows }
  | {
      /** [T, I]. */
      readonly input: Rows;
      /** [T, V]. */
      readonly target: Rows;
      /** [T]. */
      readonly mask: ArrayLike<number>;
    };

/** T. */
export const stepsOf = (sequence: Sequence): number => sequence.input.length + ('mask' in sequence ? 0 : sequence.answer.length);

/** B sequences of T steps each. */
export interface Batch {
  readonly steps: number;
  readonly batch: number;
  /** [T, B, I]. */
  readonly x: Float32Array;
  /** [T, B, V], from 0 to 1. */
  readonly target: Float32Array;
  /** [T, B]: 1 where an answer counts, else 0. */
  readonly mask: Float32Array;
}

const widthFault = (what: string, rows: Rows, channels: number): string | null => {
  const at = rows.findIndex(({ length }) => length !== channels);
  return at < 0 ? null : `${what} row ${at} has ${rows[at]!.length} channels instead of ${channels}`;
};

/** Whether a value has the form of a sequence: an author's function or a file may give anything. */
const isSequence = (value: unknown): boolean => {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const areRows = (rows: unknown): boolean => Array.isArray(rows) && rows.every((row: unknown) => typeof row === 'object' && row !== null && 'length' in row);
  return areRows(given.input) && ('mask' in given ? areRows(given.target) && typeof given.mask === 'object' && given.mask !== null : areRows(given.answer));
};

/** What is wrong with a sequence's rows, if anything is. */
export const rowsFault = (sequence: Sequence, inputs: number, outputs: number): string | null => {
  if (!isSequence(sequence)) return 'it is neither { input, answer } nor { input, target, mask }, of rows of numbers';
  const input = widthFault('input', sequence.input, inputs);
  if (input) return input;
  if (!('mask' in sequence)) return widthFault('answer', sequence.answer, outputs);
  const { input: { length }, target, mask } = sequence;
  if (target.length !== length) return `input has ${length} rows, target ${target.length}: they go step by step`;
  if (mask.length !== length) return `input has ${length} rows, mask ${mask.length} numbers: they go step by step`;
  return widthFault('target', target, outputs);
};

/** A batch of sequences; shorter ones are followed by zeros that do not count. */
export const stack = (sequences: readonly Sequence[], inputs: number, outputs: number): E.Either<string, Batch> => {
  for (const [b, sequence] of sequences.entries()) {
    const fault = rowsFault(sequence, inputs, outputs);
    if (fault) return E.left(`sequence ${b}: ${fault}`);
  }
  const batch = sequences.length;
  const steps = Math.max(...sequences.map(stepsOf));
  const x = new Float32Array(steps * batch * inputs);
  const target = new Float32Array(steps * batch * outputs);
  const mask = new Float32Array(steps * batch);
  // Element by element: for rows this short, `set` takes longer.
  const put = (values: Float32Array, rows: Rows, from: number, b: number, channels: number): void =>
    rows.forEach((row, t) => {
      const at = ((from + t) * batch + b) * channels;
      for (let i = 0; i < channels; i++) values[at + i] = row[i]!;
    });
  sequences.forEach((sequence, b) => {
    const { input } = sequence;
    put(x, input, 0, b, inputs);
    if ('mask' in sequence) {
      put(target, sequence.target, 0, b, outputs);
      for (let t = 0; t < input.length; t++) mask[t * batch + b] = sequence.mask[t]!;
    } else {
      put(target, sequence.answer, input.length, b, outputs);
      for (let t = input.length; t < stepsOf(sequence); t++) mask[t * batch + b] = 1;
    }
  });
  return E.right({ steps, batch, x, target, mask });
};

/** {@link stack} of sequences that are known to fit; where they do not, the fault is thrown. */
export const batchOf = (sequences: readonly Sequence[], inputs: number, outputs: number): Batch => {
  const batch = stack(sequences, inputs, outputs);
  if (E.isLeft(batch)) throw new Error(batch.left);
  return batch.right;
};

/** Goes on for `extra` steps of zero input and zero target, which count (`mask` 1) or do not. */
export const goOn = ({ steps, batch, x, target, mask }: Batch, extra: number, counts: 0 | 1): Batch => {
  const lengthen = (values: Float32Array, fill: number): Float32Array => {
    const longer = new Float32Array((values.length / steps) * (steps + extra)).fill(fill, values.length);
    longer.set(values);
    return longer;
  };
  return { steps: steps + extra, batch, x: lengthen(x, 0), target: lengthen(target, 0), mask: lengthen(mask, counts) };
};

/** The same sequences with other targets, given by sequence, [T, V] each. */
export const withTargets = (batch: Batch, targets: readonly Float32Array[]): Batch => {
  const outputs = batch.target.length / (batch.steps * batch.batch);
  const target = new Float32Array(batch.target.length);
  targets.forEach((values, b) => {
    for (let t = 0; t < batch.steps; t++) rowOf(target, batch, outputs, t, b).set(rowOf(values, { batch: 1 }, outputs, t, 0));
  });
  return { ...batch, target };
};

/** What the loss weighs a row with, [T, B]: 1/(target bits that count), so that the loss is their mean. */
export const lossWeights = ({ mask }: Batch, outputs: number): Float32Array => {
  const counted = mask.reduce((sum, value) => sum + value, 0);
  return mask.map((value) => value / (counted * outputs));
};

/** Row `t` of sequence `b` of values [T, B, channels]. */
export const rowOf = (values: Float32Array, { batch }: Pick<Batch, 'batch'>, channels: number, t: number, b: number): Float32Array =>
  values.subarray((t * batch + b) * channels, (t * batch + b + 1) * channels);

/** Steps `from` to below `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Where sequence `b` is shown and where it is answered, for figures: the answer from the first step
 * that counts to the last, the input until then, or to the end where it goes on during the answer.
 */
export const phases = ({ steps, batch, x, mask }: Batch, b: number): { readonly input: Span; readonly answer: Span } => {
  const inputs = x.length / (steps * batch);
  const all = Array.from({ length: steps }, (_, t) => t);
  const counts = (t: number): boolean => mask[t * batch + b] === 1;
  const answer = { from: Math.max(0, all.findIndex(counts)), to: all.findLastIndex(counts) + 1 };
  const shown = (t: number): boolean => rowOf(x, { batch }, inputs, t, b).some((value) => value !== 0);
  const during = all.slice(answer.from, answer.to).some(shown);
  return { input: { from: 0, to: during ? answer.to : answer.from }, answer };
};
