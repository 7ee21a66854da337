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

/** Of webgl, whose compiler and driver are webgl2's, one in so many. */
const SPARSE = 4;

/** The cases that a backend is tried on: all, but for webgl. The last is among them. */
export const casesFor = <A>(backend: Backend, cases: readonly A[]): readonly A[] =>
  backend === 'webgl' ? cases.filter((_, i) => (cases.length - 1 - i) % SPARSE === 0) : cases;

export const eachBackend = (title: string, body: (backend: Backend) => void): void => {
  for (const { backend, result } of found) {
    if (E.isRight(result)) describe(`${title} on ${backend}`, { meta: { tested: `${backend} (${result.right.renderer})` } }, () => body(backend));
    else if (required.includes(backend)) it(`${title} on ${backend}: required`, { meta: { missing: result.left.message } }, () => expect.fail(result.left.message));
    else it.skip(`${title} on ${backend}: ${result.left.message}`, { meta: { missing: result.left.message } }, () => undefined);
  }
};
