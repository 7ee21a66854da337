/**
 * Models of the whole family, drawn: any controller, heads, taps and sizes, with answers anywhere. On every
 * backend they do what the float64 oracle does, whatever else is in the batch.
 */
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import type { ModelShape } from '../../src/model/shapes.js';
import { stateEntries } from '../../src/model/state-dict.js';
import { compare } from '../oracle/differences.js';
import { pytorchShapes } from '../oracle/names.js';
import { oracleForward } from '../oracle/ntm.js';
import { type DrawnModel, examples, models, PATIENCE } from '../support/arbitraries.js';
import { eachBackend } from '../support/backends.js';
import { type ModelCase, type ModelRun, runModel } from '../support/model.js';
import { anySequences, rowOf, type Sequences } from '../support/sequences.js';
import { drawn, uniforms } from '../support/values.js';

/** Float32 rounding over at most 5 steps. */
const FORWARD = 2e-6;
const GRADIENT = 5e-5;

const shapeOf = ({ controller, I, V, H, L, N, M, R, W, S, legacyWriteAddressing, learnsMemory }: DrawnModel): ModelShape => ({
  controller, inputs: I, outputs: V, hidden: H, layers: L, slots: N, width: M, readHeads: R, writeHeads: W, taps: S, memoryInit: learnsMemory ? 'learned' : 'constant', legacyWriteAddressing,
});

interface Case extends ModelCase {
  readonly weights: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;
}

/** Weights at which gradients flow through every gate and head, and sequences. */
const caseOf = (model: DrawnModel, seed: number): Case => {
  const shapes = [...pytorchShapes(model), ...(model.learnsMemory ? [['memory.initial_state', [model.N, model.M]] as const] : [])];
  return drawn(seed, (draw) => {
    const weights = new Map(shapes.map(([name, shape]) => [name, { shape, data: uniforms(draw, shape.reduce((a, b) => a * b), -1, 1) }]));
    return { shape: shapeOf(model), weights, ...anySequences(draw, model) };
  });
};

const expectAsOracle = (given: Case, actual: ModelRun): void => {
  const expected = oracleForward({ ...given, legacyWriteAddressing: given.shape.legacyWriteAddressing });
  for (const name of ['outputs', 'readWeighting', 'writeWeighting'] as const) expect(compare(actual[name], expected[name]).largest, name).toBeLessThan(FORWARD);
  const memory = compare(actual.memory, expected.finalMemory);
  expect(memory.largest, 'memory').toBeLessThan(FORWARD * Math.max(1, memory.scale));
  expect(Math.abs(actual.loss - expected.loss), 'loss').toBeLessThan(FORWARD);
  const gradients = expected.gradients();
  expect([...actual.gradients.keys()].sort()).toEqual([...gradients.keys()].sort());
  for (const [name, { data }] of actual.gradients) {
    const { largest, scale } = compare(data, gradients.get(name)!);
    expect(largest, `gradient of ${name}`).toBeLessThan(GRADIENT * scale + 1e-8);
  }
};

/** Each N numbers of a weighting. */
const expectWeightings = (weightings: ArrayLike<number>, N: number): void => {
  const values = Array.from(weightings);
  expect(values.every((v) => v >= 0), 'weightings are ≥ 0').toBe(true);
  const sums = Array.from({ length: values.length / N }, (_, i) => values.slice(i * N, (i + 1) * N).reduce((a, b) => a + b, 0));
  expect(compare(sums, sums.map(() => 1)).largest, 'weightings sum to 1').toBeLessThan(1e-6);
};

/** One sequence of the batch gives, alone, what it gives in the batch. */
const expectIndependent = (together: ModelRun, alone: ModelRun, { batch, mask }: Sequences, b: number): void => {
  for (const name of ['outputs', 'readWeighting', 'writeWeighting'] as const)
    expect(compare(alone[name], rowOf(together[name], batch, mask.length / batch, b)).largest, `${name} of sequence ${b} alone`).toBeLessThan(1e-6);
};

const sequence = ({ batch, input, target, mask }: Sequences, b: number): Sequences => {
  const of = (values: Float32Array): Float32Array => rowOf(values, batch, mask.length / batch, b);
  return { batch: 1, input: of(input), target: of(target), mask: of(mask).with(0, 1) };
};

eachBackend('the family', (backend) => {
  describe('100 models', () => {
    test.prop([models, fc.nat()], examples(backend, 100))('are the oracle’s, their weightings are weightings, and batch rows are independent', async (model, seed) => {
      const given = caseOf(model, seed);
      expect(stateEntries(given.shape).map(({ name, shape }) => [name, [...shape]]).sort()).toEqual([...given.weights].map(([name, { shape }]) => [name, [...shape]]).sort());
      const actual = await runModel(backend, given);
      expectAsOracle(given, actual);
      if (model.controller !== 'none') [actual.readWeighting, actual.writeWeighting].forEach((weightings) => expectWeightings(weightings, model.N));
      const b = seed % model.batch;
      if (model.batch > 1) expectIndependent(actual, await runModel(backend, { ...given, ...sequence(given, b) }), given, b);
    }, PATIENCE);
  });
});
