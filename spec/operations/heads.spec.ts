/** kernels/heads.ts: from logits to head parameters and back, on every backend against the oracle. */
import { test } from '@fast-check/vitest';
import { describe } from 'vitest';
import { heads } from '../../kernels/heads.js';
import { activation, softmax } from '../oracle/operations.js';
import { eachBackend } from '../support/backends.js';
import { beside, columns, EXAMPLES, numbers, useProgram } from '../support/run.js';
import { expectForward, expectGradient } from '../support/tolerances.js';

/** The parts of the row, with the function that the oracle applies to each; γ = 1 + softplus. */
const parts = (M: number) =>
  [
    { from: 0, width: 3 * M, which: null, offset: 0 },
    { from: 3 * M, width: M + 2, which: 'sigmoid', offset: 0 },
    { from: 4 * M + 2, width: 2, which: 'softplus', offset: 0 },
    { from: 4 * M + 4, width: 2, which: 'softplus', offset: 1 },
  ] as const;

const fold = (partial: Float32Array): Float64Array => Float64Array.from({ length: partial.length / 4 }, (_, i) => partial.subarray(4 * i, 4 * i + 4).reduce((a, b) => a + b, 0));

eachBackend('head parameters', (backend) => {
  describe.each([{ M: 1, batch: 3 }, { M: 20, batch: 1 }, { M: 20, batch: 3 }])('M=$M, batch $batch', ({ M, batch }) => {
    const width = 4 * M + 12;
    const run = useProgram(
      backend,
      (g) => {
        const z = g.input('z', [width]);
        const [dkRead, dkWrite, da, de] = [g.input('dkRead', [M, 4]), g.input('dkWrite', [M, 4]), g.input('da', [M, 4]), g.input('de', [M, 4])];
        const [kappa, dg, dBeta, dGamma, ds] = [g.input('kappa', [2]), g.input('dg', [2]), g.input('dBeta', [2]), g.input('dGamma', [2]), g.input('ds', [2, 3])];
        g.section('forward');
        const head = g.apply(heads.activate, [z], [width], { M });
        const s = g.apply(heads.shiftWeighting, [head], [2, 3], { M });
        const vectors = g.apply(heads.backwardVectors, [head, dkRead, dkWrite, kappa, da, de], [4, M], { M });
        const scalars = g.apply(heads.backwardScalars, [head, s, dg, dBeta, dGamma, ds], [6, 2], { M });
        g.expose('head', head);
        g.expose('s', s);
        g.expose('dz', g.apply(heads.backwardRow, [vectors, scalars], [width], { M }));
      },
      { batch },
    );
    const lanes = numbers(batch * M * 4);
    const pair = numbers(batch * 2);

    test.prop([numbers(batch * width, -8, 8), lanes, lanes, lanes, lanes, pair, pair, pair, pair, numbers(batch * 6)], EXAMPLES)('forward, and backward to the logits', async (z, dkRead, dkWrite, da, de, kappa, dg, dBeta, dGamma, ds) => {
      const actual = await run({ inputs: { z, dkRead, dkWrite, da, de, kappa, dg, dBeta, dGamma, ds } });
      const key = (partial: Float32Array, head: number): Float64Array => fold(partial).map((v, i) => v - kappa[2 * Math.floor(i / M) + head] * columns(z, batch, head * M, M)[i]);
      const upstream = beside(batch, key(dkRead, 0), key(dkWrite, 1), fold(da), fold(de), dg, dBeta, dGamma);

      const expected = parts(M).map(({ from, width: size, which, offset }) => {
        const [x, d] = [columns(z, batch, from, size), columns(upstream, batch, from, size)];
        if (which === null) return { y: x, dz: d };
        const { out, gradients } = activation(which, { x });
        return { y: out.map((v) => v + offset), dz: gradients(d).dx };
      });
      const taps = columns(z, batch, 4 * M + 6, 6);
      const weighting = softmax({ x: taps }, { B: 2 * batch, N: 3 });

      expectForward(actual.head, beside(batch, ...expected.map(({ y }) => y), taps), 'head row');
      expectForward(actual.s, weighting.out, 's');
      expectGradient(actual.dz, beside(batch, ...expected.map(({ dz }) => dz), weighting.gradients(ds).dx), 'dz');
    });
  });
});
