/** The optimisers: three steps from any state, and what must not move anything. */
import fc from 'fast-check';
import { type OptimiserKind, type OptimiserSettings, settingsArray } from '../../src/model/optimiser.js';
import { optimiser } from '../../kernels/optimiser.js';
import { numbers } from '../arbitraries/numbers.js';
import type { Few } from '../arbitraries/shapes.js';
import { compareState, recorded, singlesOf } from '../operations/optimiser.js';
import { type OptimiserState, optimiserStep, startOf } from '../oracle/optimiser.js';
import { ensure, equal, expectForward, expectRight } from '../support/expectations.js';
import { largest } from '../support/values.js';
import type { Bench } from './bench.js';
import { law, type Law } from './law.js';

const KINDS = ['rmsprop', 'centred-rmsprop', 'adam'] as const satisfies readonly OptimiserKind[];

/** ε of the centred optimiser stands beside a variance, which the first steps' rounding must not outweigh. */
const EPSILON = { rmsprop: 1e-8, 'centred-rmsprop': 1e-2, adam: 1e-8 } as const;

interface Size {
  readonly rows: number;
  readonly width: number;
}

const sizes = (few: Few): fc.Arbitrary<Size> => few(fc.record({ rows: fc.integer({ min: 1, max: 5 }), width: fc.integer({ min: 1, max: 39 }) }), 6);

/** Limits that bite, and none. */
const settings = (kind: OptimiserKind): fc.Arbitrary<OptimiserSettings> =>
  fc.record({
    learningRate: fc.constantFrom(1e-2, 1, 1e-4), squareDecay: fc.constantFrom(0.95, 0.5, 0), momentum: fc.constantFrom(0.9, 0.5, 0), epsilon: fc.constant(EPSILON[kind]),
    clip: fc.constantFrom(0, 0.5, 0.2), maxNorm: fc.constantFrom(0, 0.2, 2, 1000), averaging: fc.constantFrom(0.15, 0, 0.99), stepLimit: fc.constantFrom(0, 0.6), weightDecay: fc.constantFrom(0, 0.4),
  });

const runOf = (bench: Bench, kind: OptimiserKind, { rows, width }: Size) => bench.program(`${kind} ${rows}x${width}`, (recorder) => recorded(recorder, kind, rows, width), { batch: 1, sections: ['update'] });

const arraysOf = (state: OptimiserState): Readonly<Record<string, Float32Array>> => Object.fromEntries(Object.entries(state).map(([name, values]) => [name, Float32Array.from(values as ArrayLike<number>)]));

const kinds = fc.constantFrom(...KINDS);
const given = (few: Few) => fc.record({ kind: kinds, of: sizes(few) }).chain(({ kind, of }) => fc.record({ kind: fc.constant(kind), of: fc.constant(of), limits: settings(kind), start: numbers(of.rows * of.width) }));

export const optimiserLaws: readonly Law[] = [
  law({
    name: 'three steps from the beginning, and the averages of the weights, are the float64 oracle’s under any limits',
    draw: (few) => given(few).chain((drawn) => fc.record({ drawn: fc.constant(drawn), gradients: fc.array(fc.noBias(numbers(drawn.start.length)), { minLength: 3, maxLength: 3 }) })),
    holds: async ({ drawn: { kind, of, limits, start }, gradients }, bench) => {
      const run = await runOf(bench, kind, of);
      let expected = startOf(start);
      let state = singlesOf(kind, arraysOf(expected));
      for (const [i, gradient] of gradients.entries()) {
        const actual = await run({ singles: { ...state, gradient, settings: settingsArray(limits, i + 1) } });
        state = {}; // the machine keeps its own from here on
        expected = optimiserStep(kind, expected, gradient, limits, i + 1);
        const scale = Math.max(1, largest(expected.parameter), largest(expected.momentum));
        expectRight(compareState(kind, actual, expected).map((comparison) => ({ ...comparison, terms: 4 * scale })));
      }
    },
    tolerance: '8e-6 of the largest weight or momentum',
  }),
  law({
    name: 'a gradient of zeros moves no weight of an optimiser at rest, only the averages towards the weights',
    draw: given,
    holds: async ({ kind, of, limits, start }, bench) => {
      const run = await runOf(bench, kind, of);
      const before = startOf(start);
      const average = start.map((v) => v / 2);
      const actual = await run({ singles: { ...singlesOf(kind, arraysOf({ ...before, average })), gradient: new Float32Array(start.length), settings: settingsArray(limits, 1) } });
      equal('parameters', actual.parameters, start);
      equal('square average', actual['square average'], new Float32Array(start.length));
      expectForward(actual.averages, optimiserStep(kind, { ...before, average }, new Float32Array(start.length), limits, 1).average, 'averages');
    },
    tolerance: 'none: the same bits; 2e-6 of the averages',
  }),
  law({
    name: 'a gradient that is not finite is taken for none, wherever its entry stands',
    draw: (few) => given(few).chain((drawn) => fc.record({ drawn: fc.constant(drawn), at: fc.nat(drawn.start.length - 1), entry: fc.constantFrom(Infinity, -Infinity, NaN) })),
    holds: async ({ drawn: { kind, of, limits, start }, at, entry }, bench) => {
      // Comparisons with NaN are undefined in GLSL and WGSL.
      if (Number.isNaN(entry) && bench.backend !== 'cpu' && bench.backend !== 'webasm') return;
      const run = await runOf(bench, kind, of);
      const state: OptimiserState = { parameter: start, square: start.map((v) => v * v + 0.1), momentum: start, mean: start.map((v) => v / 2), average: start };
      const actual = await run({ singles: { ...singlesOf(kind, arraysOf(state)), gradient: new Float32Array(start.length).fill(1).with(at, entry), settings: settingsArray(limits, 2) } });
      equal('norm', actual.norm, [-1]);
      expectRight(compareState(kind, actual, optimiserStep(kind, state, new Float32Array(start.length), { ...limits, maxNorm: 0 }, 2)).map((comparison) => ({ ...comparison, terms: 4 * Math.max(1, largest(actual.parameters)) })));
    },
    tolerance: '8e-6 of the largest weight',
  }),
  law({
    name: 'the norm is the gradient’s length, from 1e-30 to 1e30, and one clipped to the largest norm keeps its direction',
    draw: (few) => given(few).chain((drawn) => fc.record({ drawn: fc.constant(drawn), gradient: fc.noBias(numbers(drawn.start.length, 0.25, 1)), power: fc.integer({ min: -30, max: 28 }) })),
    holds: async ({ drawn: { kind, of, limits, start }, gradient, power }, bench) => {
      const run = await runOf(bench, kind, of);
      const large = gradient.map((v) => v * 10 ** power);
      const length = Math.hypot(...large);
      const free = { ...limits, clip: 0, stepLimit: 0, maxNorm: 2 };
      const actual = await run({ singles: { ...singlesOf(kind, arraysOf(startOf(start))), gradient: large, settings: settingsArray(free, 1) } });
      expectForward(actual.norm, [length], 'norm');
      ensure(power < 1 || length > 2, () => 'nothing is clipped');
      // Squares of smaller ones are denormal, which a backend may take for 0.
      if (power < -18) return;
      expectForward(actual['square average'], large.map((v) => (1 - limits.squareDecay) * (v * Math.min(1, 2 / length)) ** 2), 'square average');
    },
    tolerance: '2e-6 of the largest entry',
  }),
  law({
    name: 'gradients of parts of a batch are added entry by entry',
    draw: (few) => sizes(few).chain((of) => fc.record({ a: numbers(of.rows * of.width), b: numbers(of.rows * of.width) })),
    holds: async ({ a, b }, bench) => {
      const run = await bench.program(`accumulate ${a.length}`, (recorder) => {
        const d = recorder.single('d', [a.length], 'gradient');
        recorder.section('combine');
        recorder.replace(optimiser.accumulate, d, { gradient: d, other: recorder.single('other', [a.length], 'other gradient') });
      }, { batch: 1, sections: ['combine'] });
      equal('sum', (await run({ singles: { d: a, other: b } })).d, a.map((v, i) => Math.fround(v + b[i]!)));
    },
    tolerance: 'none: one rounding',
  }),
];
