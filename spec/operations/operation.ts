/**
 * An operation as all specs and the parity table see it: how it is recorded, which values it is fed,
 * and what the oracle says of its results. Nothing here needs a test runner, so that it runs in a
 * browser's page too.
 */
import fc from 'fast-check';
import type { Backend } from '../../src/gpu/backends.js';
import type { ModelShape } from '../../src/model/shapes.js';
import type { Recorder, Section } from '../../src/program/graph.js';
import type { Adjoint } from '../support/expectations.js';
import { type Given, openProgram, type Results } from '../support/program.js';
import type { Comparison } from '../support/tolerances.js';

/** Each operation takes those of its shapes. */
export interface Sizes {
  readonly batch: number;
  readonly N: number;
  readonly M: number;
  readonly R: number;
  readonly W: number;
  /** Odd, at most N. */
  readonly S: number;
  readonly H: number;
  readonly I: number;
  readonly V: number;
}

export const modelShape = ({ N, M, R, W, S, H, I, V }: Sizes): ModelShape => ({
  controller: 'lstm', inputs: I, outputs: V, hidden: H, layers: 1, slots: N, width: M, readHeads: R, writeHeads: W, taps: S, memoryInit: 'constant', legacyWriteAddressing: false,
});

/** Arrays by the oracle's names and in its layouts. */
export type Values = Readonly<Record<string, Float32Array>>;

export interface Operation {
  readonly name: string;
  readonly steps?: number;
  readonly sections?: readonly Section[];
  readonly record: (recorder: Recorder, sizes: Sizes) => void;
  readonly values: (sizes: Sizes) => Readonly<Record<string, fc.Arbitrary<Float32Array>>>;
  /** The values as the recorded program takes them. */
  readonly given: (values: Values, sizes: Sizes) => Given;
  readonly compare: (values: Values, results: Results, sizes: Sizes) => readonly Comparison[];
  /** For the dot-product identity; null where the sizes make it degenerate. */
  readonly adjoint?: (values: Values, results: Results, sizes: Sizes) => Adjoint | null;
}

/** The values of an operation at these sizes. */
export const valuesOf = ({ values }: Operation, sizes: Sizes): fc.Arbitrary<Values> => fc.record(values(sizes));

export interface Outcome {
  readonly comparisons: readonly Comparison[];
  readonly adjoint: Adjoint | null;
}

export interface OpenOperation {
  readonly run: (values: Values) => Promise<Outcome>;
  readonly dispose: () => Promise<void>;
}

export const openOperation = async (backend: Backend, { record, steps = 1, sections = ['forward'], given, compare, adjoint }: Operation, sizes: Sizes): Promise<OpenOperation> => {
  const { run, dispose } = await openProgram(backend, (recorder) => record(recorder, sizes), { batch: sizes.batch, steps, sections });
  return {
    run: async (values) => {
      const results = await run(given(values, sizes));
      return { comparisons: compare(values, results, sizes), adjoint: adjoint?.(values, results, sizes) ?? null };
    },
    dispose,
  };
};
