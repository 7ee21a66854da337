/**
 * A law as a value: what is drawn, and what holds of it. Nothing here needs a test runner, so that the same
 * laws are run by the specs on every backend and, in one process, against mutants (spec/mutants).
 */
import fc from 'fast-check';
import { type Few, oneOfFew } from '../arbitraries/shapes.js';
import type { Bench } from './bench.js';

interface Description<A> {
  /** What holds, in words. */
  readonly name: string;
  /** How many cases are drawn where a machine opens and runs in milliseconds; elsewhere a share of them (spec/support/backends.ts). */
  readonly cases?: number;
  /** What is drawn: many values at a few shapes, for each of which a machine is opened. */
  readonly draw: (few: Few) => fc.Arbitrary<A>;
  /** Throws one line where it does not hold. */
  readonly holds: (drawn: A, bench: Bench) => Promise<void> | void;
  /** Counter-examples of earlier days. */
  readonly examples?: readonly A[];
  /** How far results may lie from what is right, and why. */
  readonly tolerance: string;
}

export interface Law {
  readonly name: string;
  readonly cases: number;
  readonly tolerance: string;
  /** One line where it does not hold, else null. */
  readonly fault: (bench: Bench, run: LawRun) => Promise<Fault | null>;
}

export interface LawRun {
  readonly seed: number;
  readonly cases: number;
  /** Where fast-check found a counter-example, to see that one alone. */
  readonly path?: string;
  /** Without looking for the simplest counter-example. */
  readonly hasty?: boolean;
}

export interface Fault {
  readonly message: string;
  readonly path: string;
}

const CASES = 100;

/** Milliseconds after which a counter-example is simple enough. */
const SHRINKING = 60_000;

export const law = <A>({ name, cases = CASES, draw, holds, examples = [], tolerance }: Description<A>): Law => ({
  name,
  cases,
  tolerance,
  fault: async (bench, run) => {
    const property = fc.asyncProperty(draw(oneOfFew(run.seed, run.cases / cases)), async (drawn) => void (await holds(drawn, bench)));
    const limits = run.hasty ? { endOnFailure: true } : { interruptAfterTimeLimit: SHRINKING };
    const details = await fc.check(property, { seed: run.seed, numRuns: run.cases, examples: examples.map((each) => [each] as [A]), ...limits, ...(run.path !== undefined && { path: run.path }) });
    if (details.counterexample === null) return null;
    return { message: run.hasty ? String(details.errorInstance) : `${fc.defaultReportMessage(details)}\n${String(details.errorInstance)}`, path: details.counterexamplePath ?? '' };
  },
});
