/**
 * Every spec of kernels and models runs over each backend that is present. One that is missing is a
 * skipped test that says why; one that NTM_REQUIRED_BACKENDS names must not be missing.
 */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, inject, it } from 'vitest';
import { type Backend, probe } from '../../src/gpu/backends.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The backends of the place where the specs run, Node or a browser (vitest.config.ts). */
    readonly candidates: readonly Backend[];
    /** Those of them that must be present. */
    readonly required: readonly Backend[];
    /** Whether every backend is tried on every case (NTM_WHOLE). */
    readonly whole: boolean;
  }
  interface TaskMeta {
    /** What the tests ran on, for the last lines of the output (report.ts). */
    tested?: string;
    missing?: string;
  }
}

const required = inject('required');

const found: Array<{ readonly backend: Backend; readonly result: E.Either<{ readonly message: string }, { readonly renderer: string }> }> = [];
for (const backend of inject('candidates')) found.push({ backend, result: await probe(backend)() });

const inBrowser = typeof document !== 'undefined';

/**
 * The share of its cases that a backend is tried on, drawn or listed: all where machines open in
 * milliseconds; elsewhere each backend has a part of its own, and webgl, whose compiler and driver are
 * webgl2's, the least. NTM_WHOLE=1: all cases on all backends.
 */
interface Share {
  readonly drawn: number;
  /** One in so many of a list, from this one on. */
  readonly every: number;
  readonly from: number;
}
const SHARES: Readonly<Record<Backend, Share>> = {
  cpu: { drawn: 20, every: 3, from: 1 },
  webasm: { drawn: 20, every: 3, from: 0 },
  webgl: { drawn: 40, every: 6, from: 0 },
  webgl2: { drawn: 20, every: 4, from: 1 },
  webgpu: { drawn: 20, every: 3, from: 2 },
  headlessgl: { drawn: 10, every: 2, from: 0 },
};
const isWhole = (backend: Backend): boolean => inject('whole') || (!inBrowser && (backend === 'cpu' || backend === 'webasm'));

/** How many of so many drawn cases a backend gets. */
export const drawnFor = (backend: Backend, cases: number): number => (isWhole(backend) ? cases : Math.ceil(cases / SHARES[backend].drawn));

/** The cases of a list that a backend is tried on. */
export const casesFor = <A>(backend: Backend, cases: readonly A[]): readonly A[] => {
  const { every, from } = SHARES[backend];
  return isWhole(backend) ? cases : cases.filter((_, i) => i % every === from % every);
};

export const eachBackend = (title: string, body: (backend: Backend) => void): void => {
  for (const { backend, result } of found) {
    if (E.isRight(result)) describe(`${title} on ${backend}`, { meta: { tested: `${backend} (${result.right.renderer})` } }, () => body(backend));
    else if (required.includes(backend)) it(`${title} on ${backend}: required`, { meta: { missing: result.left.message } }, () => expect.fail(result.left.message));
    else it.skip(`${title} on ${backend}: ${result.left.message}`, { meta: { missing: result.left.message } }, () => undefined);
  }
};
