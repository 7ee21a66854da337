/** kernels/interpolation.ts on every backend against the oracle; both rules for the write head's previous weighting. */
import { test } from '@fast-check/vitest';
import { describe } from 'vitest';
import { interpolation } from '../../kernels/interpolation.js';
import { interpolate } from '../oracle/operations.js';
import { eachBackend } from '../support/backends.js';
import { beside, columns, EXAMPLES, headRows, numbers, useProgram, weightings } from '../support/run.js';
import { expectForward, expectGradient } from '../support/tolerances.js';

const SIZES = [
  { N: 3, M: 1, batch: 3, LEGACY: 0 },
  { N: 7, M: 20, batch: 1, LEGACY: 1 },
  { N: 128, M: 20, batch: 3, LEGACY: 0 },
  { N: 128, M: 1, batch: 3, LEGACY: 1 },
];

eachBackend('interpolation', (backend) => {
  describe.each(SIZES)('N=$N, M=$M, batch $batch, legacy $LEGACY', ({ N, M, batch, LEGACY }) => {
    const constants = { N, M, LEGACY };
    const run = useProgram(
      backend,
      (g) => {
        const [head, wc, previous, dwg] = [g.input('head', [4 * M + 12]), g.input('wc', [2, N]), g.input('previous', [2, N]), g.input('dwg', [2, N])];
        g.section('forward');
        g.expose('wg', g.apply(interpolation.forward, [head, wc, previous], [2, N], constants));
        g.expose('dwc', g.apply(interpolation.backwardContent, [head, dwg], [2, N], constants));
        g.expose('dg', g.apply(interpolation.backwardGate, [wc, previous, dwg], [2], constants));
        g.expose('dPrevious', g.apply(interpolation.backwardPrevious, [head, dwg], [2, N], constants));
      },
      { batch },
    );
    const rows = 2 * batch;

    /** What each head interpolates with: under the old rule, the read head's weighting both times. */
    const seen = (previous: Float32Array): Float32Array => (LEGACY ? beside(batch, columns(previous, batch, 0, N), columns(previous, batch, 0, N)) : previous);
    const given = (d: Float64Array): ArrayLike<number> =>
      LEGACY ? beside(batch, columns(d, batch, 0, N).map((v, i) => v + columns(d, batch, N, N)[i]), new Float32Array(batch * N)) : d;

    test.prop([numbers(rows, 0, 1), weightings(rows, N), weightings(rows, N), numbers(rows * N)], EXAMPLES)('forward and backward', async (g, wc, previous, dwg) => {
      const actual = await run({ inputs: { head: headRows(batch, M, { g }), wc, previous, dwg } });
      const expected = interpolate({ content: wc, previous: seen(previous), g }, { B: rows, N });
      const d = expected.gradients(dwg);
      expectForward(actual.wg, expected.out, 'w_g');
      expectGradient(actual.dwc, d.dcontent, 'dw_c');
      expectGradient(actual.dg, d.dg, 'dg');
      expectGradient(actual.dPrevious, given(d.dprevious), 'dw_prev');
    });
  });
});
