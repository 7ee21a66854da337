/** The optimiser as a whole in float64: clipping, RMSprop or Adam, and the average of the weights. */
import type { OptimiserKind, OptimiserSettings } from '../../src/model/optimiser.js';
import { adamStep, type Numbers, rmspropStep } from './operations.js';

/** Over all parameters one after the other: θ, v, b or m, and the average a. */
export interface OptimiserState {
  readonly parameter: Numbers;
  readonly square: Numbers;
  readonly momentum: Numbers;
  readonly average: Numbers;
}

/** g' of kernels/optimiser.ts. */
const clipped = (gradient: Numbers, { clip, maxNorm }: OptimiserSettings): Float64Array => {
  const norm = Math.sqrt(Array.from(gradient).reduce((sum, g) => sum + g * g, 0));
  const scale = maxNorm > 0 ? Math.min(1, maxNorm / norm) : 1;
  return Float64Array.from(gradient, (g) => (clip > 0 ? Math.max(-clip, Math.min(clip, scale * g)) : scale * g));
};

/** `step` counts from 1. */
export const optimiserStep = (kind: OptimiserKind, { parameter, square, momentum, average }: OptimiserState, gradient: Numbers, settings: OptimiserSettings, step: number): OptimiserState => {
  const { learningRate, squareDecay, momentum: decay, epsilon, averaging, stepLimit } = settings;
  const furthest = stepLimit > 0 ? learningRate * stepLimit : Infinity;
  const g = clipped(gradient, settings);
  const share = 1 - Math.min(averaging, step / (step + 10));
  const moved = (next: { readonly parameter: Float64Array }): { readonly parameter: Float64Array; readonly average: Float64Array } => {
    const limited = next.parameter.map((value, i) => parameter[i] + Math.max(-furthest, Math.min(furthest, value - parameter[i])));
    return { parameter: limited, average: Float64Array.from(average, (before, i) => before + share * (limited[i] - before)) };
  };
  if (kind === 'rmsprop') {
    const next = rmspropStep({ parameter, square, momentum }, g, { learningRate, alpha: squareDecay, momentum: decay, epsilon });
    return { ...moved(next), square: next.square, momentum: next.momentum };
  }
  const next = adamStep({ parameter, first: momentum, second: square, step: step - 1 }, g, { learningRate, beta1: decay, beta2: squareDecay, epsilon });
  return { ...moved(next), square: next.second, momentum: next.first };
};
