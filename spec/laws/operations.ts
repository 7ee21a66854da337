/** Every operation against the oracle, at drawn sizes. */
import fc from 'fast-check';
import { numbers, sampled } from '../arbitraries/numbers.js';
import { sizes } from '../arbitraries/shapes.js';
import { OPERATIONS } from '../operations/all.js';
import { type Operation, valuesOf } from '../operations/operation.js';
import { expectAdjoint, expectRight } from '../support/expectations.js';
import { largest } from '../support/values.js';
import { law, type Law } from './law.js';

/** Shapes in a run. */
const SHAPES = 12;

/** Directions as long as the values themselves. */
const directions = (at: Readonly<Record<string, ArrayLike<number>>>, seed: number): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(at).map(([name, values], i) => [name, sampled(numbers(values.length, -largest(values), largest(values)), seed + i)]));

const isOracles = (operation: Operation): Law => {
  const { name, record, steps = 1, sections = ['forward'], given, compare, adjoint } = operation;
  return law({
    name: `${name}: forward and backward are the float64 oracle’s${adjoint ? ', and ⟨Jv, u⟩ = ⟨v, Jᵀu⟩' : ''}`,
    draw: (few) => few(sizes, SHAPES).chain((of) => fc.record({ sizes: fc.constant(of), values: valuesOf(operation, of), along: fc.nat() })),
    holds: async ({ sizes: of, values, along }, bench) => {
      const run = await bench.program(`${name} ${JSON.stringify(of)}`, (recorder) => record(recorder, of), { batch: of.batch, steps, sections });
      const results = await run(given(values, of));
      expectRight(compare(values, results, of));
      const identity = adjoint?.(values, results, of);
      if (identity) expectAdjoint(identity, directions(identity.at, along));
    },
    tolerance: '2e-6 forward, 1e-5 backward, of the largest entry or of the terms that cancel: some 30 roundings of float32 (`spec/support/tolerances.ts`)',
  });
};

export const operationLaws: readonly Law[] = OPERATIONS.map(isOracles);
