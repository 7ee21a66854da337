/**
 * Every spec of kernels and models runs over each backend that is present. One that is missing is a
 * skipped test that says why; one that NTM_REQUIRED_BACKENDS names must not be missing.
 */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type Backend, probe } from '../../src/gpu/backends.js';
import { CANDIDATES } from './global-setup.js';

export const required: ReadonlySet<string> = new Set((process.env.NTM_REQUIRED_BACKENDS ?? '').split(',').filter(Boolean));

const found = await Promise.all(CANDIDATES.map(async (backend) => ({ backend, result: await probe(backend)() })));

export const eachBackend = (title: string, body: (backend: Backend) => void): void => {
  for (const { backend, result } of found) {
    if (E.isRight(result)) describe(`${title} on ${backend}`, () => body(backend));
    else if (required.has(backend)) it(`${title} on ${backend}: required`, () => expect.fail(result.left.message));
    else it.skip(`${title} on ${backend}: ${result.left.message}`, () => undefined);
  }
};
