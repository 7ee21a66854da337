/**
 * Repeat copy (§4.2): random vectors, a delimiter, the number of repeats on a channel of its own; the
 * answer is the vectors that many times, then an end mark. A sequence of 3 × 8 bits to be given twice,
 * of at most 10, has an input of 5 × 10 whose last row ends in 0.2, and a target of 7 × 9 whose last
 * row is the end mark alone.
 */
import { random, type Random } from '../random.js';
import type { Cell } from './cells.js';
import { type Definition, withOptions } from './definition.js';
import { isOne, type Measure } from './judge.js';
import { integerOption, type SettingsOf } from './options.js';
import { type Batch, batchOf, drawVectors, type Sequence, tabulate, type Vectors } from './sequences.js';

/** How the number of repeats is shown: count/10, or with zero mean and unit variance over 1 … 10. */
export type CountEncoding = 'tenth' | 'normalised';

const MEAN = 5.5;
const DEVIATION = Math.sqrt(8.25);

export const encodeCount: Readonly<Record<CountEncoding, (repeats: number) => number>> = {
  tenth: (repeats) => repeats / 10,
  normalised: (repeats) => (repeats - MEAN) / DEVIATION,
};

const zeros = (count: number): readonly number[] => new Array<number>(count).fill(0);

/** The vectors [length, bits], the delimiter, the count; the answer is the vectors `repeats` times and the end mark. */
export const repeatCopySequence = (vectors: Vectors, repeats: number, bits: number, encoding: CountEncoding): Sequence => {
  const answered = vectors.map((vector) => [...vector, 0]);
  return {
    input: [...vectors.map((vector) => [...vector, 0, 0]), [...zeros(bits), 1, 0], [...zeros(bits), 0, encodeCount[encoding](repeats)]],
    answer: [...tabulate(repeats, () => answered).flat(), [...zeros(bits), 1]],
  };
};

const sequences = (bits: number, encoding: CountEncoding) => ({ length, repeats }: Cell, batch: number): Random<Batch> =>
  random((draw) => {
    const one = (): Sequence => repeatCopySequence(drawVectors(draw, length, bits), repeats, bits, encoding);
    return batchOf(tabulate(batch, one), bits + 2, bits + 1);
  });

/** Steps that a model goes on for after the target's end, to see that the mark is not repeated. */
const MORE = 2;

/** Whether the end mark, the last channel, stands once, at the answer's last step, up to two steps past the target's end. */
const endMark: Measure = {
  name: 'end mark',
  unit: 'share',
  of: ({ batch: { steps, batch, target, mask }, outputs }, b) => {
    const V = target.length / (steps * batch);
    const start = Array.from({ length: steps }, (_, t) => t).findIndex((t) => mask[t * batch + b] === 1);
    const marks = Array.from({ length: outputs.length / (batch * V) - start }, (_, i) => isOne(outputs[((start + i) * batch + b) * V + V - 1]!));
    return marks.every((marked, i) => marked === (start + i === steps - 1)) ? 1 : 0;
  },
};

const OPTIONS = {
  bits: integerOption(8, 'bits per vector'),
  minLength: integerOption(1, 'shortest sequence'),
  maxLength: integerOption(10, 'longest sequence'),
  minRepeats: integerOption(1, 'fewest repeats'),
  maxRepeats: integerOption(10, 'most repeats'),
  countEncoding: { default: 'tenth', choices: ['tenth', 'normalised'], help: 'tenth (count/10) or normalised' },
} as const;

export type RepeatCopyOptions = SettingsOf<typeof OPTIONS>;

export const repeatCopy = withOptions(OPTIONS, ({ bits, minLength, maxLength, minRepeats, maxRepeats, countEncoding }): Definition => {
  const times = (length: number, repeats: number): Cell => ({ length: Math.round(length * maxLength), repeats: Math.round(repeats * maxRepeats) });
  return {
    name: 'repeat-copy',
    inputs: bits + 2,
    outputs: bits + 1,
    cells: { length: [minLength, maxLength], repeats: [minRepeats, maxRepeats] },
    least: { length: 1, repeats: 1 },
    sequences: sequences(bits, countEncoding),
    steps: ({ length, repeats }) => length + 2 + length * repeats + 1,
    more: MORE,
    measures: [endMark],
    shown: { reported: [times(1, 1), times(1, 2), times(2, 1)], drawn: [times(1, 1), times(1, 2), times(2, 1)], beyond: [times(1.5, 1)] },
    reproduction: { sequences: 60_000 },
    training: ({ preset, controller }) => ({
      iterations: 100_000,
      ...(preset === 'default' && { trailing: 2, annealFloor: 0.1, averaging: 0.998 }),
      ...(preset === 'default' && controller !== 'feed-forward' && { initialFocus: 10, curriculum: 4 }),
    }),
  };
});
