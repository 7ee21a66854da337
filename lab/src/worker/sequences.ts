/** The sequence that is looked at: drawn by the task, with bits of one's own in it, and the answer that these ask for. */
import { seededRng, type Sequence, type Task } from 'ntm-gpu/core';
import { stack, stepsOf } from '../../../src/tasks/sequences.js';
import { copySequence } from '../../../src/tasks/copy.js';
import { encodeCount, repeatCopySequence } from '../../../src/tasks/repeat-copy.js';
import { recallSequence } from '../../../src/tasks/recall.js';
import { sortSequence } from '../../../src/tasks/sort.js';
import type { Shown, Wanted } from './messages.js';

type Row = readonly number[];

/** What a task makes of rows of bits drawn by hand. */
interface Drawable {
  /** Rows of the input that bits may be drawn in. */
  readonly rows: (input: readonly Row[], bits: number) => readonly number[];
  /** The sequence that such an input belongs to; null where it has no right answer. */
  readonly complete: (input: readonly Row[], task: Task, answers: number) => Sequence | null;
}

const head = (input: readonly Row[], rows: number, bits: number): readonly Row[] => input.slice(0, rows).map((row) => row.slice(0, bits));
const first = (rows: number): readonly number[] => Array.from({ length: rows }, (_, i) => i);
const same = (a: readonly Row[], b: readonly Row[]): boolean => a.every((row, t) => row.every((value, i) => value === b[t]![i]));

const bitsOf = ({ settings }: Task): number => Number(settings.bits);

/** The item in the rows after delimiter `i`; the query is the one after all items, with a delimiter after it. */
const itemAt = (input: readonly Row[], i: number, rows: number, bits: number): readonly Row[] =>
  input.slice(i * (rows + 1) + 1, (i + 1) * (rows + 1)).map((row) => row.slice(0, bits));

const DRAWABLE: Readonly<Record<string, Drawable>> = {
  copy: {
    rows: (input) => first(input.length - 1),
    complete: (input, task) => copySequence(head(input, input.length - 1, bitsOf(task)), bitsOf(task)),
  },
  'repeat-copy': {
    rows: (input) => first(input.length - 2),
    complete: (input, task) => {
      const bits = bitsOf(task);
      const encoding = task.settings.countEncoding as keyof typeof encodeCount;
      const shown = input.at(-1)!.at(-1)!;
      const [zero, one] = [encodeCount[encoding](0), encodeCount[encoding](1)];
      return repeatCopySequence(head(input, input.length - 2, bits), Math.round((shown - zero) / (one - zero)), bits, encoding);
    },
  },
  recall: {
    rows: (input, bits) => input.flatMap((row, t) => (row.slice(bits).every((mark) => mark === 0) ? [t] : [])),
    complete: (input, task) => {
      const [bits, rows] = [bitsOf(task), Number(task.settings.rows)];
      const items = (input.length - 1) / (rows + 1) - 1;
      const [asked, all] = [itemAt(input, items, rows, bits), first(items).map((i) => itemAt(input, i, rows, bits))];
      const query = all.findIndex((item) => same(item, asked));
      return query < 0 || query === items - 1 ? null : recallSequence(all, query, bits);
    },
  },
  sort: {
    rows: (input) => first(input.length - 1),
    complete: (input, task, answers) => {
      const bits = bitsOf(task);
      const priorities = input.slice(0, -1).map((row) => row[bits]!);
      return sortSequence(head(input, input.length - 1, bits), priorities, answers, bits);
    },
  },
};

/** Hexadecimal digits of a row of bits. */
const digits = (bits: number): number => Math.ceil(bits / 4);

const rowOfHex = (hex: string, bits: number): Row => {
  const value = [...hex].flatMap((digit) => [3, 2, 1, 0].map((place) => (Number.parseInt(digit, 16) >> place) & 1));
  return value.slice(value.length - bits);
};

const rowsOf = (values: Float32Array, from: number, to: number, width: number): readonly Row[] =>
  first(to - from).map((i) => [...values.subarray((from + i) * width, (from + i + 1) * width)]);

const shownOf = (sequence: Sequence, { inputs, outputs }: Task): Omit<Shown, 'drawable' | 'bits' | 'drawn'> => {
  const batch = stack([sequence], inputs, outputs);
  if (batch._tag === 'Left') throw new Error(batch.left);
  const { x, target, mask } = batch.right;
  return { steps: stepsOf(sequence), inputs, outputs, input: x, target, mask };
};

/** A cell's sequence, drawn from a seed; with bits in the places of the random ones if they are given. */
export const sequenceOf = (task: Task, { cell, seed, bits }: Wanted): Shown => {
  const [{ steps, x, target, mask }] = task.sequences(cell, 1)(seededRng(seed));
  const random = { steps, inputs: task.inputs, outputs: task.outputs, input: x, target, mask, drawn: false };
  const kind = DRAWABLE[task.name];
  if (!kind) return { ...random, drawable: [], bits: 0 };
  const answerAt = mask.findIndex((value) => value === 1);
  const [given, width] = [rowsOf(x, 0, answerAt, task.inputs), bitsOf(task)];
  const drawable = kind.rows(given, width);
  if (bits === null) return { ...random, drawable, bits: width };
  const size = digits(width);
  if (bits.length !== drawable.length * size || !/^[0-9a-f]*$/.test(bits)) return { ...random, drawable, bits: width };
  const edited = given.map((row, t) => {
    const at = drawable.indexOf(t);
    return at < 0 ? row : [...rowOfHex(bits.slice(at * size, (at + 1) * size), width), ...row.slice(width)];
  });
  const complete = kind.complete(edited, task, steps - answerAt);
  if (complete) return { ...shownOf(complete, task), drawable, bits: width, drawn: true };
  const input = x.slice();
  input.set(edited.flat());
  return { ...random, input, target: new Float32Array(target.length), mask: new Float32Array(steps), drawable, bits: width, drawn: true };
};
