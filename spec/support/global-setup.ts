/** Says at the end of a test run which backends the specs ran on; it runs in vitest's own process. */
import * as E from 'fp-ts/lib/Either.js';
import { type Backend, probe } from '../../src/gpu/backends.js';

/** The backends of Node. */
export const CANDIDATES = ['cpu', 'webasm', 'headlessgl'] as const satisfies readonly Backend[];

export const teardown = async (): Promise<void> => {
  const results = await Promise.all(CANDIDATES.map((backend) => probe(backend)()));
  const tested = results.filter(E.isRight).map(({ right }) => `${right.backend} (${right.renderer})`);
  const skipped = results.filter(E.isLeft).map(({ left }) => left.message);
  console.log(`Backends tested: ${tested.join(', ')}; skipped: ${skipped.join('; ') || 'none'}`);
};
