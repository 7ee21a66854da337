/** Where heads begin: with focus and advance, the writing ones go from the first slot on, a slot a step. */
import * as E from 'fp-ts/lib/Either.js';
import fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { infer } from '../../src/evaluation/infer.js';
import { openMachine } from '../../src/gpu/backends.js';
import { initialParameters } from '../../src/model/initialise.js';
import { recordInference } from '../../src/model/ntm.js';
import { seededRng } from '../../src/random.js';
import { models, shapeOf } from '../arbitraries/shapes.js';

const STEPS = 12;
const CERTAIN = 40;

it('a model that has learnt nothing writes slot after slot, round and round', async () => {
  const shapes = models.filter(({ controller, S, legacyWriteAddressing }) => controller !== 'none' && S > 1 && !legacyWriteAddressing).map(shapeOf);
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat(), async (shape, seed) => {
      const opened = await openMachine('webasm', recordInference(shape), { batch: 1, capacity: STEPS })();
      if (E.isLeft(opened)) throw new Error(opened.left.message);
      const [parameters] = initialParameters(shape, { focus: CERTAIN, advance: CERTAIN })(seededRng(seed));
      const { writeWeighting } = await infer(opened.right, { shape, parameters }, new Float32Array(STEPS * shape.inputs), 0);
      await opened.right.dispose();
      const { slots: N, writeHeads: W } = shape;
      for (let t = 0; t < STEPS; t++) {
        for (let head = 0; head < W; head++) expect(writeWeighting[(t * W + head) * N + ((t + 1) % N)]).toBeCloseTo(1, 4);
      }
    }),
    { numRuns: 100, seed: inject('seed') },
  );
});
