/** What holds for every input, whatever its size, on every backend. */
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heads } from '../kernels/heads.js';
import { foldLanes } from '../kernels/linear.js';
import { lstm } from '../kernels/lstm.js';
import { memory as memoryKernels } from '../kernels/memory.js';
import { sharpening } from '../kernels/sharpening.js';
import { shift } from '../kernels/shift.js';
import { softmax } from '../kernels/softmax.js';
import type { Backend } from '../src/gpu/backends.js';
import { address, addressBackward } from '../src/model/addressing.js';
import { floorTo, type ModelShape } from '../src/model/shapes.js';
import type { Recorder } from '../src/program/graph.js';
import { compare } from './oracle/differences.js';
import { eachBackend } from './support/backends.js';
import { type OpenProgram, runProgram } from './support/program.js';
import { EXAMPLES, numbers, useProgram, weightings } from './support/run.js';
import { beside, headRows } from './support/values.js';

const [N, M] = [13, 5];
const MANY = { ...EXAMPLES, numRuns: 25 };

/** Of float32. Backends flush smaller numbers to 0, or round them coarsely. */
const SMALLEST_NORMAL = 2 ** -126;

const shapeOf = (slots: number, width: number): ModelShape => ({ controller: 'lstm', inputs: 1, outputs: 1, hidden: 1, slots, width, legacyWriteAddressing: false });

/** Of any magnitude: as many below 1e-10 as above 1. */
const anySize = (length: number, limit: number): fc.Arbitrary<Float32Array> => fc.float32Array({ minLength: length, maxLength: length, min: -limit, max: limit, noNaN: true });

const sums = (values: Float32Array, width: number): number[] =>
  Array.from({ length: values.length / width }, (_, row) => values.subarray(row * width, (row + 1) * width).reduce((a, b) => a + b, 0));

const oneHot = (length: number, at: number): Float32Array => new Float32Array(length).with(at, 1);

/** One backend's addressing, from the logits of the head row, and back from dw. */
const addressing = (slots: number, width: number) => (g: Recorder): void => {
  const [z, memory, previous, dw] = [g.input('z', [4 * width + 12]), g.input('memory', [width, slots]), g.input('previous', [2, slots]), g.input('dw', [2, slots])];
  g.section('forward');
  const saved = address(g, shapeOf(slots, width), g.apply(heads.activate, [z], [4 * width + 12], { M: width }), memory, previous);
  g.expose('w', saved.w);
  g.section('backward');
  Object.entries(addressBackward(g, shapeOf(slots, width), saved, dw)).forEach(([name, tensor]) => g.expose(name, tensor));
};

/** Sharpening as addressing does it, and back. */
const sharpened = (backend: Backend, slots: number): OpenProgram['run'] => {
  const constants = { N: slots, N4: floorTo(slots, 4), M };
  return useProgram(
    backend,
    (g) => {
      const [head, shifted, dw] = [g.input('head', [4 * M + 12]), g.input('shifted', [2, slots]), g.input('dw', [2, slots])];
      g.section('forward');
      const top = g.apply(softmax.largest, [shifted], [2], constants);
      const power = g.apply(sharpening.power, [shifted, top, head], [2, slots], constants);
      const w = g.apply(softmax.normalise, [power, g.apply(softmax.total, [power], [2], constants)], [2, slots]);
      const average = g.apply(softmax.mean, [w, dw], [2], constants);
      g.expose('w', w);
      g.expose('dShifted', g.apply(sharpening.backwardShifted, [shifted, w, head, dw, average], [2, slots], constants));
      g.expose('dGamma', g.apply(sharpening.backwardGamma, [g.apply(sharpening.logarithm, [shifted, top, w], [2, slots]), dw, average], [2], constants));
    },
    { batch: 1 },
  );
};

eachBackend('weightings', (backend) => {
  describe('of heads and memories of any magnitude', () => {
    const run = useProgram(backend, addressing(N, M), { batch: 1, sections: ['forward', 'backward'] });
    const logits = anySize(4 * M + 12, 1000).map((z) => z.map((v, i) => (i === 4 * M + 4 || i === 4 * M + 5 ? Math.min(v, 49) : v))); // γ up to 50

    test.prop([logits, anySize(M * N, 1e6), weightings(2, N), numbers(2 * N)], MANY)('sum to 1 and are never negative; their gradients are finite', async (z, memory, previous, dw) => {
      const { w, ...gradients } = await run({ inputs: { z, memory, previous, dw } });
      expect(Math.min(...w)).toBeGreaterThanOrEqual(0);
      expect(compare(sums(w, N), [1, 1]).largest).toBeLessThan(1e-5);
      for (const [name, values] of Object.entries(gradients)) expect(values.every(Number.isFinite), name).toBe(true);
    });

    test.prop([weightings(2, N), numbers(2 * N)], EXAMPLES)('zero memory and zero key: the uniform weighting, finite gradients', async (previous, dw) => {
      const z = headRows(1, M, { g: [1000, 1000], beta: [3, 3], gamma: [2, 2] });
      const { w, ...gradients } = await run({ inputs: { z, memory: new Float32Array(M * N), previous, dw } });
      expect(compare(w, new Float32Array(2 * N).fill(1 / N)).largest).toBeLessThan(1e-6);
      for (const [name, values] of Object.entries(gradients)) expect(values.every(Number.isFinite), name).toBe(true);
    });
  });

  describe.each([3, 6, 7, 91, 128])('shifted, N = %d', (slots) => {
    const run = useProgram(
      backend,
      (g) => {
        const [wg, s] = [g.input('wg', [2, slots]), g.input('s', [2, 3])];
        g.section('forward');
        g.expose('shifted', g.apply(shift.forward, [wg, s], [2, slots], { N: slots }));
        g.expose('back', g.apply(shift.backwardGated, [s, wg], [2, slots], { N: slots }));
      },
      { batch: 1 },
    );
    const rotated = (w: Float32Array, by: number): number[] => Array.from(w, (_, n) => w[(n - by + slots) % slots]);

    test.prop([weightings(2, slots)], EXAMPLES)('by a whole number of slots: a rotation at every slot, and its gradient the opposite one', async (wg) => {
      const [read, write] = [wg.subarray(0, slots), wg.subarray(slots)];
      for (const by of [-1, 0, 1]) {
        const actual = await run({ inputs: { wg, s: Float32Array.of(...oneHot(3, 1 - by), ...oneHot(3, 1 + by)) } });
        expect([...actual.shifted]).toEqual([...rotated(read, by), ...rotated(write, -by)]);
        expect([...actual.back]).toEqual([...rotated(read, -by), ...rotated(write, by)]);
      }
    });

    test.prop([weightings(2, slots), weightings(2, 3)], EXAMPLES)('conserve mass', async (wg, s) => {
      const { shifted } = await run({ inputs: { wg, s } });
      expect(compare(sums(shifted, slots), [1, 1]).largest).toBeLessThan(1e-6);
    });
  });

  describe('sharpened', () => {
    const [run, runLarge] = [sharpened(backend, N), sharpened(backend, 128)];
    const head = (gamma: number): Float32Array => headRows(1, M, { gamma: [gamma, gamma] });

    test.prop([fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: N - 1, maxLength: N - 1 }), numbers(1, 1, 50)], MANY)('keep their order', async (counts, [gamma]) => {
      const shifted = Float32Array.of(...counts, 1000).map((v) => v / 1000);
      const { w } = await run({ inputs: { head: head(gamma), shifted: beside(1, shifted, shifted) } });
      const ascending = Array.from(shifted.keys()).sort((a, b) => shifted[a] - shifted[b] || w[a] - w[b]);
      ascending.slice(1).forEach((n, i) => expect(w[n]).toBeGreaterThanOrEqual(w[ascending[i]] - SMALLEST_NORMAL));
    });

    test.prop([weightings(2, 128)], EXAMPLES)('by γ = 25 over 128 nearly equal slots: neither zeros nor NaN', async (given) => {
      const shifted = given.map((v) => (v + 1) / 129);
      const { w } = await runLarge({ inputs: { head: head(25), shifted } });
      expect(Math.min(...w)).toBeGreaterThan(0);
      expect(compare(sums(w, 128), [1, 1]).largest).toBeLessThan(1e-5);
    });

    test.prop([weightings(2, N), numbers(2 * N), fc.nat(N - 2), numbers(1, 1, 50)], EXAMPLES)('0^γ is 0 and has gradient 0', async (given, dw, at, [gamma]) => {
      const shifted = given.map((v, i) => (i % N === at || i % N === at + 1 ? 0 : v));
      const actual = await run({ inputs: { head: head(gamma), shifted, dw } });
      for (const slot of [at, at + 1, N + at, N + at + 1]) expect([actual.w[slot], actual.dShifted[slot]]).toEqual([0, 0]);
      expect([...actual.dShifted, ...actual.dGamma].every(Number.isFinite)).toBe(true);
    });
  });
});

eachBackend('memory', (backend) => {
  const run = useProgram(
    backend,
    (g) => {
      const [head, memory, w] = [g.input('head', [4 * M + 12]), g.input('memory', [M, N]), g.input('w', [2, N])];
      g.section('forward');
      const written = g.apply(memoryKernels.write, [memory, w, head], [M, N], { M });
      g.expose('r', g.apply(foldLanes, [g.apply(memoryKernels.read, [w, written], [M, 4], { N, N4: floorTo(N, 4) })], [M]));
    },
    { batch: 1 },
  );

  test.prop([anySize(M * N, 1e6), numbers(M), fc.nat(N - 1)], MANY)('erase 1, then add a, at one slot reads back a exactly', async (memory, a, at) => {
    const { r } = await run({ inputs: { head: headRows(1, M, { a, e: new Float32Array(M).fill(1) }), memory, w: beside(1, oneHot(N, at), oneHot(N, at)) } });
    expect([...r]).toEqual([...a]);
  });
});

eachBackend('activations', (backend) => {
  it.each([1000, -1000])('at %d are finite and right in the heads', async (v) => {
    const { head, s } = await runProgram(
      backend,
      (g) => {
        const z = g.input('z', [4 * M + 12]);
        g.section('forward');
        g.expose('head', g.apply(heads.activate, [z], [4 * M + 12], { M }));
        g.expose('s', g.apply(heads.shiftWeighting, [z], [2, 3], { M }));
      },
      { batch: 1, inputs: { z: headRows(1, M, { e: new Float32Array(M).fill(v), g: [v, v], beta: [v, v], gamma: [v, v], taps: [v, 0, 0, 0, -v, 0] }) } },
    );
    const [sigmoid, softplus] = [v > 0 ? 1 : 0, v > 0 ? 1000 : 0];
    const expected = headRows(1, M, { e: new Float32Array(M).fill(sigmoid), g: [sigmoid, sigmoid], beta: [softplus, softplus], gamma: [1 + softplus, 1 + softplus], taps: [v, 0, 0, 0, -v, 0] });
    expect(compare(head, expected).largest).toBeLessThan(1e-30);
    expect(compare(s, v > 0 ? [1, 0, 0, 0.5, 0, 0.5] : [0, 0.5, 0.5, 0, 1, 0]).largest).toBeLessThan(1e-6);
  });

  it.each([1000, -1000])('at %d are finite and right in the LSTM', async (v) => {
    const { gates, h } = await runProgram(
      backend,
      (g) => {
        const w = g.single('w', [5, 4, 1], 'parameter');
        const [x, r, h0, c] = [g.input('x', [1]), g.input('r', [1]), g.input('h0', [1]), g.input('c', [1])];
        g.section('forward');
        const z = g.apply(lstm.gates, [x, r, h0, w], [4, 1], { I: 1, I4: 0, M: 1, M4: 0, H: 1, H8: 0 });
        g.expose('gates', z);
        g.expose('h', g.apply(lstm.hidden, [z, c], [1]));
      },
      { batch: 1, singles: { w: new Float32Array(20).fill(v, 12, 15).fill(1000, 15, 16) }, inputs: { c: Float32Array.of(v) } },
    );
    expect(compare(gates, v > 0 ? [1, 1, 1, 1] : [0, 0, -1, 1]).largest).toBeLessThan(1e-30);
    expect([...h]).toEqual([Math.sign(v)]);
  });
});

eachBackend('batch rows', (backend) => {
  const [B, sections] = [3, ['forward', 'backward'] as const];
  const [together, alone] = [useProgram(backend, addressing(N, M), { batch: B, sections }), useProgram(backend, addressing(N, M), { batch: 1, sections })];
  const given = fc.record({ z: numbers(B * (4 * M + 12), -4, 4), memory: numbers(B * M * N), previous: weightings(2 * B, N), dw: numbers(2 * B * N) });

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
