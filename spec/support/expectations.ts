import { expect } from 'vitest';
import { centralDifferences, compare } from '../oracle/differences.js';
import { type Comparison, faultOf, forward, GRADIENT, GRADIENT_FLOOR } from './tolerances.js';

export const expectRight = (comparisons: readonly Comparison[]): void => {
  const faults = comparisons.map(faultOf).filter((fault) => fault !== null);
  expect(faults, faults.join('\n')).toEqual([]);
};

export const expectForward = (actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void => expectRight([forward(what, actual, expected)]);

type Arrays = Readonly<Record<string, ArrayLike<number>>>;

/** A function, a place, and the gradients that a backend gave there for dout. */
export interface Adjoint {
  readonly oracle: (inputs: Arrays) => ArrayLike<number>;
  readonly at: Arrays;
  readonly dout: ArrayLike<number>;
  readonly gradients: Arrays;
  /** The size of the terms that make up the gradients, where these cancel. */
  readonly terms?: number;
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, v, i) => sum + v * b[i], 0);

/**
 * ⟨Jv, u⟩ = ⟨v, Jᵀu⟩. Jv: how the oracle's result changes along the directions v, by central
 * differences; Jᵀu: the gradients that the backend gave for u = dout. Each entry of these may be off by
 * its tolerance; their errors are independent, so that they add up as squares.
 */
export const expectAdjoint = ({ oracle, at, dout, gradients, terms = 0 }: Adjoint, v: Arrays): void => {
  const names = Object.keys(at);
  const along = (t: number): Arrays => Object.fromEntries(names.map((name) => [name, Float64Array.from(at[name], (x, i) => x + t * v[name][i])]));
  const [forwards] = centralDifferences(([t]) => dot(oracle(along(t)), dout), Float64Array.of(0));
  const backwards = names.reduce((sum, name) => sum + dot(v[name], gradients[name]), 0);
  const allowed = names.reduce((sum, name) => sum + Math.sqrt(dot(v[name], v[name])) * (GRADIENT * Math.max(terms, compare(gradients[name], gradients[name]).scale) + GRADIENT_FLOOR), 0);
  expect(Math.abs(forwards - backwards), `⟨Jv, u⟩ = ${forwards}, ⟨v, Jᵀu⟩ = ${backwards}`).toBeLessThanOrEqual(allowed);
};
