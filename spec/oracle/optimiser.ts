/** The optimisers as a whole in float64: clipping, RMSprop, the paper's centred RMSprop or Adam, and the averages of the weights. */
import { adamStep, centredStep, type Numbers, rmspropStep } from './operations.js';

export type Optimiser = 'rmsprop' | 'centred-rmsprop' | 'adam';

/** As src/model/optimiser.ts explains them; limits of 0 are none. */
export interface Settings {
  readonly learningRate: number;
  readonly squareDecay: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly clip: number;
  readonly maxNorm: number;
  readonly averaging: number;
  readonly stepLimit: number;
  readonly weightDecay: number;
}

/** Over all parameters one after the other: θ, v, b or m, ḡ, and the averages a. */
export interface OptimiserState {
  readonly parameter: Numbers;
  readonly square: Numbers;
  readonly momentum: Numbers;
  readonly mean: Numbers;
  readonly average: Numbers;
}

/** The state before the first step. */
export const startOf = (parameter: Numbers): OptimiserState => {
  const zero = new Float64Array(parameter.length);
  return { parameter, square: zero, momentum: zero, mean: zero, average: parameter };
};

/** g' of kernels/optimiser.ts. */
const clipped = (gradient: Numbers, { clip, maxNorm }: Settings): Float64Array => {
  const norm = Math.sqrt(Array.from(gradient).reduce((sum, g) => sum + g * g, 0));
  const scale = maxNorm > 0 ? Math.min(1, maxNorm / norm) : 1;
  return Float64Array.from(gradient, (g) => (clip > 0 ? Math.max(-clip, Math.min(clip, scale * g)) : scale * g));
};

type Next = Pick<OptimiserState, 'square' | 'momentum' | 'mean'> & { readonly parameter: Float64Array };

const unlimited: Readonly<Record<Optimiser, (state: OptimiserState, gradient: Numbers, settings: Settings, step: number) => Next>> = {
  rmsprop: (state, gradient, { learningRate, squareDecay, momentum, epsilon }) => ({ mean: state.mean, ...rmspropStep(state, gradient, { learningRate, alpha: squareDecay, momentum, epsilon }) }),
  'centred-rmsprop': (state, gradient, { learningRate, squareDecay, momentum, epsilon }) => {
    const delta = Float64Array.from(state.momentum, (b) => -learningRate * b); // Graves' Δ holds the learning rate
    const next = centredStep({ ...state, momentum: delta }, gradient, { learningRate, alpha: squareDecay, momentum, epsilon });
    return { ...next, momentum: next.momentum.map((d) => -d / learningRate) };
  },
  adam: (state, gradient, { learningRate, squareDecay, momentum, epsilon }, step) => {
    const next = adamStep({ parameter: state.parameter, first: state.momentum, second: state.square, step: step - 1 }, gradient, { learningRate, beta1: momentum, beta2: squareDecay, epsilon });
    return { parameter: next.parameter, square: next.second, momentum: next.first, mean: state.mean };
  },
};

/** `step` counts from 1. */
export const optimiserStep = (optimiser: Optimiser, state: OptimiserState, gradient: Numbers, settings: Settings, step: number): OptimiserState => {
  const { learningRate, averaging, stepLimit, weightDecay } = settings;
  const furthest = stepLimit > 0 ? learningRate * stepLimit : Infinity;
  const share = 1 - Math.min(averaging, step / (step + 10));
  const next = unlimited[optimiser](state, clipped(gradient, settings), settings, step);
  const kept = (i: number): number => (next.momentum[i] === 0 ? 1 : 1 - learningRate * weightDecay);
  const parameter = next.parameter.map((value, i) => kept(i) * state.parameter[i] + Math.max(-furthest, Math.min(furthest, value - state.parameter[i])));
  return { ...next, parameter, average: Float64Array.from(state.average, (before, i) => before + share * (parameter[i] - before)) };
};
