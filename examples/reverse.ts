/**
 * A task of one's own: vectors are shown, and are to be given back last first.
 *
 *     ntm train ./examples/reverse.ts
 *
 * This file is all there is to it. Copy it and change what a sequence is:
 * - `inputs` and `outputs` are how many numbers the model sees and answers at each step;
 * - `cells` are the sizes trained on, here lengths from 1 to 10;
 * - `sequence` draws one sequence of a size: rows that are shown, then rows of 0s and 1s that are to be
 *   answered while nothing is shown. Draw with `integer(low, high)`, `uniform(low, high)` or
 *   `normal(deviation)`, never with Math.random: a seed then gives the same run again.
 */
import type { TaskDefinition } from 'ntm-gpu';

const BITS = 8;
const END = [...new Array<number>(BITS).fill(0), 1];

export default {
  name: 'reverse',
  inputs: BITS + 1,
  outputs: BITS,
  cells: { length: [1, 10] },
  sequence: ({ length }, { integer }) => {
    const vectors = Array.from({ length }, () => Array.from({ length: BITS }, () => integer(0, 1)));
    return { input: [...vectors.map((vector) => [...vector, 0]), END], answer: vectors.toReversed() };
  },
  // What an evaluation looks at: the longest trained on, and twice that.
  shown: { reported: [{ length: 10 }, { length: 20 }] },
} satisfies TaskDefinition;
