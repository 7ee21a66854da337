/** How answers are judged. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { distance, type Task } from '../../src/tasks/definition.js';
import { builtIn } from '../../src/tasks/index.js';
import { judge } from '../../src/tasks/judge.js';
import { optimalBits } from '../../src/tasks/ngrams.js';
import { type Batch, batchOf, goOn, lossWeights, phases, stack } from '../../src/tasks/sequences.js';
import { drawnBatch } from '../support/batches.js';

const CASES = { numRuns: 100 } as const;
const seeds = fc.integer();
const sizes = fc.integer({ min: 1, max: 4 });

/** Outputs that are the target, moved away from 0 and 1 by `doubt`, and so many steps of nothing. */
const answering = ({ target, steps }: Batch, doubt: number, more: number): Float32Array => {
  const outputs = new Float32Array((target.length / steps) * (steps + more)).fill(doubt);
  outputs.set(target.map((value) => doubt + value * (1 - 2 * doubt)));
  return outputs;
};

describe.each(Object.values(builtIn).map((task): readonly [string, Task] => [task.name, task]))('%s', (_, task) => {
  const cell = task.distribution.cells(3)[0]!;

  test.prop([sizes, seeds, fc.double({ min: 0, max: 0.4, noNaN: true })], CASES)('finds the target itself perfect, at −log₂(1 − doubt) a bit', (size, seed, doubt) => {
    const batch = drawnBatch(task, cell, size, seed);
    const counted = batch.mask.reduce((a, b) => a + b, 0) / size;
    for (const { wrong, perfect, bits } of judge(task.measures, { batch, outputs: answering(batch, doubt, task.more) })) {
      expect([wrong, perfect]).toEqual([0, true]);
      expect(bits).toBeCloseTo(-counted * task.outputs * Math.log2(1 - doubt), 3);
    }
  });

  test.prop([sizes, seeds], CASES)('counts every flipped bit where an answer counts, in its own sequence, and none elsewhere', (size, seed) => {
    const batch = drawnBatch(task, cell, size, seed);
    const outputs = answering(batch, 0.1, task.more);
    const row = batch.mask.lastIndexOf(1);
    outputs[row * task.outputs] = 1 - outputs[row * task.outputs]!;
    const before = batch.mask.indexOf(0);
    if (before >= 0) outputs.fill(0.9, before * task.outputs, (before + 1) * task.outputs);
    const judged = judge(task.measures, { batch, outputs });
    expect(judged.map(({ wrong }) => wrong)).toEqual(Array.from({ length: size }, (_, b) => (b === row % size ? 1 : 0)));
    expect(judged.map(({ perfect }) => perfect)).toEqual(judged.map(({ wrong }) => wrong === 0));
  });
});

it('an output of ½ answers 1, as a logit of 0 does in the kernels', () => {
  const batch = batchOf([{ input: [[0]], answer: [[1, 0]] }], 1, 2);
  expect(judge([], { batch, outputs: Float32Array.of(0, 0, 0.5, 0.5) }).map(({ wrong }) => wrong)).toEqual([1]);
});

it('cross-entropy may be given, by row in nats, and counts where the mask is 1', () => {
  const batch = drawnBatch(builtIn.copy, { length: 2 }, 2, 1);
  const nats = Float32Array.from({ length: 10 }, (_, i) => i * Math.LN2);
  const judged = judge([], { batch, outputs: new Float32Array(10 * 8), nats });
  expect(judged[0]!.bits).toBeCloseTo(6 + 8, 5);
  expect(judged[1]!.bits).toBeCloseTo(7 + 9, 5);
});

it('an answer that is as wrong as can be costs a finite number of bits', () => {
  const batch = batchOf([{ input: [[0]], answer: [[1]] }], 1, 1);
  expect(judge([], { batch, outputs: new Float32Array(2) })[0]!.bits).toBeCloseTo(100 / Math.LN2, 3);
});

describe('the end mark of repeat copy', () => {
  const batch = drawnBatch(builtIn.repeatCopy, { length: 2, repeats: 2 }, 1, 1);
  const marked = (...steps: readonly number[]): Float32Array => {
    const outputs = answering(batch, 0.1, 2);
    for (let t = batch.steps - 5; t < batch.steps + 2; t++) outputs[t * 9 + 8] = steps.includes(t - batch.steps + 5) ? 0.9 : 0.1;
    return outputs;
  };
  it.each([
    ['once, in its place', [4], 1],
    ['never', [], 0],
    ['too early', [3], 0],
    ['too early as well', [3, 4], 0],
    ['again one step past the end', [4, 5], 0],
    ['again two steps past the end', [4, 6], 0],
  ])('%s', (_, steps, share) => {
    const [{ own, perfect, wrong }] = judge(builtIn.repeatCopy.measures, { batch, outputs: marked(...steps) }) as [ReturnType<typeof judge>[number]];
    expect(own['end mark']).toBe(share);
    expect(perfect).toBe(share === 1 && wrong === 0);
  });
});

describe('n-grams', () => {
  test.prop([sizes, seeds], CASES)('are judged by the optimum of the very sequence: the reference is at no distance from it', (size, seed) => {
    const batch = drawnBatch(builtIn.ngrams, { length: 50 }, size, seed);
    const outputs = new Float32Array(50 * size);
    for (let b = 0; b < size; b++) builtIn.ngrams.reference!(batch, b).forEach((value, t) => (outputs[t * size + b] = value));
    judge(builtIn.ngrams.measures, { batch, outputs }).forEach((judgement, b) => {
      const bits = Array.from({ length: 50 }, (_, t) => batch.target[t * size + b]!);
      expect(judgement.own.optimum).toBeCloseTo(optimalBits(bits, 6), 6);
      expect(judgement.bits).toBeCloseTo(judgement.own.optimum!, 4);
      expect(distance(builtIn.ngrams, judgement)).toBeCloseTo(0, 4);
    });
  });

  it('count the first five bits as one bit each', () => {
    const batch = drawnBatch(builtIn.ngrams, { length: 5 }, 1, 1);
    expect(judge(builtIn.ngrams.measures, { batch, outputs: new Float32Array(5).fill(0.5) })[0]).toMatchObject({ bits: 5, own: { optimum: 5, 'above the optimum': 0 } });
  });
});

describe('a batch', () => {
  test.prop([fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 })], CASES)('follows shorter sequences by steps that do not count', (lengths) => {
    const batch = batchOf(lengths.map((length) => ({ input: [[1]], answer: Array.from({ length }, () => [1]) })), 1, 1);
    expect(batch.steps).toBe(1 + Math.max(...lengths));
    lengths.forEach((length, b) => {
      expect(Array.from({ length: batch.steps }, (_, t) => batch.mask[t * lengths.length + b])).toEqual(Array.from({ length: batch.steps }, (_, t) => (t >= 1 && t <= length ? 1 : 0)));
      expect(phases(batch, b)).toEqual({ input: { from: 0, to: 1 }, answer: { from: 1, to: 1 + length } });
    });
  });

  test.prop([sizes, seeds, fc.integer({ min: 0, max: 3 })], CASES)('goes on for steps of nothing, which count or do not', (size, seed, extra) => {
    const batch = drawnBatch(builtIn.copy, { length: 3 }, size, seed);
    for (const counts of [0, 1] as const) {
      const longer = goOn(batch, extra, counts);
      expect(longer.x).toEqual(Float32Array.from([...batch.x, ...new Float32Array(extra * size * 9)]));
      expect(longer.target).toEqual(Float32Array.from([...batch.target, ...new Float32Array(extra * size * 8)]));
      expect(longer.mask).toEqual(Float32Array.from([...batch.mask, ...new Float32Array(extra * size).fill(counts)]));
    }
  });

  test.prop([sizes, seeds], CASES)('weighs the rows that count alike, with a sum of 1 over all target bits', (size, seed) => {
    const batch = drawnBatch(builtIn.repeatCopy, { length: 3, repeats: 2 }, size, seed);
    const weights = lossWeights(batch, 9);
    weights.forEach((weight, i) => expect(weight).toBe(batch.mask[i] === 1 ? Math.fround(1 / (7 * size * 9)) : 0));
  });

  it.each([
    [[{ input: [[0, 1], [1]], answer: [[1]] }], 'sequence 0: input row 1 has 1 channels instead of 2'],
    [[{ input: [[0, 1]], answer: [[1]] }, { input: [[0, 1]], answer: [[1], [1, 0]] }], 'sequence 1: answer row 1 has 2 channels instead of 1'],
    [[{ input: [[0, 1]], target: [[1], [0]], mask: [1] }], 'sequence 0: input has 1 rows, target 2: they go step by step'],
    [[{ input: [[0, 1]], target: [[1]], mask: [1, 0] }], 'sequence 0: input has 1 rows, mask 2 numbers: they go step by step'],
  ])('of %j is refused', (sequences, message) => expect(stack(sequences, 2, 1)).toEqual({ _tag: 'Left', left: message }));

  it('says where n-grams are shown and answered: everywhere', () => {
    expect(phases(drawnBatch(builtIn.ngrams, { length: 200 }, 1, 1), 0)).toEqual({ input: { from: 0, to: 200 }, answer: { from: 0, to: 200 } });
  });
});
