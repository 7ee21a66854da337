/** kernels/heads.ts: from logits to head parameters and back. */
import { heads as kernels } from '../../kernels/heads.js';
import { activation, softmax } from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { beside, columns, uniforms } from '../support/values.js';
import type { Operation } from './operation.js';

/** The parts of the row, with the function that the oracle applies to each; γ = 1 + softplus. */
const parts = (M: number) =>
  [
    { from: 0, width: 3 * M, which: null, offset: 0 },
    { from: 3 * M, width: M + 2, which: 'sigmoid', offset: 0 },
    { from: 4 * M + 2, width: 2, which: 'softplus', offset: 0 },
    { from: 4 * M + 4, width: 2, which: 'softplus', offset: 1 },
  ] as const;

/** [B, K, 4] → [B, K] */
const fold = (partial: Float32Array): Float64Array => Float64Array.from({ length: partial.length / 4 }, (_, i) => partial.subarray(4 * i, 4 * i + 4).reduce((a, b) => a + b, 0));

export const heads: Operation = {
  name: 'head parameters',
  record: (g, { M }) => {
    const width = 4 * M + 12;
    const z = g.input('z', [width]);
    const [dkRead, dkWrite, da, de] = [g.input('dkRead', [M, 4]), g.input('dkWrite', [M, 4]), g.input('da', [M, 4]), g.input('de', [M, 4])];
    const [kappa, dg, dBeta, dGamma, ds] = [g.input('kappa', [2]), g.input('dg', [2]), g.input('dBeta', [2]), g.input('dGamma', [2]), g.input('ds', [2, 3])];
    g.section('forward');
    const head = g.apply(kernels.activate, [z], [width], { M });
    const s = g.apply(kernels.shiftWeighting, [head], [2, 3], { M });
    const vectors = g.apply(kernels.backwardVectors, [head, dkRead, dkWrite, kappa, da, de], [4, M], { M });
    const scalars = g.apply(kernels.backwardScalars, [head, s, dg, dBeta, dGamma, ds], [6, 2], { M });
    g.expose('head', head);
    g.expose('s', s);
    g.expose('dz', g.apply(kernels.backwardRow, [vectors, scalars], [width], { M }));
  },
  draw: (draw, { batch, M }) => {
    const lanes = (): Float32Array => uniforms(draw, batch * M * 4);
    const pair = (): Float32Array => uniforms(draw, batch * 2);
    return {
      z: uniforms(draw, batch * (4 * M + 12), -8, 8),
      dkRead: lanes(), dkWrite: lanes(), da: lanes(), de: lanes(),
      kappa: pair(), dg: pair(), dBeta: pair(), dGamma: pair(),
      ds: uniforms(draw, batch * 6),
    };
  },
  given: (inputs) => ({ inputs }),
  compare: ({ z, dkRead, dkWrite, da, de, kappa, dg, dBeta, dGamma, ds }, actual, { batch, M }) => {
    const key = (partial: Float32Array, head: number): Float64Array => fold(partial).map((v, i) => v - kappa[2 * Math.floor(i / M) + head] * columns(z, batch, head * M, M)[i]);
    const upstream = beside(batch, key(dkRead, 0), key(dkWrite, 1), fold(da), fold(de), dg, dBeta, dGamma);
    const expected = parts(M).map(({ from, width, which, offset }) => {
      const [x, d] = [columns(z, batch, from, width), columns(upstream, batch, from, width)];
      if (which === null) return { y: x, dz: d };
      const { out, gradients } = activation(which, { x });
      return { y: out.map((v) => v + offset), dz: gradients(d).dx };
    });
    const taps = columns(z, batch, 4 * M + 6, 6);
    const weighting = softmax({ x: taps }, { B: 2 * batch, N: 3 });
    return [
      forward('head row', actual.head, beside(batch, ...expected.map(({ y }) => y), taps)),
      forward('s', actual.s, weighting.out),
      backward('dz', actual.dz, beside(batch, ...expected.map(({ dz }) => dz), weighting.gradients(ds).dx)),
    ];
  },
};
