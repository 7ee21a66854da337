/** src/model/optimiser.ts on every backend: three steps of each optimiser against PyTorch's formulas and the paper's. */
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { optimiser } from '../../kernels/optimiser.js';
import { type OptimiserSettings, settingsArray } from '../../src/model/optimiser.js';
import { type OptimiserState, optimiserStep, startOf } from '../oracle/optimiser.js';
import { EXAMPLES, numbers } from '../support/arbitraries.js';
import { eachBackend } from '../support/backends.js';
import { expectForward, expectRight } from '../support/expectations.js';
import { runProgram } from '../support/program.js';
import { useProgram } from '../support/run.js';
import { compareState, recorded, singlesOf } from './optimiser.js';

const [ROWS, WIDTH] = [5, 37];
const LENGTH = ROWS * WIDTH;
const STEPS = 3;

/** ε of the centred optimiser stands beside a variance, which the first steps' rounding must not outweigh. */
const EPSILON = { rmsprop: 1e-8, 'centred-rmsprop': 1e-4, adam: 1e-8 } as const;
const SETTINGS: Omit<OptimiserSettings, 'epsilon'> = { learningRate: 1e-2, squareDecay: 0.95, momentum: 0.9, clip: 0, maxNorm: 0, averaging: 0.15, stepLimit: 0, weightDecay: 0 };
const OPTIONS = { batch: 1, sections: ['update'] } as const;

const LIMITS: ReadonlyArray<Partial<OptimiserSettings>> = [
  { clip: 0, maxNorm: 0 },
  { clip: 0.5, maxNorm: 0 },
  { clip: 0, maxNorm: 2 },
  { clip: 0.2, maxNorm: 3 },
  { clip: 0, maxNorm: 1000 },
  { clip: 0, maxNorm: 0, stepLimit: 0.6 },
  { clip: 0, maxNorm: 0, weightDecay: 0.4 },
];

/** A state as float32 arrays. */
const arrays = (state: OptimiserState): Readonly<Record<string, Float32Array>> => Object.fromEntries(Object.entries(state).map(([name, values]) => [name, Float32Array.from(values as ArrayLike<number>)]));

eachBackend('optimiser', (backend) => {
  describe.each(['rmsprop', 'centred-rmsprop', 'adam'] as const)('%s', (kind) => {
    const run = useProgram(backend, (recorder) => recorded(recorder, kind, ROWS, WIDTH), OPTIONS);
    const settingsOf = (limits: Partial<OptimiserSettings> = {}): OptimiserSettings => ({ ...SETTINGS, epsilon: EPSILON[kind], ...limits });

    describe.each(LIMITS)('clip $clip, largest norm $maxNorm, furthest step $stepLimit, decay $weightDecay', (limits) => {
      test.prop([numbers(LENGTH), fc.tuple(...Array.from({ length: STEPS }, () => numbers(LENGTH)))], EXAMPLES)('three steps, and the averages of the weights', async (start, gradients) => {
        const settings = settingsOf(limits);
        let expected = startOf(start);
        let state = singlesOf(kind, arrays(expected));
        for (const [i, gradient] of gradients.entries()) {
          const actual = await run({ singles: { ...state, gradient, settings: settingsArray(settings, i + 1) } });
          state = {}; // the machine keeps its own from here on
          expected = optimiserStep(kind, expected, gradient, settings, i + 1);
          expectRight(compareState(kind, actual, expected));
        }
      });
    });

    it('clips a gradient that exploded to the largest norm', async () => {
      const gradient = Float32Array.from({ length: LENGTH }, (_, i) => 1e22 * Math.sin(i + 1));
      const settings = settingsOf({ maxNorm: 2 });
      const start = startOf(new Float32Array(LENGTH));
      const actual = await run({ singles: { ...singlesOf(kind, arrays(start)), gradient, settings: settingsArray(settings, 1) } });
      expectForward(actual.parameters, optimiserStep(kind, start, gradient, settings, 1).parameter, 'parameters');
    });

    // Comparisons with NaN are undefined in GLSL and WGSL.
    it.each(backend === 'cpu' || backend === 'webasm' ? [NaN, Infinity] : [Infinity])('takes a gradient with an entry of %d for none', async (entry) => {
      const values = Float32Array.from({ length: LENGTH }, (_, i) => Math.sin(i));
      const state: OptimiserState = { parameter: values, square: values.map((v) => v * v + 0.1), momentum: values, mean: values.map((v) => v / 2), average: values };
      const gradient = new Float32Array(LENGTH).fill(1).with(3, entry);
      const actual = await run({ singles: { ...singlesOf(kind, arrays(state)), gradient, settings: settingsArray(settingsOf({ maxNorm: 2 }), 2) } });
      expect([...actual.norm]).toEqual([-1]);
      expectRight(compareState(kind, actual, optimiserStep(kind, state, new Float32Array(LENGTH), settingsOf(), 2)));
    });
  });

  it('accumulate adds the gradient of another part', async () => {
    const { d } = await runProgram(
      backend,
      (recorder) => {
        const d = recorder.single('d', [30], 'gradient');
        recorder.section('combine');
        recorder.replace(optimiser.accumulate, d, { gradient: d, other: recorder.single('other', [30], 'other gradient') });
      },
      { batch: 1, sections: ['combine'], singles: { d: Float32Array.from({ length: 30 }, (_, i) => i), other: new Float32Array(30).fill(0.5) } },
    );
    expect([...d]).toEqual(Array.from({ length: 30 }, (_, i) => i + 0.5));
  });
});
