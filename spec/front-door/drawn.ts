/** Models of the whole family, opened at the front door. */
import { inject } from 'vitest';
import type { Backend } from '../../src/gpu/backends.js';
import { createNtm, type Ntm, type NtmOptions, type TaskDefinition } from '../../src/index.js';
import type { DrawnModel } from '../arbitraries/shapes.js';
import { drawnFor } from '../support/backends.js';
import { drawn } from '../support/values.js';

/** Others in every run; as many as a backend gets of `cases`. */
export const examples = (backend: Backend, cases: number) => ({ seed: inject('seed'), numRuns: drawnFor(backend, cases) }) as const;

/** Milliseconds: long enough for a case that shrinks. */
export const PATIENCE = 300_000;

/** Any bits in, any bits out. */
export const taskOf = (inputs: number, outputs: number): TaskDefinition => ({
  name: 'drawn',
  inputs,
  outputs,
  cells: { length: [1, 3] },
  sequence: ({ length }, { integer }) => ({
    input: Array.from({ length }, () => Array.from({ length: inputs }, () => integer(0, 1))),
    answer: Array.from({ length }, () => Array.from({ length: outputs }, () => integer(0, 1))),
  }),
});

export const openDrawn = (backend: Backend, { controller, I, V, H, L, N, M, R, W, S, batch, legacyWriteAddressing, learnsMemory }: DrawnModel, options: Partial<NtmOptions> = {}): Promise<Ntm> =>
  createNtm({
    task: taskOf(I!, V!),
    backend,
    controller,
    hidden: H!,
    layers: L!,
    ...(controller !== 'none' && { slots: N!, width: M!, readHeads: R!, writeHeads: W!, taps: S!, legacyWriteAddressing, memoryInit: learnsMemory ? 'learned' : 'constant' }),
    batch,
    ...options,
  });

/** Rows of numbers, [steps][channels]. */
export const rowsOf = (seed: number, steps: number, channels: number): number[][] => drawn(seed, ({ uniform }) => Array.from({ length: steps }, () => Array.from({ length: channels }, () => Math.fround(uniform(-1, 1)))));
