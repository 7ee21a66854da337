/** kernels/content.ts on either side of ‖k‖‖m‖ = 1e-8, below which the divisor is a constant and no terms cancel. */
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe } from 'vitest';
import { eachBackend } from '../support/backends.js';
import { expectRight } from '../support/expectations.js';
import { EXAMPLES, useOperation } from '../support/run.js';
import { drawn } from '../support/values.js';
import { content } from './content.js';

const SIDES = [
  { side: 'above', ofKey: 1e-2, ofMemory: 1e-5 },
  { side: 'below', ofKey: 1e-6, ofMemory: 1e-4 },
];

eachBackend('content similarity', (backend) => {
  describe.each([{ N: 3, M: 1, batch: 3 }, { N: 7, M: 20, batch: 3 }, { N: 128, M: 20, batch: 1 }])('N=$N, M=$M, batch $batch', (dims) => {
    const sizes = { ...dims, H: 1, I: 1, V: 1, legacy: 0 } as const;
    const run = useOperation(backend, content, sizes);
    const away = (values: Float32Array, size: number): Float32Array => values.map((v) => size * (v + Math.sign(v)));

    test.prop([fc.nat(), fc.constantFrom(...SIDES)], { ...EXAMPLES, numRuns: 6 })('‖k‖‖m‖ above and below 1e-8', async (seed, { ofKey, ofMemory }) => {
      const values = drawn(seed, (draw) => content.draw(draw, sizes));
      const { comparisons } = await run({ ...values, k: away(values.k, ofKey), memory: away(values.memory, ofMemory) });
      expectRight(comparisons);
    });
  });
});
