/** The optimisers as recorded updates of every parameter, after clipping by global norm and by element. */
import { optimiser as kernels } from '../../kernels/optimiser.js';
import { initial } from '../../kernels/initial.js';
import type { Recorder, Tensor } from '../program/graph.js';
import type { Parameters } from './controller.js';
import type { ParameterName } from './parameters.js';

export type OptimiserKind = 'rmsprop' | 'adam';

export interface OptimiserSettings {
  readonly learningRate: number;
  /** RMSprop's α, Adam's β2: decay of the square average. */
  readonly squareDecay: number;
  /** RMSprop's μ, Adam's β1. */
  readonly momentum: number;
  readonly epsilon: number;
  /** Elementwise limit of the gradient, 0 for none. */
  readonly clip: number;
  /** Largest global norm of the gradient, 0 for none. */
  readonly maxNorm: number;
  /** Decay of the running average of the weights, 0 for the weights themselves. */
  readonly averaging: number;
  /** λ: the furthest that a weight moves in one step, in learning rates; 0 for no limit. */
  readonly stepLimit: number;
}

export const SETTINGS_SIZE = 10;

/** Share of a step's weights in their average: at first that of a plain mean, so that the beginning is forgotten. */
const averageShare = (decay: number, step: number): number => 1 - Math.min(decay, step / (step + 10));

/** The array that the kernels read (kernels/optimiser.ts); `step` counts from 1. */
export const settingsArray = (s: OptimiserSettings, step: number): Float32Array =>
  Float32Array.of(s.learningRate, s.squareDecay, s.momentum, s.epsilon, s.clip, s.maxNorm, 1 - s.momentum ** step, 1 - s.squareDecay ** step, averageShare(s.averaging, step), s.stepLimit);

/**
 * v, m and a: the square averages, the momenta and the averages of the weights, one of each a parameter.
 * Readable after it: `norm` [1], the gradient's global norm before clipping, −1 where it is not finite.
 */
export const recordOptimiser = (g: Recorder, kind: OptimiserKind, p: Parameters, dp: Parameters, v: Parameters, m: Parameters, a: Parameters): void => {
  const names = Object.keys(p) as ParameterName[];
  const settings = g.single('settings', [SETTINGS_SIZE], 'setting');
  const zero = g.single('zero', [1], 'setting');
  const squared = names.reduce<Tensor>((sum, name) => {
    const [Z, Y, X] = [1, 1, ...p[name].shape].slice(-3) as [number, number, number];
    return g.apply(kernels.addSquares, [sum, g.apply(kernels.squares, [dp[name]], [X], { Y, Z })], [1], { X });
  }, g.apply(initial.vector, [zero], [1]));
  const norm = g.single('norm', [1], 'setting');
  g.replace(kernels.norm, norm, [squared]);
  const scale = g.apply(kernels.clipScale, [norm, settings], [1]);
  for (const name of names) {
    const gradient = g.apply(kernels.clip, [dp[name], scale, settings], p[name].shape);
    g.replace(kernels.squareAverage, v[name], [v[name], gradient, settings]);
    if (kind === 'rmsprop') {
      g.replace(kernels.momentum, m[name], [m[name], gradient, v[name], settings]);
      g.replace(kernels.descend, p[name], [p[name], m[name], settings]);
    } else {
      g.replace(kernels.average, m[name], [m[name], gradient, settings]);
      g.replace(kernels.descend, p[name], [p[name], g.apply(kernels.direction, [m[name], v[name], settings], p[name].shape), settings]);
    }
    g.replace(kernels.track, a[name], [a[name], p[name], settings]);
  }
};
