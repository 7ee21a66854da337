/** kernels/content.ts. dk and dM are put together where the model does it: in kernels/heads.ts and kernels/memory.ts. */
import { content as kernels } from '../../kernels/content.js';
import { heads } from '../../kernels/heads.js';
import { memory as memoryKernels } from '../../kernels/memory.js';
import { floorTo } from '../../src/model/shapes.js';
import { contentSimilarity } from '../oracle/operations.js';
import type { Results } from '../support/program.js';
import { backward, forward } from '../support/tolerances.js';
import { columns, headRows, transposed, uniforms } from '../support/values.js';
import type { Operation, Sizes } from './operation.js';

/** The oracle knows one head: each memory twice, and the two gradients added. */
const oracle = ({ k, beta, memory }: Readonly<Record<string, ArrayLike<number>>>, { batch, N, M }: Sizes) => {
  const twice = Float64Array.from({ length: 2 * batch * N * M }, (_, i) => memory[Math.floor(i / (2 * N * M)) * N * M + (i % (N * M))]);
  const { out, gradients } = contentSimilarity({ k, beta, memory: twice }, { B: 2 * batch, N, M });
  return {
    out,
    gradients: (dz: ArrayLike<number>) => {
      const { dk, dbeta, dmemory } = gradients(dz);
      const ofWrite = columns(dmemory, batch, N * M, N * M);
      return { k: dk, beta: dbeta, memory: columns(dmemory, batch, 0, N * M).map((v, i) => v + ofWrite[i]) };
    },
  };
};

const found = (actual: Results, { batch, N, M }: Sizes) => ({ k: columns(actual.dVectors, batch, 0, 2 * M), beta: actual.dBeta, memory: transposed(actual.dMemory, M, N) });

/** Of the terms α·m and κ·k, which cancel wholly at M = 1, where a cosine is ±1 whatever k is; below 1e-8 there is no κ. */
const sizeOfTerms = ({ k, beta, memory }: Readonly<Record<string, Float32Array>>, of: Float32Array, { M }: Sizes): number => {
  const largest = (values: Float32Array): number => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  if (M > 1 || largest(k) * largest(memory) <= 1e-8) return 0;
  return largest(beta) / of.reduce((a, b) => Math.min(a, Math.abs(b)), Infinity);
};

export const content: Operation = {
  name: 'content similarity',
  record: (g, { N, M }) => {
    const constants = { N, N4: floorTo(N, 4), M };
    const [head, memory, dz] = [g.input('head', [4 * M + 12]), g.input('memory', [M, N]), g.input('dz', [2, N])];
    const [w, dr, dNext, lanes] = [g.input('w', [2, N]), g.input('dr', [M]), g.input('dNext', [M, N]), g.input('lanes', [M, 4])];
    g.section('forward');
    const memoryNorms = g.apply(kernels.memoryNorm, [memory], [N], constants);
    const keyNorms = g.apply(kernels.keyNorm, [head], [2], constants);
    const c = g.apply(kernels.similarity, [head, memory, keyNorms, memoryNorms], [2, N], constants);
    g.expose('z', g.apply(kernels.strengthen, [c, head], [2, N], constants));
    g.expose('dBeta', g.apply(kernels.backwardStrength, [c, dz], [2], constants));
    const alpha = g.apply(kernels.backwardAlpha, [head, keyNorms, memoryNorms, dz], [2, N], constants);
    const mu = g.apply(kernels.backwardMu, [c, alpha, keyNorms, memoryNorms], [N]);
    const kappa = g.apply(kernels.backwardKappa, [c, alpha, keyNorms, memoryNorms], [2], constants);
    const [dkRead, dkWrite] = [0, 1].map((HEAD) => g.apply(kernels.backwardKey, [alpha, memory], [M, 4], { ...constants, HEAD }));
    g.expose('dVectors', g.apply(heads.backwardVectors, [head, dkRead, dkWrite, kappa, lanes, lanes], [4, M], { M }));
    g.expose('dMemory', g.apply(memoryKernels.backwardMemory, [memory, w, head, alpha, mu, dr, dNext], [M, N], { M }));
  },
  draw: (draw, { batch, N, M }) => ({ k: uniforms(draw, 2 * batch * M), memory: uniforms(draw, batch * N * M), beta: uniforms(draw, 2 * batch, 0, 10), dz: uniforms(draw, 2 * batch * N) }),
  given: ({ k, memory, beta, dz }, { batch, N, M }) => ({ inputs: { head: headRows(batch, M, { k, beta }), memory: transposed(memory, N, M), dz } }),
  compare: (values, actual, sizes) => {
    const { out, gradients } = oracle(values, sizes);
    const [expected, got] = [gradients(values.dz), found(actual, sizes)];
    return [
      forward('β·c', actual.z, out),
      backward('dβ', got.beta, expected.beta),
      backward('dk', got.k, expected.k, sizes.N * sizeOfTerms(values, values.k, sizes)),
      backward('dM', got.memory, expected.memory, sizeOfTerms(values, values.memory, sizes)),
    ];
  },
  adjoint: ({ k, beta, memory, dz }, actual, sizes) => (sizes.M === 1 ? null : { oracle: (at) => oracle(at, sizes).out, at: { k, beta, memory }, dout: dz, gradients: found(actual, sizes) }),
};
