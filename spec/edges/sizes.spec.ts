/**
 * Sizes at which backends were seen to fail: loops cut at 1,000, neighbours and rows mistaken where an
 * index is divided, arrays that no lane divides. Every M meets every batch, and each N at least two of these pairs.
 */
import { describe, it } from 'vitest';
import { sampled } from '../arbitraries/numbers.js';
import { OPERATIONS } from '../operations/all.js';
import { type Sizes, valuesOf } from '../operations/operation.js';
import { casesFor, eachBackend } from '../support/backends.js';
import { expectRight } from '../support/expectations.js';
import { useOperation } from '../support/run.js';

/** [N, M, batch] */
const ofMemory = (
  [[3, 1, 64], [3, 33, 1], [6, 20, 3], [6, 33, 64], [7, 1, 1], [7, 20, 64], [91, 33, 3], [91, 20, 1], [128, 1, 3], [128, 20, 64], [1500, 1, 64], [1500, 33, 1], [1500, 20, 3]] as const
).map(([N, M, batch], i): Sizes => ({ N, M, batch, R: 1 + (i % 2), W: 1 + (i % 3), S: Math.min(N, [3, 1, 5, 7][i % 4]) - (N === 6 && i % 4 === 3 ? 1 : 0), H: 1, I: 1, V: 1 }));

const layer = (H: number, M: number, batch: number, V: number): Sizes => ({ N: 3, M, batch, R: 1, W: 1, S: 3, H, I: 3, V });
const ofLayers = [layer(1, 1, 1, 1), layer(1, 33, 3, 1200), layer(100, 20, 64, 7), layer(100, 1, 3, 1), layer(1200, 33, 1, 3)];

const OF_MEMORY = ['content addressing', 'softmax', 'interpolation', 'circular shift', 'sharpening', 'memory', 'initial state'];

eachBackend('edge sizes', (backend) => {
  describe.each(OPERATIONS)('$name', (operation) => {
    describe.each(casesFor(backend, OF_MEMORY.includes(operation.name) ? ofMemory : ofLayers))('N=$N, M=$M, R=$R, W=$W, S=$S, H=$H, V=$V, batch $batch', (sizes) => {
      const run = useOperation(backend, operation, sizes);

      it('is the oracle’s', async () => {
        const { comparisons } = await run(sampled(valuesOf(operation, sizes)));
        expectRight(comparisons);
      });
    });
  });
});
