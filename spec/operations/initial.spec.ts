/**
 * kernels/initial.ts on every backend. Rows before the first step can be read only by the first step,
 * so each goes through a kernel that hands it on as it is.
 */
import { test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { rectifier } from '../../kernels/feed-forward.js';
import { initial } from '../../kernels/initial.js';
import { interpolation } from '../../kernels/interpolation.js';
import { memory } from '../../kernels/memory.js';
import { softmaxBackward, softmaxForward } from '../../src/model/addressing.js';
import { softmax } from '../oracle/operations.js';
import { eachBackend } from '../support/backends.js';
import { EXAMPLES, headRows, numbers, useProgram } from '../support/run.js';
import { expectForward, expectGradient } from '../support/tolerances.js';

const AT = 4;

eachBackend('initial state', (backend) => {
  describe.each([{ H: 5, N: 7, M: 1, batch: 3 }, { H: 100, N: 128, M: 20, batch: 1 }, { H: 3, N: 3, M: 2, batch: 5 }])('H=$H, N=$N, M=$M, batch $batch', ({ H, N, M, batch }) => {
    const shape = { controller: 'lstm', inputs: 1, outputs: 1, hidden: H, slots: N, width: M, legacyWriteAddressing: false } as const;
    const run = useProgram(
      backend,
      (g) => {
        const [vector, logits] = [g.single('vector', [H], 'parameter'), g.single('logits', [2, N], 'parameter')];
        const [dVector, dLogits] = [g.single('dVector', [H], 'gradient'), g.single('dLogits', [2, N], 'gradient')];
        const [shut, nothing, d, dw] = [g.input('head', [4 * M + 12]), g.input('nothing', [2, N]), g.input('d', [AT + H]), g.input('dw', [2, N])];
        const w0 = softmaxForward(g, shape, g.apply(initial.logits, [logits], [2, N]));
        const state = g.carryForward(g.apply(initial.vector, [vector], [H]));
        const weighting = g.carryForward(w0);
        const blank = g.carryForward(g.apply(initial.blankMemory, [], [M, N]));
        g.section('forward');
        const [h, w, m] = [g.apply(rectifier.forward, [state.previous], [H]), g.apply(interpolation.forward, [shut, nothing, weighting.previous], [2, N], { M, LEGACY: 0 }), g.apply(memory.write, [blank.previous, nothing, shut], [M, N], { M })];
        state.bind(h);
        weighting.bind(w);
        blank.bind(m);
        Object.entries({ h, w, m }).forEach(([name, tensor]) => g.expose(name, tensor));
        g.section('gradients');
        g.sum(initial.backwardVector, dVector, [d], { AT }, 'initial');
        g.sum(initial.backwardLogits, dLogits, [softmaxBackward(g, shape, w0, dw)], {}, 'initial');
      },
      { batch, sections: ['initialise', 'forward', 'gradients'] },
    );

    test.prop([numbers(H, 0, 1), numbers(2 * N, -3, 3), numbers(batch * (AT + H)), numbers(batch * 2 * N)], EXAMPLES)('is the same in each row, and its gradient the sum of theirs', async (vector, logits, d, dw) => {
      const actual = await run({ singles: { vector, logits }, inputs: { head: headRows(batch, M, {}), d, dw } });
      const rows = <A>(row: ArrayLike<A>): A[] => Array.from({ length: batch }, () => Array.from(row)).flat();
      const sum = (values: ArrayLike<number>, from: number, size: number): number[] =>
        Array.from({ length: size }, (_, x) => Array.from({ length: batch }, (_row, row) => values[(row * values.length) / batch + from + x]).reduce((a, b) => a + b, 0));
      const expected = softmax({ x: rows(logits) }, { B: 2 * batch, N });
      expect([...actual.h]).toEqual(rows(vector));
      expectForward(actual.w, expected.out, 'w_0');
      expect([...actual.m]).toEqual(rows(new Float32Array(M * N).fill(1e-6)));
      expectGradient(actual.dVector, sum(d, AT, H), 'dvector');
      expectGradient(actual.dLogits, sum(expected.gradients(dw).dx, 0, 2 * N), 'dlogits');
    });
  });
});
