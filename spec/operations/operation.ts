/**
 * An operation as all specs and the parity table see it: how it is recorded, which values it is fed,
 * and what the oracle says of its results. Nothing here needs a test runner, so that it runs in a
 * browser's page too.
 */
import type { Backend } from '../../src/gpu/backends.js';
import type { ModelShape } from '../../src/model/shapes.js';
import type { Recorder, Section } from '../../src/program/graph.js';
import type { Draw } from '../../src/random.js';
import type { Adjoint } from '../support/expectations.js';
import { type Given, openProgram, type Results } from '../support/program.js';
import type { Comparison } from '../support/tolerances.js';

/** Each operation takes those of its shapes. */
export interface Sizes {
  readonly batch: number;
  readonly N: number;
  readonly M: number;
  readonly H: number;
  readonly I: number;
  readonly V: number;
  readonly legacy: 0 | 1;
}

export const shapeOf = ({ N, M, H, I, V, legacy }: Sizes): ModelShape => ({ controller: 'lstm', inputs: I, outputs: V, hidden: H, slots: N, width: M, legacyWriteAddressing: legacy === 1 });

/** Arrays by the oracle's names and in its layouts. */
export type Values = Readonly<Record<string, Float32Array>>;

export interface Operation {
  readonly name: string;
  readonly steps?: number;
  readonly sections?: readonly Section[];
  readonly record: (g: Recorder, sizes: Sizes) => void;
  readonly draw: (draw: Draw, sizes: Sizes) => Values;
  /** The values as the recorded program takes them. */
  readonly given: (values: Values, sizes: Sizes) => Given;
  readonly compare: (values: Values, results: Results, sizes: Sizes) => readonly Comparison[];
  /** For the dot-product identity; null where the sizes make it degenerate. */
  readonly adjoint?: (values: Values, results: Results, sizes: Sizes) => Adjoint | null;
}

export interface OpenOperation {
  readonly run: (values: Values) => Promise<{ readonly comparisons: readonly Comparison[]; readonly adjoint: Adjoint | null }>;
  readonly dispose: () => Promise<void>;
}

export const openOperation = async (backend: Backend, { record, steps = 1, sections = ['forward'], given, compare, adjoint }: Operation, sizes: Sizes): Promise<OpenOperation> => {
  const { run, dispose } = await openProgram(backend, (g) => record(g, sizes), { batch: sizes.batch, steps, sections });
  return {
    run: async (values) => {
      const results = await run(given(values, sizes));
      return { comparisons: compare(values, results, sizes), adjoint: adjoint?.(values, results, sizes) ?? null };
    },
    dispose,
  };
};
