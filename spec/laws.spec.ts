/** What holds for every input, whatever its size, on every backend. */
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activation } from '../kernels/activation.js';
import { gru } from '../kernels/gru.js';
import { heads } from '../kernels/heads.js';
import { lstm } from '../kernels/lstm.js';
import { addressingBackward, addressingForward, sharpeningBackward, sharpeningForward, shiftBackward, shiftForward } from '../src/model/addressing.js';
import { readingForward, writingForward } from '../src/model/memory.js';
import type { Recorder } from '../src/program/graph.js';
import { compare } from './oracle/differences.js';
import { sharpen } from './oracle/operations.js';
import { EXAMPLES, numbers, weightings } from './support/arbitraries.js';
import { eachBackend } from './support/backends.js';
import { runProgram } from './support/program.js';
import { useProgram } from './support/run.js';

/** Two read heads and a write head. */
const [K, N, M, S] = [3, 13, 5, 5];
const MANY = { ...EXAMPLES, numRuns: 25 };

/** Of float32. Backends flush smaller numbers to 0, or round them coarsely. */
const SMALLEST_NORMAL = 2 ** -126;

/** Of any magnitude: as many below 1e-10 as above 1. */
const anySize = (length: number, limit: number, min = -limit): fc.Arbitrary<Float32Array> => fc.float32Array({ minLength: length, maxLength: length, min, max: limit, noNaN: true });

const sums = (values: Float32Array, width: number): number[] =>
  Array.from({ length: values.length / width }, (_, row) => values.subarray(row * width, (row + 1) * width).reduce((a, b) => a + b, 0));

const oneHot = (length: number, at: number): Float32Array => new Float32Array(length).with(at, 1);
const filled = (length: number, value: number): Float32Array => new Float32Array(length).fill(value);

/** Addressing of all heads from their parameters, and back from dw. */
const addressing = (recorder: Recorder): void => {
  const head = { k: recorder.input('k', [K, M]), beta: recorder.input('beta', [K]), g: recorder.input('g', [K]), s: recorder.input('s', [K, S]), gamma: recorder.input('gamma', [K]) };
  const [memory, previous, dw] = [recorder.input('memory', [M, N]), recorder.input('previous', [K, N]), recorder.input('dw', [K, N])];
  recorder.section('forward');
  const { out, saved } = addressingForward(recorder, head, memory, previous, false);
  recorder.expose('w', out);
  recorder.section('backward');
  Object.entries(addressingBackward(recorder, saved, dw)).forEach(([name, tensor]) => recorder.expose(name, tensor));
};

/** Sharpening of all heads, and back. */
const sharpened = (slots: number) => (recorder: Recorder): void => {
  const [gamma, shifted, dw] = [recorder.input('gamma', [K]), recorder.input('shifted', [K, slots]), recorder.input('dw', [K, slots])];
  recorder.section('forward');
  const { out, saved } = sharpeningForward(recorder, { shifted, gamma });
  Object.entries({ w: out, ...sharpeningBackward(recorder, saved, dw) }).forEach(([name, tensor]) => recorder.expose(name, tensor));
};

eachBackend('weightings', (backend) => {
  describe('of heads and memories of any magnitude', () => {
    const run = useProgram(backend, addressing, { batch: 1, sections: ['forward', 'backward'] });
    const head = fc.record({ k: anySize(K * M, 1000), beta: anySize(K, 1000, 0), g: anySize(K, 1, 0), s: weightings(K, S), gamma: numbers(K, 1, 50) });

    test.prop([head, anySize(M * N, 1e6), weightings(K, N), numbers(K * N)], MANY)('sum to 1 and are never negative; their gradients are finite', async (parameters, memory, previous, dw) => {
      const { w, ...gradients } = await run({ inputs: { ...parameters, memory, previous, dw } });
      expect(Math.min(...w)).toBeGreaterThanOrEqual(0);
      expect(compare(sums(w, N), filled(K, 1)).largest).toBeLessThan(1e-5);
      for (const [name, values] of Object.entries(gradients)) expect(values.every(Number.isFinite), name).toBe(true);
    });

    test.prop([weightings(K, N), weightings(K, S), numbers(K * N)], EXAMPLES)('zero memory and zero key: the uniform weighting, finite gradients', async (previous, s, dw) => {
      const { w, ...gradients } = await run({ inputs: { k: new Float32Array(K * M), beta: filled(K, 3), g: filled(K, 1), s, gamma: filled(K, 2), memory: new Float32Array(M * N), previous, dw } });
      expect(compare(w, filled(K * N, 1 / N)).largest).toBeLessThan(1e-6);
      for (const [name, values] of Object.entries(gradients)) expect(values.every(Number.isFinite), name).toBe(true);
    });
  });

  describe.each([[3, 1], [3, 3], [6, 5], [7, 7], [91, 3], [128, 5]])('shifted, N = %d by %d taps', (slots, taps) => {
    const C = (taps - 1) / 2;
    const run = useProgram(
      backend,
      (recorder) => {
        const [wg, s] = [recorder.input('wg', [2, slots]), recorder.input('s', [2, taps])];
        recorder.section('forward');
        const { out, saved } = shiftForward(recorder, { wg, s });
        recorder.expose('shifted', out);
        recorder.expose('back', shiftBackward(recorder, saved, wg).dwg);
      },
      { batch: 1 },
    );
    const rotated = (w: Float32Array, by: number): number[] => Array.from(w, (_, n) => w[(n - by + slots) % slots]);

    test.prop([weightings(2, slots)], EXAMPLES)('by a whole number of slots: a rotation at every slot, and its gradient the opposite one', async (wg) => {
      const [first, second] = [wg.subarray(0, slots), wg.subarray(slots)];
      for (let by = -C; by <= C; by++) {
        const actual = await run({ inputs: { wg, s: Float32Array.of(...oneHot(taps, C - by), ...oneHot(taps, C + by)) } });
        expect([...actual.shifted]).toEqual([...rotated(first, by), ...rotated(second, -by)]);
        expect([...actual.back]).toEqual([...rotated(first, -by), ...rotated(second, by)]);
      }
    });

    test.prop([weightings(2, slots), weightings(2, taps)], EXAMPLES)('conserve mass', async (wg, s) => {
      const { shifted } = await run({ inputs: { wg, s } });
      expect(compare(sums(shifted, slots), [1, 1]).largest).toBeLessThan(1e-6);
    });
  });

  describe('sharpened', () => {
    const [run, runLarge] = [useProgram(backend, sharpened(N), { batch: 1 }), useProgram(backend, sharpened(128), { batch: 1 })];

    test.prop([fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: K * (N - 1), maxLength: K * (N - 1) }), numbers(K, 1, 50)], MANY)('keep their order', async (counts, gamma) => {
      const shifted = Float32Array.from({ length: K * N }, (_, i) => (i % N === N - 1 ? 1 : counts[i - Math.floor(i / N)] / 1000));
      const { w } = await run({ inputs: { gamma, shifted } });
      for (let k = 0; k < K; k++) {
        const [before, after] = [shifted.subarray(k * N, (k + 1) * N), w.subarray(k * N, (k + 1) * N)];
        const ascending = Array.from(before.keys()).sort((a, b) => before[a] - before[b] || after[a] - after[b]);
        ascending.slice(1).forEach((n, i) => expect(after[n]).toBeGreaterThanOrEqual(after[ascending[i]] - SMALLEST_NORMAL));
      }
    });

    test.prop([weightings(K, 128)], EXAMPLES)('by γ = 25 over 128 nearly equal slots: right, neither zeros nor NaN', async (given) => {
      const [gamma, shifted] = [filled(K, 25), given.map((v) => (v + 1) / 129)];
      const { w } = await runLarge({ inputs: { gamma, shifted } });
      expect(compare(w, sharpen({ w: shifted, gamma }, { B: K, N: 128 }).out).largest).toBeLessThan(1e-6);
      expect(Math.min(...w)).toBeGreaterThan(0);
      expect(compare(sums(w, 128), filled(K, 1)).largest).toBeLessThan(1e-5);
    });

    test.prop([weightings(K, N), numbers(K * N), fc.nat(N - 2), numbers(K, 1, 50)], EXAMPLES)('0^γ is 0 and has gradient 0', async (given, dw, at, gamma) => {
      const shifted = given.map((v, i) => (i % N === at || i % N === at + 1 ? 0 : v));
      const actual = await run({ inputs: { gamma, shifted, dw } });
      for (let i = at; i < K * N; i += N) expect([actual.w[i], actual.dshifted[i], actual.w[i + 1], actual.dshifted[i + 1]]).toEqual([0, 0, 0, 0]);
      expect([...actual.dshifted, ...actual.dgamma].every(Number.isFinite)).toBe(true);
    });
  });
});

eachBackend('memory', (backend) => {
  const run = useProgram(
    backend,
    (recorder) => {
      const [memory, reading] = [recorder.input('memory', [M, N]), recorder.input('reading', [1, N])];
      const [w, e, a] = [recorder.input('w', [2, N]), recorder.input('e', [2, M]), recorder.input('a', [2, M])];
      recorder.section('forward');
      const written = writingForward(recorder, { memory, w, e, a });
      recorder.expose('r', readingForward(recorder, { memory: written.out, reading }).out);
    },
    { batch: 1 },
  );

  test.prop([anySize(M * N, 1e6), numbers(M), numbers(M), fc.nat(N - 1), fc.nat(N - 2)], MANY)('erase 1, then add a, at one slot reads back a exactly, whatever another head writes elsewhere', async (memory, a, other, at, steps) => {
    const inputs = { memory, reading: oneHot(N, at), w: Float32Array.of(...oneHot(N, at), ...oneHot(N, (at + 1 + steps) % N)), e: filled(2 * M, 1), a: Float32Array.of(...a, ...other) };
    expect([...(await run({ inputs })).r]).toEqual([...a]);
  });

  test.prop([anySize(M * N, 1e6), fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 2 * M, maxLength: 2 * M }), fc.nat(N - 1)], MANY)('two heads that erase and add at one slot leave the sum of what they add', async (memory, counts, at) => {
    const a = Float32Array.from(counts);
    const inputs = { memory, reading: oneHot(N, at), w: Float32Array.of(...oneHot(N, at), ...oneHot(N, at)), e: filled(2 * M, 1), a };
    expect([...(await run({ inputs })).r]).toEqual(Array.from({ length: M }, (_, m) => a[m] + a[M + m]));
  });
});

eachBackend('activations', (backend) => {
  it.each([1000, -1000])('at %d are finite and right in the heads', async (v) => {
    const actual = await runProgram(
      backend,
      (recorder) => {
        const [z, logits] = [recorder.input('z', [3]), recorder.input('logits', [2, 3])];
        recorder.section('forward');
        for (const name of ['sigmoid', 'softplus', 'onePlusSoftplus', 'rectifier'] as const) recorder.expose(name, recorder.apply(activation[name], { z }));
        recorder.expose('s', recorder.apply(heads.shift, { z: logits }));
      },
      { batch: 1, inputs: { z: filled(3, v), logits: Float32Array.of(v, 0, 0, 0, -v, 0) } },
    );
    const [one, thousand] = [v > 0 ? 1 : 0, v > 0 ? 1000 : 0];
    for (const [name, expected] of [['sigmoid', one], ['softplus', thousand], ['onePlusSoftplus', 1 + thousand], ['rectifier', thousand]] as const) expect(compare(actual[name], filled(3, expected)).largest, name).toBeLessThan(1e-30);
    expect(compare(actual.s, v > 0 ? [1, 0, 0, 0.5, 0, 0.5] : [0, 0.5, 0.5, 0, 1, 0]).largest).toBeLessThan(1e-6);
  });

  it.each([1000, -1000])('at %d are finite and right in the LSTM and the GRU', async (v) => {
    const { gates, h, reset, candidate } = await runProgram(
      backend,
      (recorder) => {
        const [z, c, a, b, n] = [recorder.input('z', [4, 1]), recorder.input('c', [1]), recorder.input('a', [2, 1]), recorder.input('b', [2, 1]), recorder.input('n', [1])];
        recorder.section('forward');
        const activated = recorder.apply(lstm.activate, { z });
        recorder.expose('gates', activated);
        recorder.expose('h', recorder.apply(lstm.hidden, { gates: activated, c }));
        recorder.expose('reset', recorder.apply(gru.activate, { a, b }));
        recorder.expose('candidate', recorder.apply(gru.candidate, { a: n, b: n, reset: c }));
      },
      { batch: 1, inputs: { z: Float32Array.of(v, v, v, 1000), c: Float32Array.of(v), a: Float32Array.of(v, 0), b: Float32Array.of(0, v), n: Float32Array.of(1) } },
    );
    expect(compare(gates, v > 0 ? [1, 1, 1, 1] : [0, 0, -1, 1]).largest).toBeLessThan(1e-30);
    expect(compare(reset, v > 0 ? [1, 1] : [0, 0]).largest).toBeLessThan(1e-30);
    expect([...h, ...candidate]).toEqual([Math.sign(v), Math.sign(v)]);
  });
});

eachBackend('batch rows', (backend) => {
  const [B, sections] = [3, ['forward', 'backward'] as const];
  const [together, alone] = [useProgram(backend, addressing, { batch: B, sections }), useProgram(backend, addressing, { batch: 1, sections })];
  const given = fc.record({
    k: numbers(B * K * M), beta: numbers(B * K, 0, 5), g: numbers(B * K, 0, 1), s: weightings(B * K, S), gamma: numbers(B * K, 1, 5),
    memory: numbers(B * M * N), previous: weightings(B * K, N), dw: numbers(B * K * N),
  });

  const each = (arrays: Readonly<Record<string, Float32Array>>, change: (values: Float32Array) => Float32Array): Record<string, Float32Array> =>
    Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, change(values)]));
  const row = (b: number) => (values: Float32Array): Float32Array => values.slice((b * values.length) / B, ((b + 1) * values.length) / B);
  const permuted = (values: Float32Array): Float32Array => Float32Array.of(...row(2)(values), ...row(0)(values), ...row(1)(values));

  test.prop([given], EXAMPLES)('are independent: 3 of them are 3 single runs, permuting them permutes the results', async (inputs) => {
    const results = await together({ inputs });
    for (const b of [0, 1, 2]) expect(each(results, row(b))).toEqual(await alone({ inputs: each(inputs, row(b)) }));
    expect(await together({ inputs: each(inputs, permuted) })).toEqual(each(results, permuted));
  });

  test.prop([given], EXAMPLES)('leave what they were given as it was', async (inputs) => {
    const before = structuredClone(inputs);
    await together({ inputs });
    expect(inputs).toEqual(before);
  });
});
