/** Proves the oracle's models: gradients by central differences, all else by PyTorch in float64 (the fixtures, and literals for what they lack). */
import { describe, expect, it } from 'vitest';
import { centralDifferences } from './differences.js';
import { expectClose } from '../support/close.js';
import { caseOf, loadFixtures } from './fixtures.js';
import { type Architecture, pytorchShapes } from './names.js';
import { oracleForward, type OracleInput, type OracleTensor } from './ntm.js';

const T = 5, B = 2;
const ONE_HEAD_EACH: Architecture = { controller: 'lstm', I: 3, V: 2, H: 4, L: 1, N: 5, M: 3, R: 1, W: 1, S: 3 };

/** A small model whose weights are formulas, so that PyTorch can be given the same ones. Three steps are shown, two judged. */
const small = (changes: Partial<Architecture>, legacyWriteAddressing = false): OracleInput => {
  const model = { ...ONE_HEAD_EACH, ...changes }, { I, V } = model;
  const byName = [...pytorchShapes(model)].sort(([a], [b]) => (a < b ? -1 : 1));
  const weights = new Map(byName.map(([name, shape], j): [string, OracleTensor] =>
    [name, { shape, data: Float64Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(1 + 7 * j + 1.3 * i) * 0.8) }]));
  return {
    weights, legacyWriteAddressing, batch: B,
    input: Float64Array.from({ length: T * B * I }, (_, i) => (i < 3 * B * I ? Math.cos(0.9 * i) : 0)),
    target: Array.from({ length: T * B * V }, (_, i) => (i < 3 * B * V ? 0 : Number((i - 3 * B * V) % 3 === 0))),
    mask: Array.from({ length: T * B }, (_, i) => (i < 3 * B ? 0 : 1)),
  };
};

const expectGradients = (given: OracleInput): void => {
  const gradients = oracleForward(given).gradients();
  expect([...gradients.keys()]).toEqual([...given.weights.keys()]);
  for (const [name, { shape, data }] of given.weights)
    expectClose(gradients.get(name)!, centralDifferences((x) => oracleForward({ ...given, weights: new Map([...given.weights, [name, { shape, data: x }]]) }).loss, Float64Array.from(data)), 1e-6, 1e-9, name);
};

describe('a feed-forward model', () => {
  // Reference: ../shared/baseline/ntm_pytorch.py in float64, same formulas for the weights.
  it.each([
    [false, 0.7084112509229976, [0.416610495131, 0.261733540666, 0.602159541209, 0.124489315917, 0.463245819948, 0.209825829594, 0.604619049588, 0.114960284562]],
    [true, 0.7075837517981742, [0.412726482383, 0.26499741104, 0.599339278578, 0.126305006495, 0.462377737636, 0.210253177419, 0.603691450535, 0.11554945678]],
  ])('legacy write addressing %s: outputs and loss as PyTorch', (legacy, loss, outputs) => {
    const found = oracleForward(small({ controller: 'feed-forward' }, legacy));
    expect(found.loss).toBeCloseTo(loss, 12);
    expectClose(found.outputs.subarray(3 * B * 2), outputs, 0, 1e-11);
  });
  it('first entries of some gradients as PyTorch', () => {
    const gradients = oracleForward(small({ controller: 'feed-forward' })).gradients();
    for (const [name, first] of Object.entries({
      'controller._controller.layer_1.weight': [0.0579764092, 0.03878728418, -0.009755284221],
      'controller._controller.layer_2.bias': [0.07479748588, 0.01699196806, 0.01454450178],
      'memory.initial_read': [0.003108637078, 0.01519040698, 0.005018195069],
      'read_head.gamma_layer.weight': [9.648970247e-5, 0.0003623517103, 0.001555499592],
      'write_head._initial_state': [0.002626310002, -0.001455517837, -0.0005440705098],
    })) expectClose(gradients.get(name)!.subarray(0, 3), first, 1e-8, 0, name);
  });
});

describe('every gradient is that of central differences', () => {
  it.each([
    ['lstm', {}, false],
    ['lstm, legacy', {}, true],
    ['feed-forward', { controller: 'feed-forward' }, false],
    ['feed-forward, legacy', { controller: 'feed-forward' }, true],
    ['gru', { controller: 'gru' }, false],
    ['gru of two layers', { controller: 'gru', L: 2 }, false],
    ['three LSTM layers', { L: 3 }, false],
    ['three LSTM layers without memory', { controller: 'none', L: 3 }, false],
    ['two read heads, three write heads, five taps', { R: 2, W: 3, S: 5 }, false],
    ['three read heads, two write heads, one tap', { R: 3, W: 2, S: 1 }, false],
  ] as const)('%s', (_, changes, legacy) => expectGradients(small({ H: 2, M: 2, ...changes }, legacy)));

  it('a given memory, and a mask of its own for each step and sequence', () => {
    const given = small({ R: 2 });
    const memory: OracleTensor = { shape: [5, 3], data: Float64Array.from({ length: 15 }, (_, i) => Math.cos(2 * i)) };
    expectGradients({ ...given, weights: new Map([...given.weights, ['memory.initial_state', memory]]), mask: [1, 0, 0, 1, 1, 1, 0, 0, 0, 1] });
  });
});

describe('what does not fit is refused', () => {
  it('a missing weight, by name', () => {
    const given = small({});
    expect(() => oracleForward({ ...given, weights: new Map([...given.weights].filter(([name]) => name !== 'read_head.s_layer.bias')) })).toThrow('read_head.s_layer.bias');
  });
  it('legacy write addressing of two heads', () => expect(() => oracleForward(small({ R: 2 }, true))).toThrow('one head each'));
  it('a target of another length', () => expect(() => oracleForward({ ...small({}), target: [0] })).toThrow('target'));
});

const fixtures = await loadFixtures();

it('the fixtures of spec/fixtures are present', () => expect(fixtures.map(([name]) => name)).toEqual(expect.arrayContaining(['copy-gru-two-read-heads.safetensors', 'copy-one-tap-two-write-heads.safetensors', 'recall-two-heads-five-taps.safetensors'])));

describe.each(fixtures)('as PyTorch: %s', (_, fixture) => {
  const given = caseOf(fixture);
  const found = oracleForward(given);
  // Computed in float64 and stored in float32: what differs is the storage.
  it('outputs', () => expectClose(found.outputs.subarray(found.outputs.length - given.outputs.length), given.outputs, 0, 1e-6));
  it('loss', () => expectClose([found.loss], given.loss, 1e-6, 1e-9));
  it.runIf(given.finalMemory)('weightings and final memory', () => {
    expectClose(found.readWeighting, given.readWeighting!, 0, 1e-6, 'read weighting');
    expectClose(found.writeWeighting, given.writeWeighting!, 0, 1e-6, 'write weighting');
    expectClose(found.finalMemory, given.finalMemory!, 1e-6, 1e-6, 'final memory');
  });
  it('every gradient', () => {
    const gradients = found.gradients();
    expect([...gradients.keys()].filter((name) => name !== 'memory.initial_state').sort()).toEqual([...given.gradients.keys()].sort());
    for (const [name, gradient] of given.gradients) expectClose(gradients.get(name)!, gradient, 1e-4, 1e-9, name);
  });
});
