/** Every operation on every backend against the oracle, at drawn sizes: forward, backward, and ⟨Jv, u⟩ = ⟨v, Jᵀu⟩. */
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe } from 'vitest';
import { examples, PATIENCE, sizes } from '../support/arbitraries.js';
import { eachBackend } from '../support/backends.js';
import { expectAdjoint, expectRight } from '../support/expectations.js';
import { drawn } from '../support/values.js';
import { OPERATIONS } from './all.js';
import { openOperation } from './operation.js';

/** Sizes an operation, and values at each of them. */
const SIZES = 25;
const VALUES = 4;

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
    test.prop([sizes, fc.nat()], examples(backend, SIZES))('forward and backward', async (drawnSizes, seed) => {
      const { run, dispose } = await openOperation(backend, operation, drawnSizes);
      try {
        for (let i = 0; i < VALUES; i++) {
          const { comparisons, adjoint } = await run(drawn(seed + i, (draw) => operation.draw(draw, drawnSizes)));
          expectRight(comparisons);
          if (adjoint) expectAdjoint(adjoint, directions(adjoint.at, seed + i + 1));
        }
      } finally {
        await dispose();
      }
    }, PATIENCE);
  });
});
