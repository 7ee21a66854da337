/** What is right and what is not, as errors of one line: for laws, which need no test runner, and for specs. */
import type { Backend } from '../../src/gpu/backends.js';
import { centralDifferences, compare } from '../oracle/differences.js';
import { type Comparison, faultOf, forward, GRADIENT, GRADIENT_FLOOR, SHADERS, SMALLEST_NORMAL } from './tolerances.js';

/** Throws unless it holds. */
export const ensure = (holds: boolean, what: () => string): void => {
  if (!holds) throw new Error(what());
};

/** No entry lies further off than `limit`. */
export const near = (what: string, actual: ArrayLike<number>, expected: ArrayLike<number>, limit: number): void => {
  const { largest, at } = compare(actual, expected);
  ensure(largest <= limit, () => `${what}${at < 0 ? `: ${actual.length} numbers instead of ${expected.length}` : `[${at}]: ${actual[at]} instead of ${expected[at]}; off by ${largest.toExponential(1)}, ${limit} is allowed`}`);
};

/** Every entry is the same number. */
export const equal = (what: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
  const at = Array.from({ length: Math.max(actual.length, expected.length) }).findIndex((_, i) => actual[i] !== expected[i] && !(Number.isNaN(actual[i]) && Number.isNaN(expected[i])));
  ensure(at < 0, () => `${what}[${at}]: ${actual[at]} instead of ${expected[at]}`);
};

/** As {@link equal}; on backends that run shaders, a denormal number may have become 0, as it does on NVIDIA's cards. */
export const kept = (backend: Backend, what: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
  equal(what, Array.from(actual, (v, i) => (SHADERS.has(backend) && v === 0 && Math.abs(expected[i]!) < SMALLEST_NORMAL ? expected[i]! : v)), expected);
};

type Named = Readonly<Record<string, ArrayLike<number>>>;

/** Every entry of every array is the same number. */
export const allEqual = (what: string, actual: Named, expected: Named): void => {
  ensure(Object.keys(actual).sort().join() === Object.keys(expected).sort().join(), () => `${what}: ${Object.keys(actual).join(', ')} instead of ${Object.keys(expected).join(', ')}`);
  for (const [name, values] of Object.entries(actual)) equal(`${what}: ${name}`, values, expected[name]!);
};

export const finite = (what: string, values: ArrayLike<number>): void => {
  const at = Array.from(values).findIndex((v) => !Number.isFinite(v));
  ensure(at < 0, () => `${what}[${at}]: ${values[at]}`);
};

export const expectRight = (comparisons: readonly Comparison[]): void => {
  const faults = comparisons.map(faultOf).filter((fault) => fault !== null);
  ensure(faults.length === 0, () => faults.join('\n'));
};

export const expectForward = (actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void => expectRight([forward(what, actual, expected)]);

/** A function, a place, and the gradients that a backend gave there for dout. */
export interface Adjoint {
  readonly oracle: (inputs: Named) => ArrayLike<number>;
  readonly at: Named;
  readonly dout: ArrayLike<number>;
  readonly gradients: Named;
  /** The size of the terms that make up the gradients, where these cancel. */
  readonly terms?: number;
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, v, i) => sum + v * b[i], 0);

/**
 * ⟨Jv, u⟩ = ⟨v, Jᵀu⟩. Jv: how the oracle's result changes along the directions v, by central
 * differences; Jᵀu: the gradients that the backend gave for u = dout. Each entry of these may be off by
 * its tolerance; their errors are independent, so that they add up as squares.
 */
export const expectAdjoint = ({ oracle, at, dout, gradients, terms = 0 }: Adjoint, v: Named): void => {
  const names = Object.keys(at);
  const along = (t: number): Named => Object.fromEntries(names.map((name) => [name, Float64Array.from(at[name], (x, i) => x + t * v[name][i])]));
  const [forwards] = centralDifferences(([t]) => dot(oracle(along(t)), dout), Float64Array.of(0));
  const backwards = names.reduce((sum, name) => sum + dot(v[name], gradients[name]), 0);
  const allowed = names.reduce((sum, name) => sum + Math.sqrt(dot(v[name], v[name])) * (GRADIENT * Math.max(terms, compare(gradients[name], gradients[name]).scale) + GRADIENT_FLOOR), 0);
  ensure(Math.abs(forwards - backwards) <= allowed, () => `⟨Jv, u⟩ = ${forwards}, ⟨v, Jᵀu⟩ = ${backwards}, ${allowed} apart is allowed`);
};
