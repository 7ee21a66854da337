/** kernels/optimiser.ts, recorded by src/model/optimiser.ts, on every backend: three steps of each optimiser against PyTorch's formulas. */
import { test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { optimiser } from '../../kernels/optimiser.js';
import { type OptimiserSettings, settingsArray } from '../../src/model/optimiser.js';
import { type OptimiserState, optimiserStep } from '../oracle/optimiser.js';
import { eachBackend } from '../support/backends.js';
import { expectForward } from '../support/expectations.js';
import { runProgram } from '../support/program.js';
import { EXAMPLES, numbers, useProgram } from '../support/run.js';
import { joined, lengthOf, recorded, tensors } from './optimiser.js';

const SIZES = { batch: 1, N: 1, M: 7, H: 5, I: 3, V: 6, legacy: 0 } as const;
const LENGTH = lengthOf(SIZES);
const STEPS = 3;

const SETTINGS: OptimiserSettings = { learningRate: 1e-2, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-8, clip: 0, maxNorm: 0, averaging: 0.15, stepLimit: 0 };
const OPTIONS = { batch: 1, sections: ['update'] } as const;

const LIMITS: ReadonlyArray<Partial<OptimiserSettings>> = [
  { clip: 0, maxNorm: 0 },
  { clip: 0.5, maxNorm: 0 },
  { clip: 0, maxNorm: 2 },
  { clip: 0.2, maxNorm: 3 },
  { clip: 0, maxNorm: 1000 },
  { clip: 0, maxNorm: 0, stepLimit: 0.6 },
];

eachBackend('optimiser', (backend) => {
  describe.each(['rmsprop', 'adam'] as const)('%s', (kind) => {
    const run = useProgram(backend, (g) => recorded(g, kind, SIZES), OPTIONS);
    const example = [numbers(LENGTH), ...Array.from({ length: STEPS }, () => numbers(LENGTH))] as const;

    describe.each(LIMITS)('clip $clip, largest norm $maxNorm, furthest step $stepLimit', (limits) => {
      test.prop([...example], EXAMPLES)('three steps, and the average of the weights', async (start, ...gradients) => {
        const settings: OptimiserSettings = { ...SETTINGS, ...limits };
        const zero = new Float32Array(LENGTH);
        let expected: OptimiserState = { parameter: start, square: zero, momentum: zero, average: start };
        let state = { ...tensors('', start, SIZES), ...tensors('a.', start, SIZES), ...tensors('v.', zero, SIZES), ...tensors('m.', zero, SIZES) };
        for (const [i, gradient] of gradients.entries()) {
          const actual = await run({ singles: { ...state, ...tensors('d', gradient, SIZES), settings: settingsArray(settings, i + 1) } });
          state = {}; // the machine keeps its own from here on
          expected = optimiserStep(kind, expected, gradient, settings, i + 1);
          expectForward(joined(actual, '', SIZES), expected.parameter, `parameters after step ${i + 1}`);
          expectForward(joined(actual, 'a.', SIZES), expected.average, `averages after step ${i + 1}`);
        }
      });
    });

    it('clips a gradient that exploded to the largest norm', async () => {
      const gradient = Float32Array.from({ length: LENGTH }, (_, i) => 1e22 * Math.sin(i + 1));
      const settings = { ...SETTINGS, maxNorm: 2 };
      const zero = new Float32Array(LENGTH);
      const actual = await run({ singles: { ...tensors('', zero, SIZES), ...tensors('a.', zero, SIZES), ...tensors('v.', zero, SIZES), ...tensors('m.', zero, SIZES), ...tensors('d', gradient, SIZES), settings: settingsArray(settings, 1) } });
      const { parameter } = optimiserStep(kind, { parameter: zero, square: zero, momentum: zero, average: zero }, gradient, settings, 1);
      expectForward(joined(actual, '', SIZES), parameter, 'parameters');
    });

    // Comparisons with NaN are undefined in GLSL and WGSL.
    it.each(backend === 'cpu' || backend === 'webasm' ? [NaN, Infinity] : [Infinity])('takes a gradient with an entry of %d for none', async (entry) => {
      const state = Float32Array.from({ length: LENGTH }, (_, i) => Math.sin(i));
      const square = state.map((v) => v * v);
      const gradient = new Float32Array(LENGTH).fill(1).with(3, entry);
      const actual = await run({ singles: { ...tensors('', state, SIZES), ...tensors('a.', state, SIZES), ...tensors('v.', square, SIZES), ...tensors('m.', state, SIZES), ...tensors('d', gradient, SIZES), settings: settingsArray({ ...SETTINGS, maxNorm: 2 }, 2) } });
      const expected = optimiserStep(kind, { parameter: state, square, momentum: state, average: state }, new Float32Array(LENGTH), SETTINGS, 2);
      expect([...actual.norm]).toEqual([-1]);
      expectForward(joined(actual, '', SIZES), expected.parameter, 'parameters');
      expectForward(joined(actual, 'm.', SIZES), expected.momentum, 'momentum');
    });
  });

  it('accumulate adds the gradient of another part', async () => {
    const { d } = await runProgram(
      backend,
      (g) => {
        const d = g.single('d', [2, 3, 5], 'gradient');
        g.section('combine');
        g.replace(optimiser.accumulate, d, [d, g.single('other', [2, 3, 5], 'other gradient')]);
      },
      { batch: 1, sections: ['combine'], singles: { d: Float32Array.from({ length: 30 }, (_, i) => i), other: new Float32Array(30).fill(0.5) } },
    );
    expect([...d]).toEqual(Array.from({ length: 30 }, (_, i) => i + 0.5));
  });
});
