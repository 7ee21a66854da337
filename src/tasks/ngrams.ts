/**
 * Dynamic n-grams (§4.4): bits, each of which is 1 with a probability that depends on the bits just
 * before it, by a table drawn anew for every sequence. Step t shows bit t − 1 (0 at first) and asks for
 * bit t, so that an answer counts at every step. 200 bits have an input and a target of 200 × 1.
 */
import type { Draw } from '../random.js';
import type { Cell } from './cells.js';
import { type Definition, withOptions } from './definition.js';
import { type Answer, bitsOf, crossEntropy, type Measure } from './judge.js';
import { integerOption, type SettingsOf } from './options.js';
import { type Batch, rowOf, type Sequence, tabulate } from './sequences.js';

/** The bits shown one step late, each asked for. */
export const ngramSequence = (bits: readonly number[]): Sequence => ({
  input: [0, ...bits.slice(0, -1)].map((bit) => [bit]),
  target: bits.map((bit) => [bit]),
  mask: bits.map(() => 1),
});

/** The probability of a 1 for each of the 2^(order−1) contexts, from Beta(½, ½), whose quantile of u is sin²(πu/2). */
export const drawTable = ({ uniform }: Draw, order: number): readonly number[] => tabulate(2 ** (order - 1), () => Math.sin((Math.PI / 2) * uniform(0, 1)) ** 2);

/** The context after `bit`: the order−1 bits last seen as a binary number, the latest lowest. */
const next = (context: number, bit: number, order: number): number => (context * 2 + bit) % 2 ** (order - 1);

/** Bits by a table; the first order−1, which have no full context, are fair. */
export const drawBits = ({ uniform }: Draw, table: readonly number[], length: number, order: number): readonly number[] => {
  const bits: number[] = [];
  let context = 0;
  for (let t = 0; t < length; t++) {
    const bit = uniform(0, 1) < (t < order - 1 ? 0.5 : table[context]!) ? 1 : 0;
    bits.push(bit);
    context = next(context, bit, order);
  }
  return bits;
};

/**
 * The optimum (equation 10): the probability of a 1 at each step for who knows all but the table,
 * (N₁ + ½)/(N₁ + N₀ + 1), where N₁ and N₀ count what came after this context before. ½ for the first order−1 bits.
 */
export const optimalPredictions = (bits: ArrayLike<number>, order: number): Float32Array => {
  const ones = new Float64Array(2 ** (order - 1));
  const seen = new Float64Array(2 ** (order - 1));
  let context = 0;
  return Float32Array.from(bits, (bit, t) => {
    const probability = (ones[context]! + 0.5) / (seen[context]! + 1);
    if (t >= order - 1) {
      ones[context]! += bit;
      seen[context]! += 1;
    }
    context = next(context, bit, order);
    return t < order - 1 ? 0.5 : probability;
  });
};

/** Bits that the optimal predictions cost, 1 for each of the first order−1. */
export const optimalBits = (bits: ArrayLike<number>, order: number): number =>
  optimalPredictions(bits, order).reduce((sum, probability, t) => sum + bitsOf(probability, bits[t]!), 0);

const bitsOfSequence = (batch: Batch, b: number): Float32Array => Float32Array.from({ length: batch.steps }, (_, t) => rowOf(batch.target, batch, 1, t, b)[0]!);

const OPTIONS = {
  order: integerOption(6, 'bits of an n-gram: each depends on the order − 1 before it', 1, 16),
  minLength: integerOption(200, 'fewest bits per sequence'),
  maxLength: integerOption(200, 'most bits per sequence'),
};

export type NgramsOptions = SettingsOf<typeof OPTIONS>;

const ABOVE = 'above the optimum';

/** The optimum of the very sequence judged, and how many bits more the model needed. */
const measuresAt = (order: number): readonly Measure[] => {
  const optimum = ({ batch }: Answer, b: number): number => optimalBits(bitsOfSequence(batch, b), order);
  return [
    { name: 'optimum', unit: 'bits', of: optimum },
    { name: ABOVE, unit: 'bits', of: (answer, b) => crossEntropy(answer, b) - optimum(answer, b) },
  ];
};

/** Bits above the optimum, held out, below which a run ends: 1 and room for chance. */
const NEAR = 0.8;

/** Measured in docs/experiments.md. */
const OURS = { readHeads: 2, slots: 64, memoryInit: 'learned', targets: 'expected', initialStrength: 10, squareDecay: 0.99, annealFloor: 0.01, averaging: 0.999 };

export const ngrams = withOptions(OPTIONS, ({ order, minLength, maxLength }): Definition => ({
  name: 'ngrams',
  inputs: 1,
  outputs: 1,
  cells: { length: [minLength, maxLength] },
  least: { length: 1 },
  steps: ({ length }) => length,
  sequence: ({ length }: Cell, draw) => ngramSequence(drawBits(draw, drawTable(draw, order), length, order)),
  measures: measuresAt(order),
  solved: { measure: ABOVE, below: NEAR, lookBelow: 0.01 },
  reference: (batch, b) => optimalPredictions(bitsOfSequence(batch, b), order),
  reproduction: { sequences: 40_000 },
  training: ({ preset, controller }) => ({
    iterations: 30_000,
    ...(preset === 'default' && { ...OURS, ...(controller === 'feed-forward' ? { learningRate: 3e-3 } : { learningRate: 7e-3, annealBelow: 0.05 }) }),
    ...(preset === 'default' && (controller === 'lstm' || controller === 'gru') && { hidden: 64 }),
  }),
}));
