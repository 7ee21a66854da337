/** kernels/feed-forward.ts: the rectifier on every backend against the oracle. */
import { test } from '@fast-check/vitest';
import { describe } from 'vitest';
import { rectifier } from '../../kernels/feed-forward.js';
import { activation } from '../oracle/operations.js';
import { eachBackend } from '../support/backends.js';
import { columns, EXAMPLES, numbers, useProgram } from '../support/run.js';
import { expectForward, expectGradient } from '../support/tolerances.js';

eachBackend('rectifier', (backend) => {
  describe.each([{ H: 5, M: 1, batch: 3 }, { H: 100, M: 20, batch: 1 }])('H=$H, batch $batch', ({ H, M, batch }) => {
    const run = useProgram(
      backend,
      (g) => {
        const [z, dy, fromOutput, fromHeads] = [g.input('z', [H]), g.input('dy', [H]), g.input('fromOutput', [H + M]), g.input('fromHeads', [H])];
        g.section('forward');
        const y = g.apply(rectifier.forward, [z], [H]);
        g.expose('y', y);
        g.expose('first', g.apply(rectifier.backward, [y, dy], [H]));
        g.expose('second', g.apply(rectifier.backwardOutput, [y, fromOutput, fromHeads], [H]));
      },
      { batch },
    );

    test.prop([numbers(batch * H), numbers(batch * H), numbers(batch * (H + M)), numbers(batch * H)], EXAMPLES)('forward, and backward in both layers', async (values, dy, fromOutput, fromHeads) => {
      const z = values.with(0, 0); // at 0 the slope is 0
      const actual = await run({ inputs: { z, dy, fromOutput, fromHeads } });
      const { out, gradients } = activation('relu', { x: z });
      expectForward(actual.y, out, 'y');
      expectGradient(actual.first, gradients(dy).dx, 'dz of the first layer');
      expectGradient(actual.second, gradients(columns(fromOutput, batch, 0, H).map((v, i) => v + fromHeads[i])).dx, 'dz of the second layer');
    });
  });
});
