/**
 * Copy (§4.1): a sequence of random vectors, a delimiter on its own channel, then the same vectors
 * are to be given back. A sequence of 3 × 8 bits has an input of 4 × 9 and a target of 3 × 8.
 */
import { pipe } from 'fp-ts/lib/function.js';
import * as State from 'fp-ts/lib/State.js';
import { random, type Random } from '../random.js';
import { type Cell, type Distribution, uniformly } from './cells.js';
import { type Definition, withOptions } from './definition.js';
import { integerOption, type SettingsOf } from './options.js';
import { type Batch, batchOf, drawVectors, type Sequence, tabulate, type Vectors } from './sequences.js';

/** The vectors [length, bits] with the delimiter after them; the answer is the vectors. */
export const copySequence = (vectors: Vectors, bits: number): Sequence => ({
  input: [...vectors.map((vector) => [...vector, 0]), [...new Array<number>(bits).fill(0), 1]],
  answer: vectors,
});

/** Bits are drawn step by step through the whole batch. */
const sequences = (bits: number) => ({ length }: Cell, batch: number): Random<Batch> =>
  random((draw) => {
    const drawn = tabulate(length, () => drawVectors(draw, batch, bits));
    return batchOf(tabulate(batch, (b) => copySequence(drawn.map((step) => step[b]!), bits)), bits + 1, bits);
  });

/** Lengths, all equally likely. As ever a second number is drawn, so that a seed goes on giving the run that it gave. */
const lengthsFrom = (from: number, to: number): Distribution => ({
  ...uniformly({ length: [from, to] }),
  draw: (reach) => pipe(uniformly({ length: [from, to], second: [1, 1] }).draw(reach), State.map(({ length }) => ({ length }))),
});

const OPTIONS = {
  bits: integerOption(8, 'bits per vector'),
  minLength: integerOption(1, 'shortest sequence'),
  maxLength: integerOption(20, 'longest sequence'),
};

export type CopyOptions = SettingsOf<typeof OPTIONS>;

export const copy = withOptions(OPTIONS, ({ bits, minLength, maxLength }): Definition => {
  const lengths = (...times: readonly number[]): readonly Cell[] => times.map((factor) => ({ length: Math.round(factor * maxLength) }));
  return {
    name: 'copy',
    inputs: bits + 1,
    outputs: bits,
    cells: { length: [minLength, maxLength] },
    least: { length: 1 },
    distribution: lengthsFrom(minLength, maxLength),
    sequences: sequences(bits),
    steps: ({ length }) => 2 * length + 1,
    shown: { reported: lengths(1, 2, 4, 5, 6), drawn: lengths(1, 5), beyond: lengths(1.5, 3, 4.5) },
    reproduction: { sequences: 40_000 },
    training: ({ preset, controller }) => ({
      iterations: 50_000,
      ...(preset === 'default' && controller !== 'feed-forward' && { initialFocus: 10, initialAdvance: 5, learningRate: 1e-2, weightDecay: 0.05 }),
    }),
  };
});
