/**
 * How far one backend lies from the float64 oracle, in every operation and after training. Nothing here
 * needs Node or a test runner: a page of a browser can call `measure` and hand its row back as JSON.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type Backend, probe } from '../../src/gpu/backends.js';
import { sampled } from '../arbitraries/numbers.js';
import { OPERATIONS } from '../operations/all.js';
import { openOperation, type Operation, type Sizes, valuesOf } from '../operations/operation.js';
import { errorOf, TOLERANCES, TRAINING } from '../support/tolerances.js';
import { type Distance, distance, trainByOracle, trainOn } from './training.js';

/** Largest errors, as shares of the largest entry. */
export interface OperationError {
  readonly operation: string;
  readonly forward: number;
  /** Missing where the operation has no backward pass. */
  readonly backward?: number;
}

export interface Row {
  readonly backend: Backend;
  readonly renderer: string;
  readonly operations: readonly OperationError[];
  readonly training: Distance;
}

/** The published model's, and sizes that no lane divides with loops over more than 1,000. */
const SIZES: readonly Sizes[] = [
  { batch: 3, N: 128, M: 20, R: 1, W: 1, S: 3, H: 100, I: 9, V: 8 },
  { batch: 2, N: 1500, M: 3, R: 2, W: 3, S: 5, H: 7, I: 5, V: 1201 },
];

export const measureOperation = async (backend: Backend, operation: Operation): Promise<OperationError> => {
  const errors = { forward: [] as number[], backward: [] as number[] };
  for (const sizes of SIZES) {
    const { run, dispose } = await openOperation(backend, operation, sizes);
    const { comparisons } = await run(sampled(valuesOf(operation, sizes)));
    await dispose();
    for (const comparison of comparisons) errors[comparison.pass].push(errorOf(comparison));
  }
  const backward = errors.backward.length > 0 ? { backward: Math.max(...errors.backward) } : {};
  return { operation: operation.name, forward: Math.max(...errors.forward), ...backward };
};

export const measure = async (backend: Backend): Promise<Row> => {
  const found = await probe(backend)();
  if (E.isLeft(found)) throw new Error(found.left.message);
  const operations: OperationError[] = [];
  for (const operation of OPERATIONS) operations.push(await measureOperation(backend, operation));
  return { backend, renderer: found.right.renderer, operations, training: distance(await trainOn(backend), trainByOracle()) };
};

/** One line on each pass of an operation that lies beyond its tolerance; JSON turns what is not finite into null, which does too. */
export const faultsOf = (backend: Backend, { operation, ...errors }: OperationError): readonly string[] =>
  (['forward', 'backward'] as const).flatMap((pass) => {
    const error: unknown = errors[pass];
    if (error === undefined || (typeof error === 'number' && error <= TOLERANCES[pass])) return [];
    return [`${operation} on ${backend}: ${pass} off by ${typeof error === 'number' ? error.toExponential(1) : error} of the largest entry, ${TOLERANCES[pass]} is allowed`];
  });

/** All that is wrong with a backend. */
export const rowFaults = ({ backend, operations, training }: Row): readonly string[] => [
  ...operations.flatMap((errors) => faultsOf(backend, errors)),
  ...(['losses', 'weights'] as const).filter((what) => typeof training[what] !== 'number' || !(training[what] <= TRAINING)).map((what) => `training on ${backend}: ${what} off by ${training[what]}, ${TRAINING} is allowed`),
];
