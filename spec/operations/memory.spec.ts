/** kernels/memory.ts: reading, erasing and adding on every backend against the oracle. */
import { test } from '@fast-check/vitest';
import { describe } from 'vitest';
import { foldLanes } from '../../kernels/linear.js';
import { memory as kernels } from '../../kernels/memory.js';
import { floorTo } from '../../src/model/shapes.js';
import * as oracle from '../oracle/operations.js';
import { eachBackend } from '../support/backends.js';
import { beside, columns, EXAMPLES, headRows, numbers, transposed, useProgram, weightings } from '../support/run.js';
import { expectAdjoint, expectForward, expectGradient } from '../support/tolerances.js';

const SIZES = [
  { N: 3, M: 1, batch: 3 },
  { N: 7, M: 20, batch: 1 },
  { N: 128, M: 20, batch: 3 },
];

eachBackend('memory', (backend) => {
  describe.each(SIZES)('N=$N, M=$M, batch $batch', ({ N, M, batch }) => {
    const [H, I] = [5, 3];
    const constants = { N, N4: floorTo(N, 4), M };
    const dims = { B: batch, N, M };
    const run = useProgram(
      backend,
      (g) => {
        const [head, memory, w, dMemory] = [g.input('head', [4 * M + 12]), g.input('memory', [M, N]), g.input('w', [2, N]), g.input('dMemory', [M, N])];
        const [fromOutput, fromNext, dwNext] = [g.input('fromOutput', [H + M]), g.input('fromNext', [I + M + H]), g.input('dwNext', [2, N])];
        const [alpha, mu] = [g.input('alpha', [2, N]), g.input('mu', [N])];
        g.section('forward');
        g.expose('r', g.apply(foldLanes, [g.apply(kernels.read, [w, memory], [M, 4], constants)], [M]));
        g.expose('written', g.apply(kernels.write, [memory, w, head], [M, N], constants));
        const dr = g.apply(kernels.backwardRead, [fromOutput, fromNext], [M], { H, I });
        g.expose('dw', g.apply(kernels.backwardWeighting, [memory, head, dr, dMemory, dwNext], [2, N], constants));
        g.expose('de', g.apply(foldLanes, [g.apply(kernels.backwardErase, [memory, w, dMemory], [M, 4], constants)], [M]));
        g.expose('da', g.apply(foldLanes, [g.apply(kernels.backwardAdd, [w, dMemory], [M, 4], constants)], [M]));
        g.expose('dPrevious', g.apply(kernels.backwardMemory, [memory, w, head, alpha, mu, dr, dMemory], [M, N], constants));
      },
      { batch },
    );

    const vector = numbers(batch * M);
    const cells = numbers(batch * N * M);
    const state = [cells, weightings(2 * batch, N), vector, numbers(batch * M, 0, 1), numbers(2 * batch * M)] as const;
    const upstream = [cells, numbers(batch * (H + M)), numbers(batch * (I + M + H)), numbers(2 * batch * N), numbers(2 * batch * N), numbers(batch * N)] as const;

    test.prop([...state, ...upstream], EXAMPLES)('reads and writes, and backward to memory, weightings, erase and add', async (memory, w, a, e, k, dMemory, fromOutput, fromNext, dwNext, alpha, mu) => {
      const stored = (values: Float32Array): Float32Array => transposed(values, N, M);
      const inputs = { head: headRows(batch, M, { k, a, e }), memory: stored(memory), w, dMemory: stored(dMemory), fromOutput, fromNext, dwNext, alpha, mu };
      const actual = await run({ inputs });
      const [wRead, wWrite] = [columns(w, batch, 0, N), columns(w, batch, N, N)];
      const reading = oracle.read({ w: wRead, memory }, dims);
      const writing = oracle.write({ memory, w: wWrite, e, a }, dims);
      const dr = columns(fromOutput, batch, H, M).map((v, i) => v + columns(fromNext, batch, I, M)[i]);
      const [dRead, dWrite] = [reading.gradients(dr), writing.gradients(dMemory)];
      const fromContent = Float64Array.from({ length: batch * N * M }, (_, i) => {
        const [b, n, m] = [Math.floor(i / (N * M)), Math.floor(i / M) % N, i % M];
        return alpha[2 * b * N + n] * k[2 * b * M + m] + alpha[(2 * b + 1) * N + n] * k[(2 * b + 1) * M + m] - mu[b * N + n] * memory[i];
      });

      expectForward(actual.r, reading.out, 'r');
      expectForward(actual.written, stored(Float32Array.from(writing.out)), 'M');
      expectGradient(actual.dw, beside(batch, dRead.dw, dWrite.dw).map((v, i) => v + dwNext[i]), 'dw');
      expectGradient(actual.de, dWrite.de, 'de');
      expectGradient(actual.da, dWrite.da, 'da');
      const expected = dRead.dmemory.map((v, i) => v + dWrite.dmemory[i] + fromContent[i]);
      expectGradient(actual.dPrevious, stored(Float32Array.from(expected)), 'dM of the step before');
    });

    test.prop([...state, cells, cells, vector, vector, numbers(batch * N)], EXAMPLES)('⟨Jv, u⟩ = ⟨v, Jᵀu⟩ of a write', async (memory, w, a, e, k, u, alongMemory, alongA, alongE, alongW) => {
      const actual = await run({ inputs: { head: headRows(batch, M, { k, a, e }), memory: transposed(memory, N, M), w, dMemory: transposed(u, N, M) } });
      const at = { memory, w: columns(w, batch, N, N), e, a };
      const gradients = { memory: transposed(actual.dPrevious, M, N), w: columns(actual.dw, batch, N, N), e: actual.de, a: actual.da };
      expectAdjoint((moved) => oracle.write(moved, dims).out, at, { memory: alongMemory, w: alongW, e: alongE, a: alongA }, u, gradients);
    });
  });
});
