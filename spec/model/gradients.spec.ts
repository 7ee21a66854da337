/** The whole unrolled model against the float64 oracle, at sizes that no vector width divides and at the largest and smallest. */
import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../src/model/initialise.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { unpackParameters } from '../../src/model/state-dict.js';
import { seededRng } from '../../src/random.js';
import { compare } from '../oracle/differences.js';
import { oracleForward } from '../oracle/ntm.js';
import { casesFor, eachBackend } from '../support/backends.js';
import { runModel } from '../support/model.js';
import { copySequences } from '../support/sequences.js';
import { drawn } from '../support/values.js';

/** The largest take this long on a GPU that is rendered in software. */
const PATIENCE = 300_000;

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

const size = (controller: ModelShape['controller'], hidden: number, slots: number, width: number, bits: number, batch: number, length: number, others: Partial<ModelShape> = {}): Size => {
  const shape: ModelShape = { controller, inputs: bits + 1, outputs: bits, hidden, layers: 1, slots, width, readHeads: 1, writeHeads: 1, taps: 3, memoryInit: 'constant', legacyWriteAddressing: false, ...others };
  const said = Object.entries(others).map(([name, value]) => `, ${name} ${value}`);
  return { name: `${controller}, H=${hidden}, N=${slots}, M=${width}, ${bits} bits, batch ${batch}, length ${length}${said.join('')}`, shape, bits, batch, length };
};

const SIZES: readonly Size[] = [
  size('lstm', 5, 7, 3, 3, 3, 4),
  size('lstm', 17, 6, 1, 2, 1, 1),
  size('lstm', 8, 3, 4, 4, 2, 5, { legacyWriteAddressing: true }),
  size('feed-forward', 20, 12, 8, 8, 2, 3),
  size('lstm', 1, 1500, 1, 1, 3, 2),
  size('lstm', 100, 91, 33, 8, 3, 2, { readHeads: 2, writeHeads: 3, taps: 5 }),
  size('lstm', 1200, 6, 20, 2, 1, 1),
  size('lstm', 20, 128, 20, 2, 64, 1, { legacyWriteAddressing: true }),
  size('feed-forward', 1200, 3, 1, 1, 3, 1),
  size('gru', 100, 37, 20, 8, 3, 2, { readHeads: 3, taps: 7, layers: 2 }),
  size('none', 130, 0, 0, 8, 5, 4, { layers: 3, readHeads: 0, writeHeads: 0, taps: 1 }),
];

/** Larger than initial weights, so that gradients flow through every gate and head; at twice, rounding grows tenfold a step. */
const liven = (values: Float32Array): Float32Array => values.map((value, i) => 1.5 * value + 0.05 * Math.sin(i + 1));

const posed = ({ shape, bits, batch, length }: Size) => {
  const [parameters] = initialParameters(shape)(seededRng(3));
  const weights = new Map([...unpackParameters(shape, parameters)].map(([name, { shape: dims, data }]) => [name, { shape: [...dims], data: liven(data) }]));
  const given = { weights, ...drawn(4, (draw) => copySequences(draw, bits, batch, length)) };
  const expected = oracleForward({ ...given, legacyWriteAddressing: shape.legacyWriteAddressing });
  return { given, expected, gradients: expected.gradients() };
};

/** The oracle takes longer than most backends: it is asked once for all of them. */
const asked = new Map<string, ReturnType<typeof posed>>();
const answered = (size: Size): ReturnType<typeof posed> => {
  const found = asked.get(size.name) ?? posed(size);
  asked.set(size.name, found);
  return found;
};

eachBackend('the whole model', (backend) => {
  describe.each(casesFor(backend, SIZES))('$name', (size) => {
    it('gives the oracle’s outputs, weightings, memory, loss and gradients', async () => {
      const { given, expected, gradients } = answered(size);
      const actual = await runModel(backend, { shape: size.shape, ...given });

      for (const name of ['outputs', 'readWeighting', 'writeWeighting'] as const) expect(compare(actual[name], expected[name]).largest, name).toBeLessThan(FORWARD);
      expect(compare(actual.memory, expected.finalMemory).largest, 'memory').toBeLessThan(FORWARD);
      expect(Math.abs(actual.loss - expected.loss), 'loss').toBeLessThan(FORWARD);
      for (const [name, { data }] of actual.gradients) {
        const { largest, scale } = compare(data, gradients.get(name)!);
        expect(largest, `gradient of ${name}`).toBeLessThan(GRADIENT * scale + 1e-8);
      }
    }, PATIENCE);
  });
});
