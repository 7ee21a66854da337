/** Laws as tests: drawn anew in every run, with the seed and the command that draws the same again. */
import { afterAll, describe, inject, it } from 'vitest';
import { type Backend } from '../../src/gpu/backends.js';
import { drawnFor, eachBackend } from '../support/backends.js';
import { type Bench, openBench } from './bench.js';
import type { Law } from './law.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** What all laws of the run are drawn from, and where one failed (vitest.config.ts). */
    readonly seed: number;
    readonly path: string | null;
  }
}

/** Long enough for a case that shrinks. */
const PATIENCE = 300_000;

const inNode = typeof document === 'undefined';

/** A pattern that finds a test by its title. */
const pattern = (title: string): string => title.replace(/[.*+?^${}()|[\]\\]/g, '.').replace(/'/g, '.');

const specifyOn = (backend: Backend, laws: readonly Law[]): void => {
  let bench: Bench | undefined;
  afterAll(() => bench?.dispose());
  const [seed, path] = [inject('seed'), inject('path')];
  for (const each of laws) {
    it(`law: ${each.name}`, { timeout: PATIENCE }, async () => {
      bench ??= openBench(backend);
      const fault = await each.fault(bench, { seed, cases: drawnFor(backend, each.cases), ...(path !== null && { path }) });
      if (fault === null) return;
      const replay = `NTM_SEED=${seed} NTM_PATH='${fault.path}' npx vitest run --project ${inNode ? 'Node' : 'browser'} -t '${backend} law: ${pattern(each.name)}'`;
      throw new Error(`${fault.message}\nThe same cases again: NTM_SEED=${seed} npm test. This one alone:\n  ${replay}`);
    });
  }
};

/** On each backend that is present. */
export const specify = (title: string, laws: readonly Law[]): void => eachBackend(title, (backend) => specifyOn(backend, laws));

/** Where nothing is computed on a backend. */
export const specifyPure = (title: string, laws: readonly Law[]): void => void describe(title, () => specifyOn('cpu', laws));
