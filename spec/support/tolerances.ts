/** How far float32 kernels may lie from the float64 oracle, and why: the only place that says so. */
import { expect } from 'vitest';
import { centralDifferences, compare } from '../oracle/differences.js';

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

const explain = (what: string, actual: ArrayLike<number>, expected: ArrayLike<number>, at: number): string => `${what}[${at}]: ${actual[at]}, oracle ${expected[at]}`;

export const expectForward = (actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void => {
  const { largest, at, scale } = compare(actual, expected);
  expect(largest, explain(what, actual, expected, at)).toBeLessThanOrEqual(FORWARD * scale);
};

/** `terms`: the size of the terms that make up the gradient, where these cancel. */
export const expectGradient = (actual: ArrayLike<number>, expected: ArrayLike<number>, what: string, terms = 0): void => {
  const { largest, at, scale } = compare(actual, expected);
  expect(largest, explain(what, actual, expected, at)).toBeLessThanOrEqual(GRADIENT * Math.max(scale, terms) + GRADIENT_FLOOR);
};

type Arrays<K extends string> = Readonly<Record<K, ArrayLike<number>>>;

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, v, i) => sum + v * b[i], 0);

/**
 * ⟨Jv, u⟩ = ⟨v, Jᵀu⟩. Jv: how the oracle's result changes along the directions v, by central
 * differences; Jᵀu: the gradients that the backend gave for u. Each entry of these may be off as above;
 * their errors are independent, so that they add up as squares.
 */
export const expectAdjoint = <K extends string>(oracle: (inputs: Arrays<K>) => ArrayLike<number>, at: Arrays<K>, v: Arrays<K>, u: ArrayLike<number>, gradients: Arrays<K>): void => {
  const names = Object.keys(at) as K[];
  const along = (t: number): Arrays<K> => Object.fromEntries(names.map((name) => [name, Float64Array.from(at[name], (x, i) => x + t * v[name][i])])) as unknown as Arrays<K>;
  const [forwards] = centralDifferences(([t]) => dot(oracle(along(t)), u), Float64Array.of(0));
  const backwards = names.reduce((sum, name) => sum + dot(v[name], gradients[name]), 0);
  const allowed = names.reduce((sum, name) => sum + Math.sqrt(dot(v[name], v[name])) * (GRADIENT * compare(gradients[name], gradients[name]).scale + GRADIENT_FLOOR), 0);
  expect(Math.abs(forwards - backwards), `⟨Jv, u⟩ = ${forwards}, ⟨v, Jᵀu⟩ = ${backwards}`).toBeLessThanOrEqual(allowed);
};
