/** Learners over threads of Node. */
import { availableParallelism } from 'node:os';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Backend, openMachine } from '../gpu/backends.js';
import { recordTraining } from '../model/ntm.js';
import type { Threads } from '../ntm/train-options.js';
import { type Configuration, type Configured, longestRun, shapeOf } from '../training/configuration.js';
import { type Learner, learnerOf } from '../training/learner.js';
import { parallelLearner } from '../workers/parallel.js';

/**
 * Threads that share every batch of a training: as many as there are cores, or `count`.
 *
 *     const ntm = await createNtm({ task: tasks.copy(), threads: threads() });
 */
export const threads = (count: number = availableParallelism()): Threads => ({ count, open: parallelLearner });

/** Rows that a thread computes at a time: fewer take it as long. */
const TILE = 4;

/** The threads that make an iteration faster: each has at least a tile of rows. */
export const usualThreads = (batch: number): number => Math.max(1, Math.min(Math.floor(batch / TILE), availableParallelism()));

/** Threads for a batch: one where the backend has its own parallelism or the batch cannot be split. */
export const threadsFor = (c: Configuration, backend: Backend): number => {
  if (backend !== 'webasm') return 1;
  return c.workers === 0 ? usualThreads(c.batch) : Math.min(c.batch, c.workers);
};

/** A learner as a run's settings want it; what is in the way is one line. Left: that line. */
export const openLearner = (run: Configured, backend: Backend): TE.TaskEither<string, Learner> => {
  const { configuration: c } = run;
  const shape = shapeOf(run);
  const count = threadsFor(c, backend);
  const capacity = longestRun(run);
  if (count > 1) {
    return TE.tryCatch(
      () => parallelLearner({ shape, optimiser: c.optimizer, batch: c.batch, capacity, threads: count }),
      (error) => `worker threads did not start: ${error instanceof Error ? error.message : String(error)}; --workers 1 does without`,
    );
  }
  return pipe(
    openMachine(backend, recordTraining(shape, c.optimizer), { batch: c.batch, capacity }),
    TE.bimap(({ message }) => message, (machine) => learnerOf(machine, shape, c.optimizer)),
  );
};
