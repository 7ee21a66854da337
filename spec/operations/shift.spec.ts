/** kernels/shift.ts on every backend against the oracle. */
import { test } from '@fast-check/vitest';
import { describe } from 'vitest';
import { shift } from '../../kernels/shift.js';
import * as oracle from '../oracle/operations.js';
import { eachBackend } from '../support/backends.js';
import { EXAMPLES, numbers, useProgram, weightings } from '../support/run.js';
import { expectAdjoint, expectForward, expectGradient } from '../support/tolerances.js';

eachBackend('circular shift', (backend) => {
  describe.each([{ N: 3, batch: 3 }, { N: 7, batch: 1 }, { N: 128, batch: 3 }])('N=$N, batch $batch', ({ N, batch }) => {
    const run = useProgram(
      backend,
      (g) => {
        const [wg, s, d] = [g.input('wg', [2, N]), g.input('s', [2, 3]), g.input('d', [2, N])];
        g.section('forward');
        g.expose('shifted', g.apply(shift.forward, [wg, s], [2, N], { N }));
        g.expose('dwg', g.apply(shift.backwardGated, [s, d], [2, N], { N }));
        g.expose('ds', g.apply(shift.backwardTaps, [wg, d], [2, 3], { N }));
      },
      { batch },
    );
    const rows = 2 * batch;

    test.prop([weightings(rows, N), weightings(rows, 3), numbers(rows * N), numbers(rows * N), numbers(rows * 3)], EXAMPLES)('forward and backward', async (wg, s, d, alongW, alongS) => {
      const actual = await run({ inputs: { wg, s, d } });
      const expected = oracle.shift({ w: wg, s }, { B: rows, N });
      const { dw, ds } = expected.gradients(d);
      expectForward(actual.shifted, expected.out, 'w̃');
      expectGradient(actual.dwg, dw, 'dw_g');
      expectGradient(actual.ds, ds, 'ds');
      expectAdjoint((at) => oracle.shift(at, { B: rows, N }).out, { w: wg, s }, { w: alongW, s: alongS }, d, { w: actual.dwg, s: actual.ds });
    });
  });
});
