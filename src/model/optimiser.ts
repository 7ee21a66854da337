/** The optimisers as recorded updates of all parameters, after clipping by global norm and by element. */
import { optimiser as kernels } from '../../kernels/optimiser.js';
import type { Recorder, Tensor } from '../program/graph.js';

/** PyTorch’s RMSprop, the paper’s (Graves 2013), Adam. */
export type OptimiserKind = 'rmsprop' | 'centred-rmsprop' | 'adam';

/** What an optimiser is set by, in the names of its equations (kernels/optimiser.ts). */
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
  /** Decay of the running averages of the weights, 0 for the weights themselves. */
  readonly averaging: number;
  /** λ: the furthest that a weight moves in one step, in learning rates; 0 for no limit. */
  readonly stepLimit: number;
  /** δ: what a weight loses of itself in one step, in learning rates. */
  readonly weightDecay: number;
}

export const SETTINGS_SIZE = 11;

/** Share of a step's weights in their averages: at first that of a plain mean, so that the beginning is forgotten. */
const averageShare = (decay: number, step: number): number => 1 - Math.min(decay, step / (step + 10));

/** The array that the kernels read (kernels/optimiser.ts); `step` counts from 1. [SETTINGS_SIZE]. */
export const settingsArray = (s: OptimiserSettings, step: number): Float32Array =>
  Float32Array.of(
    s.learningRate,
    s.squareDecay,
    s.momentum,
    s.epsilon,
    s.clip,
    s.maxNorm,
    1 / (1 - s.momentum ** step),
    1 / (1 - s.squareDecay ** step),
    averageShare(s.averaging, step),
    s.stepLimit,
    s.weightDecay,
  );

/** The arrays of an optimiser's state beside the parameters, each of their shape: all but `averages` begin as zeros. */
export const optimiserArrays = (kind: OptimiserKind): readonly string[] => ['square average', 'momentum', ...(kind === 'centred-rmsprop' ? ['mean'] : []), 'averages'];

/**
 * parameters, gradient [Q, X]. Singles: `settings`; the state by the names of {@link optimiserArrays}.
 * Readable after it: `norm` [1], the gradient's global norm before clipping, −1 where it is not finite.
 */
export const recordOptimiser = (recorder: Recorder, kind: OptimiserKind, parameters: Tensor, gradient: Tensor): void => {
  const settings = recorder.single('settings', [SETTINGS_SIZE], 'setting');
  const state = (name: string): Tensor => recorder.single(name, parameters.shape, 'optimiser');
  const [v, momentum, averages] = [state('square average'), state('momentum'), state('averages')];

  const norm = recorder.single('norm', [1], 'setting');
  const top = recorder.apply(kernels.largestOf, { columns: recorder.apply(kernels.largest, { gradient }) });
  recorder.replace(kernels.norm, norm, { columns: recorder.apply(kernels.squares, { gradient, top }), top });
  const scale = recorder.apply(kernels.clipScale, { length: norm, settings });
  const clipped = recorder.apply(kernels.clip, { gradient, scale, settings });
  recorder.replace(kernels.squareAverage, v, { v, gradient: clipped, settings });

  const directions: Readonly<Record<OptimiserKind, () => Tensor>> = {
    rmsprop: () => {
      recorder.replace(kernels.momentum, momentum, { b: momentum, gradient: clipped, v, settings });
      return momentum;
    },
    'centred-rmsprop': () => {
      const mean = state('mean');
      recorder.replace(kernels.mean, mean, { average: mean, gradient: clipped, settings });
      recorder.replace(kernels.centredMomentum, momentum, { b: momentum, gradient: clipped, v, average: mean, settings });
      return momentum;
    },
    adam: () => {
      recorder.replace(kernels.firstMoment, momentum, { m: momentum, gradient: clipped, settings });
      return recorder.apply(kernels.direction, { m: momentum, v, settings });
    },
  };
  recorder.replace(kernels.descend, parameters, { theta: parameters, u: directions[kind](), settings });
  recorder.replace(kernels.track, averages, { averages, theta: parameters, settings });
};
