/** How far float32 kernels may lie from the float64 oracle, and why: the only place that says so. */
import type { Backend } from '../../src/gpu/backends.js';
import { compare } from '../oracle/differences.js';

/**
 * Of the largest entry. One float32 rounding is 6e-8; an operation is a sum of up to 130 products, or
 * an exponential whose argument of size 10 was rounded: up to about 30 roundings.
 */
export const FORWARD = 2e-6;

/**
 * Of the largest entry: a gradient multiplies several results of the forward pass, each as far off as
 * above, and differences such as dw − Σ w·dw cancel a digit.
 */
export const GRADIENT = 1e-5;

/** Gradients this small do not move a weight; float32 products near them lose bits. */
export const GRADIENT_FLOOR = 1e-8;

/** Of the way that weights go in training, and of a loss: each gradient on the way may be off as above. */
export const TRAINING = GRADIENT;

/** Backends whose kernels are shaders, which a driver may round and flush as it likes. */
export const SHADERS: ReadonlySet<Backend> = new Set(['headlessgl', 'webgl', 'webgl2', 'webgpu']);

/** The smallest float32 that is not denormal. Backends flush smaller ones to 0, or round them coarsely. */
export const SMALLEST_NORMAL = 2 ** -126;

/** What a backend gave beside what the oracle says. */
export interface Comparison {
  readonly what: string;
  readonly pass: 'forward' | 'backward';
  readonly actual: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
  /** The size of the terms that make up a result, where these cancel. */
  readonly terms?: number;
  /** Nothing is rounded on the way, so that no digit may differ. */
  readonly exact?: boolean;
}

export const forward = (what: string, actual: ArrayLike<number>, expected: ArrayLike<number>, terms = 0): Comparison => ({ what, pass: 'forward', actual, expected, terms });
export const exactly = (what: string, actual: ArrayLike<number>, expected: ArrayLike<number>): Comparison => ({ what, pass: 'forward', actual, expected, exact: true });
export const backward = (what: string, actual: ArrayLike<number>, expected: ArrayLike<number>, terms = 0): Comparison => ({ what, pass: 'backward', actual, expected, terms });

export const TOLERANCES = { forward: FORWARD, backward: GRADIENT } as const;

/** The largest difference as a share of the largest entry (or of the terms). */
export const errorOf = ({ pass, actual, expected, terms = 0, exact = false }: Comparison): number => {
  const { largest, scale } = compare(actual, expected);
  if (largest === 0) return 0;
  const floor = pass === 'backward' ? GRADIENT_FLOOR / GRADIENT : 0;
  return exact ? Infinity : largest / (Math.max(scale, terms) + floor);
};

/** One line on a comparison that lies beyond its tolerance. */
export const faultOf = (comparison: Comparison): string | null => {
  const { what, pass, actual, expected } = comparison;
  const error = errorOf(comparison);
  if (error <= TOLERANCES[pass]) return null;
  const { at } = compare(actual, expected);
  return `${what}[${at}]: ${actual[at]}, oracle ${expected[at]}; off by ${error.toExponential(1)} of the largest entry, ${TOLERANCES[pass]} is allowed`;
};
