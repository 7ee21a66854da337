/** kernels/sharpening.ts, composed as src/model/addressing.ts composes it, on every backend against the oracle. */
import { test } from '@fast-check/vitest';
import { describe } from 'vitest';
import { sharpening } from '../../kernels/sharpening.js';
import { softmax } from '../../kernels/softmax.js';
import { floorTo } from '../../src/model/shapes.js';
import { sharpen } from '../oracle/operations.js';
import { eachBackend } from '../support/backends.js';
import { EXAMPLES, headRows, numbers, useProgram, weightings } from '../support/run.js';
import { expectAdjoint, expectForward, expectGradient } from '../support/tolerances.js';

eachBackend('sharpening', (backend) => {
  describe.each([{ N: 3, M: 20, batch: 3 }, { N: 7, M: 1, batch: 1 }, { N: 128, M: 20, batch: 3 }])('N=$N, M=$M, batch $batch', ({ N, M, batch }) => {
    const constants = { N, N4: floorTo(N, 4), M };
    const run = useProgram(
      backend,
      (g) => {
        const [head, shifted, dw] = [g.input('head', [4 * M + 12]), g.input('shifted', [2, N]), g.input('dw', [2, N])];
        g.section('forward');
        const top = g.apply(softmax.largest, [shifted], [2], constants);
        const power = g.apply(sharpening.power, [shifted, top, head], [2, N], constants);
        const w = g.apply(softmax.normalise, [power, g.apply(softmax.total, [power], [2], constants)], [2, N]);
        const average = g.apply(softmax.mean, [w, dw], [2], constants);
        g.expose('w', w);
        g.expose('dShifted', g.apply(sharpening.backwardShifted, [shifted, w, head, dw, average], [2, N], constants));
        g.expose('dGamma', g.apply(sharpening.backwardGamma, [g.apply(sharpening.logarithm, [shifted, top, w], [2, N]), dw, average], [2], constants));
      },
      { batch },
    );
    const rows = 2 * batch;

    const given = [weightings(rows, N), numbers(rows, 1, 25), numbers(rows * N)] as const;
    test.prop([...given, numbers(rows * N, -0.01, 0.01), numbers(rows)], EXAMPLES)('forward and backward', async (shifted, gamma, dw, alongW, alongGamma) => {
      const actual = await run({ inputs: { head: headRows(batch, M, { gamma }), shifted, dw } });
      const expected = sharpen({ w: shifted, gamma }, { B: rows, N });
      const d = expected.gradients(dw);
      expectForward(actual.w, expected.out, 'w');
      expectGradient(actual.dShifted, d.dw, 'dw̃');
      expectGradient(actual.dGamma, d.dgamma, 'dγ');
      expectAdjoint((at) => sharpen(at, { B: rows, N }).out, { w: shifted, gamma }, { w: alongW, gamma: alongGamma }, dw, { w: actual.dShifted, gamma: actual.dGamma });
    });
  });
});
