/**
 * Priority sort (§4.5): vectors, each with a priority from −1 to 1 on a channel of its own, then a row
 * with the delimiter; the answer is the vectors of the highest priorities, highest first, each whole.
 * 20 vectors of 8 bits of which 16 are answered have an input of 21 × 10 and a target of 16 × 8.
 */
import type { Draw } from '../random.js';
import type { Cell } from './cells.js';
import { type Definition, withOptions } from './definition.js';
import { integerOption, type SettingsOf } from './options.js';
import { drawVectors, type Sequence, tabulate, type Vectors } from './sequences.js';

/** The vectors [length, bits] with their priorities [length], of which the highest `answers` are to be given back. */
export const sortSequence = (vectors: Vectors, priorities: readonly number[], answers: number, bits: number): Sequence => ({
  input: [...vectors.map((vector, i) => [...vector, priorities[i]!, 0]), [...new Array<number>(bits).fill(0), 0, 1]],
  answer: vectors
    .map((vector, i) => ({ vector, priority: priorities[i]! }))
    .sort((a, b) => b.priority - a.priority)
    .slice(0, answers)
    .map(({ vector }) => vector),
});

/** How many of `length` vectors are answered, when it is not said: four of five. */
const FOUR_OF_FIVE = 0;
const answersOf = (answers: number, length: number): number => (answers === FOUR_OF_FIVE ? Math.max(1, Math.floor((length * 4) / 5)) : Math.min(answers, length));

/** Priorities are rounded as they are shown, before they are compared. */
const sequence = (bits: number, answers: number) => ({ length }: Cell, draw: Draw): Sequence => {
  const vectors = drawVectors(draw, length, bits);
  const priorities = tabulate(length, () => Math.fround(draw.uniform(-1, 1)));
  return sortSequence(vectors, priorities, answersOf(answers, length), bits);
};

const OPTIONS = {
  bits: integerOption(8, 'bits per vector'),
  minLength: integerOption(20, 'fewest vectors'),
  maxLength: integerOption(20, 'most vectors'),
  answers: integerOption(FOUR_OF_FIVE, 'vectors answered, at most all; 0: four of five', 0),
};

export type SortOptions = SettingsOf<typeof OPTIONS>;

/** The paper's (tables 1 and 2), and ours (docs/experiments.md). */
const PAPERS = { recurrent: { readHeads: 5, writeHeads: 5, layers: 2 }, feedForward: { readHeads: 8, writeHeads: 8, hidden: 512 } };
const OURS = { iterations: 60_000, slots: 32, writeHeads: 2, initialFocus: 10, initialStrength: 10, initialAdvance: 5, learningRate: 1e-2, annealBelow: 0.5, annealFloor: 0.05, averaging: 0.998 } as const;

export const sort = withOptions(OPTIONS, ({ bits, minLength, maxLength, answers }): Definition => ({
  name: 'sort',
  inputs: bits + 2,
  outputs: bits,
  cells: { length: [minLength, maxLength] },
  least: { length: 1 },
  sequence: sequence(bits, answers),
  steps: ({ length }) => length + 1 + answersOf(answers, length),
  reproduction: { sequences: 100_000 },
  training: ({ preset, controller }) => ({
    iterations: 200_000,
    ...(controller === 'feed-forward' ? PAPERS.feedForward : preset === 'default' ? OURS : PAPERS.recurrent),
  }),
}));
