/** What the tasks' sequences look like, row by row. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../src/random.js';
import { copyTask } from '../src/tasks/copy.js';
import { repeatCopyTask } from '../src/tasks/repeat-copy.js';
import { type Batch, lossWeights } from '../src/tasks/task.js';

const range = (bits: number) => ({ bits, minLength: 1, maxLength: 20, minRepeats: 1, maxRepeats: 10 });

/** Row `t` of sequence `b`. */
const row = (values: Float32Array, { batch, inputSteps, answerSteps }: Batch, t: number, b: number): number[] => {
  const width = values.length / (batch * (inputSteps + answerSteps));
  return [...values.subarray((t * batch + b) * width, (t * batch + b + 1) * width)];
};

const zeros = (n: number): number[] => new Array<number>(n).fill(0);

describe('copy', () => {
  it('of 3 × 8 bits has an input of 4 × 9 and a target of 3 × 8', () => {
    const [batch] = copyTask.sequences(range(8), 1, 3, 1)(seededRng(1));
    expect([batch.inputSteps, batch.answerSteps]).toEqual([4, 3]);
    expect(row(batch.x, batch, 3, 0)).toEqual([...zeros(8), 1]);
    for (const t of [0, 1, 2]) {
      expect(row(batch.x, batch, t, 0)).toEqual([...row(batch.target, batch, 4 + t, 0), 0]);
      expect(row(batch.x, batch, 4 + t, 0)).toEqual(zeros(9));
    }
  });

  test.prop([fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 12 }), fc.integer()], { numRuns: 30 })(
    'gives back what it was shown, for any width, batch and length',
    (bits, size, length, seed) => {
      const [batch] = copyTask.sequences(range(bits), size, length, 1)(seededRng(seed));
      for (let b = 0; b < size; b++) for (let t = 0; t < length; t++) expect(row(batch.target, batch, length + 1 + t, b)).toEqual(row(batch.x, batch, t, b).slice(0, bits));
    },
  );
});

describe('repeat copy', () => {
  it('of 3 × 8 bits twice has an input of 5 × 10 ending in 0.2, and a target of 7 × 9 whose last row is the end mark', () => {
    const [batch] = repeatCopyTask('tenth').sequences(range(8), 1, 3, 2)(seededRng(1));
    expect([batch.inputSteps, batch.answerSteps]).toEqual([5, 7]);
    expect(row(batch.x, batch, 3, 0)).toEqual([...zeros(8), 1, 0]);
    expect(row(batch.x, batch, 4, 0)).toEqual([...zeros(9), Math.fround(0.2)]);
    for (let t = 0; t < 6; t++) expect(row(batch.target, batch, 5 + t, 0)).toEqual([...row(batch.x, batch, t % 3, 0).slice(0, 8), 0]);
    expect(row(batch.target, batch, 11, 0)).toEqual([...zeros(8), 1]);
  });

  it('can show the count with zero mean and unit variance over 1 … 10', () => {
    const shown = Array.from({ length: 10 }, (_, i) => {
      const [batch] = repeatCopyTask('normalised').sequences(range(8), 1, 1, i + 1)(seededRng(1));
      return row(batch.x, batch, 2, 0)[9]!;
    });
    expect(shown.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 5);
    expect(shown.reduce((a, b) => a + b * b, 0) / 10).toBeCloseTo(1, 5);
  });
});

describe('sequences', () => {
  test.prop([fc.integer(), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })], { numRuns: 20 })('are a pure function of the random state', (seed, length, repeats) => {
    for (const task of [copyTask, repeatCopyTask('tenth')]) {
      const rng = seededRng(seed);
      const before = [...rng];
      const [first, after] = task.sequences(range(4), 2, length, repeats)(rng);
      const [again, same] = task.sequences(range(4), 2, length, repeats)(rng);
      expect(again).toEqual(first);
      expect(same).toEqual(after);
      expect(rng).toEqual(before);
      expect(after).not.toEqual(before);
    }
  });

  it('weigh answer steps only, with a sum of 1 over all target bits', () => {
    const [batch] = copyTask.sequences(range(8), 3, 4, 1)(seededRng(1));
    const weights = lossWeights(batch, 8);
    expect(weights.slice(0, 15).every((w) => w === 0)).toBe(true);
    expect(weights.reduce((a, b) => a + b, 0) * 8).toBeCloseTo(1, 5);
  });
});
