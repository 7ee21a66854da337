/** The whole unrolled model against the float64 oracle, at sizes that no vector width divides and at the largest and smallest. */
import { seededRng } from '../../src/random.js';
import { initialParameters } from '../../src/model/initialise.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { unpackParameters } from '../../src/model/state-dict.js';
import { describe, expect, it } from 'vitest';
import { copyTask } from '../../src/tasks/copy.js';
import { oracleForward } from '../oracle/ntm.js';
import { compare } from '../oracle/differences.js';
import { eachBackend } from '../support/backends.js';
import { runModel } from '../support/model.js';

/** Float32 rounding over at most 11 steps, at weights whose recurrence does not amplify it. */
const FORWARD = 2e-6;
const GRADIENT = 5e-5;

interface Size {
  readonly name: string;
  readonly shape: ModelShape;
  readonly bits: number;
  readonly batch: number;
  readonly length: number;
}

const size = (controller: ModelShape['controller'], hidden: number, slots: number, width: number, bits: number, batch: number, length: number, legacyWriteAddressing = false): Size => ({
  name: `${controller}, H=${hidden}, N=${slots}, M=${width}, ${bits} bits, batch ${batch}, length ${length}${legacyWriteAddressing ? ', legacy' : ''}`,
  shape: { controller, inputs: bits + 1, outputs: bits, hidden, slots, width, legacyWriteAddressing },
  bits,
  batch,
  length,
});

const SIZES: readonly Size[] = [
  size('lstm', 5, 7, 3, 3, 3, 4),
  size('lstm', 17, 6, 1, 2, 1, 1),
  size('lstm', 8, 3, 4, 4, 2, 5, true),
  size('feed-forward', 5, 7, 3, 3, 3, 4),
  size('feed-forward', 20, 12, 8, 8, 2, 3),
  size('lstm', 1, 1500, 1, 1, 3, 2),
  size('lstm', 100, 91, 33, 8, 3, 2),
  size('lstm', 1200, 6, 20, 2, 1, 1),
  size('lstm', 20, 128, 20, 2, 64, 1, true),
  size('feed-forward', 1200, 3, 1, 1, 3, 1),
];

/** Larger than initial weights, so that gradients flow through every gate and head; at twice, rounding grows tenfold a step. */
const liven = (values: Float32Array): Float32Array => values.map((value, i) => 1.5 * value + 0.05 * Math.sin(i + 1));

eachBackend('the whole model', (backend) => {
  describe.each(SIZES)('$name', ({ shape, bits, batch, length }) => {
    it('gives the oracle’s outputs, weightings, memory, loss and gradients', async () => {
      const [parameters, rng] = initialParameters(shape)(seededRng(3));
      const weights = new Map([...unpackParameters(shape, parameters)].map(([name, { shape: dims, data }]) => [name, { shape: [...dims], data: liven(data) }]));
      const range = { bits, minLength: 1, maxLength: length, minRepeats: 1, maxRepeats: 1 };
      const [given] = copyTask.sequences(range, batch, length, 1)(rng);
      const input = given.x.subarray(0, given.inputSteps * batch * shape.inputs);
      const target = given.target.subarray(given.inputSteps * batch * shape.outputs);
      const actual = await runModel(backend, { shape, weights: (name) => weights.get(name)!.data, input, target, batch, inputSteps: given.inputSteps, answerSteps: given.answerSteps });
      const dims = { T: given.inputSteps, B: batch, I: shape.inputs, A: given.answerSteps, V: shape.outputs, H: shape.hidden, N: shape.slots, M: shape.width };
      const expected = oracleForward({ weights, controller: shape.controller, legacyWriteAddressing: shape.legacyWriteAddressing, input, target, dims });

      expect(compare(actual.outputs, expected.outputs).largest).toBeLessThan(FORWARD);
      expect(compare(actual.readWeighting, expected.readWeighting).largest).toBeLessThan(FORWARD);
      expect(compare(actual.writeWeighting, expected.writeWeighting).largest).toBeLessThan(FORWARD);
      expect(compare(actual.memory, expected.finalMemory).largest).toBeLessThan(FORWARD);
      expect(Math.abs(actual.loss - expected.loss)).toBeLessThan(FORWARD);
      for (const [name, { data }] of actual.gradients) {
        const { largest, scale } = compare(data, expected.gradients.get(name)!);
        expect(largest, `gradient of ${name}`).toBeLessThan(GRADIENT * scale + 1e-8);
      }
    });
  });
});
