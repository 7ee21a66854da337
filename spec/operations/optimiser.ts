/** kernels/optimiser.ts, recorded by src/model/optimiser.ts: one step from any state, of tensors with one, two and three axes. */
import type { Parameters } from '../../src/model/controller.js';
import { type OptimiserKind, type OptimiserSettings, recordOptimiser, settingsArray } from '../../src/model/optimiser.js';
import { type Recorder, type Shape, sizeOf } from '../../src/program/graph.js';
import { optimiserStep } from '../oracle/optimiser.js';
import type { Results } from '../support/program.js';
import { forward } from '../support/tolerances.js';
import { uniforms } from '../support/values.js';
import type { Operation, Sizes, Values } from './operation.js';

const shapes = ({ H, M, I, V }: Sizes): ReadonlyArray<readonly [string, Shape]> => [['h0', [H]], ['heads', [V, M]], ['controller', [I, 4, H]]];

const STEP = 3;
const SETTINGS: OptimiserSettings = { learningRate: 1e-2, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-8, clip: 0.2, maxNorm: 3, averaging: 0.15, stepLimit: 0.5 };

/** One array cut into the tensors. */
export const tensors = (prefix: string, all: Float32Array, sizes: Sizes): Values => {
  let at = 0;
  return Object.fromEntries(shapes(sizes).map(([name, shape]) => [`${prefix}${name}`, all.slice(at, (at += sizeOf(shape)))]));
};

export const joined = (results: Results, prefix: string, sizes: Sizes): number[] => shapes(sizes).flatMap(([name]) => [...results[`${prefix}${name}`]]);

export const lengthOf = (sizes: Sizes): number => shapes(sizes).reduce((sum, [, shape]) => sum + sizeOf(shape), 0);

export const recorded = (g: Recorder, kind: OptimiserKind, sizes: Sizes): void => {
  const declare = (prefix: string, role: 'parameter' | 'gradient' | 'optimiser'): Parameters =>
    Object.fromEntries(shapes(sizes).map(([name, shape]) => [name, g.single(`${prefix}${name}`, shape, role)])) as unknown as Parameters;
  g.section('update');
  recordOptimiser(g, kind, declare('', 'parameter'), declare('d', 'gradient'), declare('v.', 'optimiser'), declare('m.', 'optimiser'), declare('a.', 'optimiser'));
};

const operation = (name: string, kind: OptimiserKind): Operation => ({
  name,
  sections: ['update'],
  record: (g, sizes) => recorded(g, kind, sizes),
  draw: (draw, sizes) => {
    const length = lengthOf(sizes);
    return { parameter: uniforms(draw, length), gradient: uniforms(draw, length), square: uniforms(draw, length, 0, 1), momentum: uniforms(draw, length), average: uniforms(draw, length) };
  },
  given: ({ parameter, gradient, square, momentum, average }, sizes) => ({
    singles: {
      ...tensors('', parameter, sizes),
      ...tensors('d', gradient, sizes),
      ...tensors('v.', square, sizes),
      ...tensors('m.', momentum, sizes),
      ...tensors('a.', average, sizes),
      settings: settingsArray(SETTINGS, STEP),
    },
  }),
  compare: ({ parameter, gradient, square, momentum, average }, actual, sizes) => {
    const expected = optimiserStep(kind, { parameter, square, momentum, average }, gradient, SETTINGS, STEP);
    const arrays = [['', 'parameter'], ['v.', 'square'], ['m.', 'momentum'], ['a.', 'average']] as const;
    return arrays.map(([prefix, array]) => forward(`${array} after a step`, joined(actual, prefix, sizes), expected[array]));
  },
});

export const rmsprop = operation('RMSprop', 'rmsprop');
export const adam = operation('Adam', 'adam');
