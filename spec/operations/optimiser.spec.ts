/** kernels/optimiser.ts, recorded by src/model/optimiser.ts, on every backend: three steps of each optimiser against PyTorch's formulas. */
import { test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { optimiser } from '../../kernels/optimiser.js';
import type { Parameters } from '../../src/model/controller.js';
import { type OptimiserKind, type OptimiserSettings, recordOptimiser, SETTINGS_SIZE, settingsArray } from '../../src/model/optimiser.js';
import { type Recorder, sizeOf } from '../../src/program/graph.js';
import * as oracle from '../oracle/operations.js';
import { eachBackend } from '../support/backends.js';
import { EXAMPLES, numbers, type Results, runProgram, useProgram } from '../support/run.js';
import { expectForward } from '../support/tolerances.js';

/** One, two and three axes. */
const SHAPES = { h0: [5], heads: [6, 7], controller: [3, 4, 8] } as const;
const NAMES = Object.keys(SHAPES) as Array<keyof typeof SHAPES>;
const LENGTH = NAMES.reduce((sum, name) => sum + sizeOf(SHAPES[name]), 0);
const STEPS = 3;

/** One array cut into the three tensors. */
const tensors = (prefix: string, all: Float32Array): Record<string, Float32Array> => {
  const starts = NAMES.map((_, i) => NAMES.slice(0, i).reduce((sum, name) => sum + sizeOf(SHAPES[name]), 0));
  return Object.fromEntries(NAMES.map((name, i) => [`${prefix}${name}`, all.slice(starts[i], starts[i] + sizeOf(SHAPES[name]))]));
};

const declare = (g: Recorder, prefix: string, role: 'parameter' | 'gradient' | 'optimiser'): Parameters =>
  Object.fromEntries(NAMES.map((name) => [name, g.single(`${prefix}${name}`, SHAPES[name], role)])) as unknown as Parameters;

const joined = (results: Results, prefix: string): number[] => NAMES.flatMap((name) => [...results[`${prefix}${name}`]]);

const recorded = (kind: OptimiserKind) => (g: Recorder): void => {
  g.section('update');
  recordOptimiser(g, kind, declare(g, '', 'parameter'), declare(g, 'd', 'gradient'), declare(g, 'v.', 'optimiser'), declare(g, 'm.', 'optimiser'), declare(g, 'average.', 'optimiser'));
};

const SETTINGS: OptimiserSettings = { learningRate: 1e-2, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-8, clip: 0, maxNorm: 0, averaging: 0.15 };
const OPTIONS = { batch: 1, sections: ['update'] } as const;

/** g' of kernels/optimiser.ts. */
const clipped = (gradient: Float32Array, { clip, maxNorm }: OptimiserSettings): Float64Array => {
  const norm = Math.hypot(...gradient);
  const scale = maxNorm > 0 ? Math.min(1, maxNorm / norm) : 1;
  return Float64Array.from(gradient, (g) => (clip > 0 ? Math.max(-clip, Math.min(clip, scale * g)) : scale * g));
};

const LIMITS = [
  { clip: 0, maxNorm: 0 },
  { clip: 0.5, maxNorm: 0 },
  { clip: 0, maxNorm: 2 },
  { clip: 0.2, maxNorm: 3 },
  { clip: 0, maxNorm: 1000 },
];

eachBackend('optimiser', (backend) => {
  describe.each(['rmsprop', 'adam'] as const)('%s', (kind) => {
    const run = useProgram(backend, recorded(kind), OPTIONS);
    const example = [numbers(LENGTH), ...Array.from({ length: STEPS }, () => numbers(LENGTH))] as const;

    describe.each(LIMITS)('clip $clip, largest norm $maxNorm', (limits) => {
      test.prop([...example], EXAMPLES)('three steps, and the average of the weights', async (start, ...gradients) => {
        const settings: OptimiserSettings = { ...SETTINGS, ...limits };
        const { learningRate, squareDecay, momentum, epsilon, averaging } = settings;
        const zero = new Float32Array(LENGTH);
        let rmsprop: oracle.RmspropState = { parameter: start, square: zero, momentum: zero };
        let adam: oracle.AdamState = { parameter: start, first: zero, second: zero, step: 0 };
        let average = Float64Array.from(start);
        let state = { ...tensors('', start), ...tensors('average.', start), ...tensors('v.', zero), ...tensors('m.', zero) };
        for (const [i, gradient] of gradients.entries()) {
          const actual = await run({ singles: { ...state, ...tensors('d', gradient), settings: settingsArray(settings, i + 1) } });
          state = {}; // the machine keeps its own from here on
          const g = clipped(gradient, settings);
          rmsprop = oracle.rmspropStep(rmsprop, g, { learningRate, alpha: squareDecay, momentum, epsilon });
          adam = oracle.adamStep(adam, g, { learningRate, beta1: momentum, beta2: squareDecay, epsilon });
          const { parameter } = kind === 'rmsprop' ? rmsprop : adam;
          const share = 1 - Math.min(averaging, (i + 1) / (i + 11));
          average = average.map((before, at) => before + share * (parameter[at] - before));
          expectForward(joined(actual, ''), parameter, `parameters after step ${i + 1}`);
          expectForward(joined(actual, 'average.'), average, `averages after step ${i + 1}`);
        }
      });
    });

    // GLSL leaves NaN undefined; on a GPU it is the loss that tells (spec/training).
    if (backend !== 'headlessgl') it.each(LIMITS)('no parameter is finite once a gradient is not: clip $clip, largest norm $maxNorm', async (limits) => {
      const gradient = new Float32Array(LENGTH).fill(1).with(3, NaN);
      const actual = await runProgram(backend, recorded(kind), { ...OPTIONS, singles: { ...tensors('d', gradient), settings: settingsArray({ ...SETTINGS, ...limits }, 1) } });
      expect(joined(actual, '').filter(Number.isFinite).length).toBe(0);
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

  it.each([0, 10])('the scale is not finite when the squared norm is not, largest norm %d', async (maxNorm) => {
    const { scale } = await runProgram(
      backend,
      (g) => {
        const [squared, settings] = [g.single('squared', [1], 'setting'), g.single('settings', [SETTINGS_SIZE], 'setting')];
        g.section('update');
        g.expose('scale', g.apply(optimiser.clipScale, [squared, settings], [1]));
      },
      { batch: 1, sections: ['update'], singles: { squared: Float32Array.of(Infinity), settings: new Float32Array(SETTINGS_SIZE).with(5, maxNorm) } },
    );
    expect(scale[0]).not.toSatisfy(Number.isFinite);
  });
});
