/** kernels/softmax.ts, composed as src/model/addressing.ts composes it, on every backend against the oracle. */
import { test } from '@fast-check/vitest';
import { describe } from 'vitest';
import { softmaxBackward, softmaxForward } from '../../src/model/addressing.js';
import { softmax } from '../oracle/operations.js';
import { eachBackend } from '../support/backends.js';
import { EXAMPLES, numbers, useProgram } from '../support/run.js';
import { expectAdjoint, expectForward, expectGradient } from '../support/tolerances.js';

eachBackend('softmax', (backend) => {
  describe.each([{ N: 3, batch: 3 }, { N: 7, batch: 1 }, { N: 128, batch: 3 }])('N=$N, batch $batch', ({ N, batch }) => {
    const shape = { controller: 'lstm', inputs: 1, outputs: 1, hidden: 1, slots: N, width: 1, legacyWriteAddressing: false } as const;
    const run = useProgram(
      backend,
      (g) => {
        const [z, dw] = [g.input('z', [2, N]), g.input('dw', [2, N])];
        g.section('forward');
        const w = softmaxForward(g, shape, z);
        g.expose('w', w);
        g.expose('dz', softmaxBackward(g, shape, w, dw));
      },
      { batch },
    );
    const size = 2 * batch * N;

    test.prop([numbers(size, -10, 10), numbers(size), numbers(size)], EXAMPLES)('forward and backward', async (z, dw, along) => {
      const actual = await run({ inputs: { z, dw } });
      const expected = softmax({ x: z }, { B: 2 * batch, N });
      expectForward(actual.w, expected.out, 'w');
      expectGradient(actual.dz, expected.gradients(dw).dx, 'dz');
      expectAdjoint((at) => softmax(at, { B: 2 * batch, N }).out, { x: z }, { x: along }, dw, { x: actual.dz });
    });
  });
});
