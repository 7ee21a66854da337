/**
 * kernels/content.ts: β·cos(k, m_n) of both heads over one memory, on every backend against the
 * oracle. dk and dM are put together where the model does it: in kernels/heads.ts and kernels/memory.ts.
 */
import { test } from '@fast-check/vitest';
import { describe } from 'vitest';
import { content } from '../../kernels/content.js';
import { heads } from '../../kernels/heads.js';
import { memory as memoryKernels } from '../../kernels/memory.js';
import { floorTo } from '../../src/model/shapes.js';
import { contentSimilarity } from '../oracle/operations.js';
import { eachBackend } from '../support/backends.js';
import { columns, EXAMPLES, headRows, numbers, transposed, useProgram } from '../support/run.js';
import { expectAdjoint, expectForward, expectGradient } from '../support/tolerances.js';

const SIZES = [
  { N: 3, M: 1, batch: 3 },
  { N: 7, M: 20, batch: 3 },
  { N: 128, M: 20, batch: 1 },
];

eachBackend('content similarity', (backend) => {
  describe.each(SIZES)('N=$N, M=$M, batch $batch', ({ N, M, batch }) => {
    const constants = { N, N4: floorTo(N, 4), M };
    const run = useProgram(
      backend,
      (g) => {
        const [head, memory, dz] = [g.input('head', [4 * M + 12]), g.input('memory', [M, N]), g.input('dz', [2, N])];
        const [w, dr, dMemory, lanes] = [g.input('w', [2, N]), g.input('dr', [M]), g.input('dMemory', [M, N]), g.input('lanes', [M, 4])];
        g.section('forward');
        const memoryNorms = g.apply(content.memoryNorm, [memory], [N], constants);
        const keyNorms = g.apply(content.keyNorm, [head], [2], constants);
        const c = g.apply(content.similarity, [head, memory, keyNorms, memoryNorms], [2, N], constants);
        g.expose('z', g.apply(content.strengthen, [c, head], [2, N], constants));
        g.expose('dBeta', g.apply(content.backwardStrength, [c, dz], [2], constants));
        const alpha = g.apply(content.backwardAlpha, [head, keyNorms, memoryNorms, dz], [2, N], constants);
        const mu = g.apply(content.backwardMu, [c, alpha, keyNorms, memoryNorms], [N]);
        const kappa = g.apply(content.backwardKappa, [c, alpha, keyNorms, memoryNorms], [2], constants);
        const [dkRead, dkWrite] = [0, 1].map((HEAD) => g.apply(content.backwardKey, [alpha, memory], [M, 4], { ...constants, HEAD }));
        g.expose('dVectors', g.apply(heads.backwardVectors, [head, dkRead, dkWrite, kappa, lanes, lanes], [4, M], { M }));
        g.expose('dMemory of content', g.apply(memoryKernels.backwardMemory, [memory, w, head, alpha, mu, dr, dMemory], [M, N], { M }));
      },
      { batch },
    );

    /** The oracle knows one head: each memory twice, and the two gradients added. */
    const oracle = (at: Readonly<Record<'k' | 'beta' | 'memory', ArrayLike<number>>>) => {
      const twice = Float64Array.from({ length: 2 * batch * N * M }, (_, i) => at.memory[Math.floor(i / (2 * N * M)) * N * M + (i % (N * M))]);
      const { out, gradients } = contentSimilarity({ ...at, memory: twice }, { B: 2 * batch, N, M });
      return {
        out,
        gradients: (dz: ArrayLike<number>) => {
          const { dk, dbeta, dmemory } = gradients(dz);
          return { dk, dbeta, dmemory: columns(dmemory, batch, 0, N * M).map((v, i) => v + columns(dmemory, batch, N * M, N * M)[i]) };
        },
      };
    };

    /** Of the terms α·m and κ·k, which cancel: wholly at M = 1, where a cosine is ±1 whatever k is. */
    const sizeOfTerms = (beta: Float32Array, vectors: Float32Array): number => {
      const lengths = Array.from({ length: vectors.length / M }, (_, i) => Math.hypot(...vectors.subarray(i * M, (i + 1) * M)));
      return Math.max(...beta) / Math.min(...lengths);
    };

    const keys = numbers(2 * batch * M);
    const memories = numbers(batch * N * M);
    const strengths = numbers(2 * batch, 0, 10);

    test.prop([keys, memories, strengths, numbers(2 * batch * N), keys, memories, strengths], EXAMPLES)('forward, and backward to k, β and the memory', async (k, memory, beta, dz, alongK, alongMemory, alongBeta) => {
      const actual = await run({ inputs: { head: headRows(batch, M, { k, beta }), memory: transposed(memory, N, M), dz } });
      const expected = oracle({ k, beta, memory });
      const { dk, dbeta, dmemory } = expected.gradients(dz);
      const found = { k: columns(actual.dVectors, batch, 0, 2 * M), beta: actual.dBeta, memory: transposed(actual['dMemory of content'], M, N) };
      expectForward(actual.z, expected.out, 'β·c');
      expectGradient(found.beta, dbeta, 'dβ');
      expectGradient(found.k, dk, 'dk', M === 1 ? N * sizeOfTerms(beta, k) : 0);
      expectGradient(found.memory, dmemory, 'dM', M === 1 ? sizeOfTerms(beta, memory) : 0);
      if (M > 1) expectAdjoint((at) => oracle(at).out, { k, beta, memory }, { k: alongK, beta: alongBeta, memory: alongMemory }, dz, found);
    });

    /** ‖k‖‖m‖ on either side of 1e-8, below which the divisor is a constant and no terms cancel. */
    describe.each([{ side: 'above', ofKey: 1e-2, ofMemory: 1e-5 }, { side: 'below', ofKey: 1e-6, ofMemory: 1e-4 }])('‖k‖‖m‖ $side 1e-8', ({ side, ofKey, ofMemory }) => {
      const away = (values: Float32Array, size: number): Float32Array => values.map((v) => size * (v + Math.sign(v)));

      test.prop([keys, memories, strengths, numbers(2 * batch * N)], EXAMPLES)('forward, and backward to k, β and the memory', async (someKeys, someMemory, beta, dz) => {
        const [k, memory] = [away(someKeys, ofKey), away(someMemory, ofMemory)];
        const actual = await run({ inputs: { head: headRows(batch, M, { k, beta }), memory: transposed(memory, N, M), dz } });
        const expected = oracle({ k, beta, memory });
        const { dk, dbeta, dmemory } = expected.gradients(dz);
        const cancelling = M === 1 && side === 'above';
        expectForward(actual.z, expected.out, 'β·c');
        expectGradient(actual.dBeta, dbeta, 'dβ');
        expectGradient(columns(actual.dVectors, batch, 0, 2 * M), dk, 'dk', cancelling ? N * sizeOfTerms(beta, k) : 0);
        expectGradient(transposed(actual['dMemory of content'], M, N), dmemory, 'dM', cancelling ? sizeOfTerms(beta, memory) : 0);
      });
    });
  });
});
