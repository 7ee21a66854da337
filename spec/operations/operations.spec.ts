/** Every operation on every backend against the oracle: forward, backward, and ⟨Jv, u⟩ = ⟨v, Jᵀu⟩. */
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe } from 'vitest';
import { eachBackend } from '../support/backends.js';
import { expectAdjoint, expectRight } from '../support/expectations.js';
import { EXAMPLES, useOperation } from '../support/run.js';
import { drawn } from '../support/values.js';
import { OPERATIONS } from './all.js';
import type { Sizes } from './operation.js';

/** The published model's, and such as a lane divides in one place and not in another. */
const SIZES: readonly Sizes[] = [
  { batch: 3, N: 128, M: 20, H: 100, I: 9, V: 92, legacy: 0 },
  { batch: 1, N: 128, M: 1, H: 8, I: 4, V: 16, legacy: 1 },
  { batch: 5, N: 3, M: 6, H: 4, I: 4, V: 1, legacy: 0 },
  { batch: 3, N: 7, M: 1, H: 5, I: 3, V: 7, legacy: 1 },
];

/** Directions as long as the values themselves. */
const directions = (at: Readonly<Record<string, ArrayLike<number>>>, seed: number): Record<string, Float64Array> =>
  drawn(seed, ({ uniform }) =>
    Object.fromEntries(
      Object.entries(at).map(([name, values]) => {
        const reach = Array.from(values).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        return [name, Float64Array.from(values, () => uniform(-reach, reach))];
      }),
    ),
  );

eachBackend('operations', (backend) => {
  describe.each(OPERATIONS)('$name', (operation) => {
    describe.each(SIZES)('batch $batch, N=$N, M=$M, H=$H, I=$I, V=$V, legacy $legacy', (sizes) => {
      const run = useOperation(backend, operation, sizes);

      test.prop([fc.nat()], EXAMPLES)('forward and backward', async (seed) => {
        const { comparisons, adjoint } = await run(drawn(seed, (draw) => operation.draw(draw, sizes)));
        expectRight(comparisons);
        if (adjoint) expectAdjoint(adjoint, directions(adjoint.at, seed + 1));
      });
    });
  });
});
