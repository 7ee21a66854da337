/** From settings to what runs them: the backend, the learner and the evaluator. */
import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { heldOutBatch } from '../../src/evaluation/evaluate.js';
import { type Backend, type BackendError, chooseBackend, type Choice, openMachine } from '../../src/gpu/backends.js';
import { recordInference, recordTraining } from '../../src/model/ntm.js';
import { SETTINGS_SIZE } from '../../src/model/optimiser.js';
import type { ModelShape } from '../../src/model/shapes.js';
import type { Machine } from '../../src/program/machine.js';
import { seededRng } from '../../src/random.js';
import { type Configuration, longestRun, rangeOf, shapeOf, taskOf } from '../../src/training/configuration.js';
import { type Learner, learnerOf } from '../../src/training/learner.js';
import { SOLVED } from '../../src/training/trainer.js';
import { parallelLearner } from '../../src/workers/parallel.js';
import { type CliError, failure } from './options.js';

const fromBackend = ({ message }: BackendError): CliError => failure(message);

/** Milliseconds of one training iteration of the configuration's model, after a first that compiles. */
export const measureIteration = async (c: Configuration, backend: Backend): Promise<number> => {
  const opened = await openMachine(backend, recordTraining(shapeOf(c), c.optimizer), { batch: c.batch, capacity: longestRun(c) })();
  if (opened._tag === 'Left') return Infinity;
  const learner = learnerOf(opened.right, shapeOf(c), c.optimizer);
  const [batch] = taskOf(c).sequences(rangeOf(c), c.batch, c.maxLength, c.minRepeats)(seededRng(1));
  const settings = new Float32Array(SETTINGS_SIZE);
  await learner.train(batch, settings);
  const start = performance.now();
  await learner.train(batch, settings);
  const time = performance.now() - start;
  await learner.dispose();
  return time;
};

export const pickBackend = (c: Configuration): TE.TaskEither<CliError, Choice> => pipe(chooseBackend(c.backend, (backend) => measureIteration(c, backend)), TE.mapLeft(fromBackend));

/** Threads for a batch: one where the backend has its own parallelism or the batch cannot be split. */
export const threadsFor = (c: Configuration, backend: Backend): number => {
  if (backend !== 'webasm') return 1;
  return Math.min(c.batch, c.workers === 0 ? availableParallelism() : c.workers);
};

export const openLearner = (c: Configuration, backend: Backend): TE.TaskEither<CliError, Learner> => {
  const shape = shapeOf(c);
  const threads = threadsFor(c, backend);
  const capacity = longestRun(c);
  if (threads > 1) {
    return TE.tryCatch(
      () => parallelLearner({ shape, optimiser: c.optimizer, batch: c.batch, capacity, threads }),
      (error) => failure(`worker threads did not start: ${error instanceof Error ? error.message : String(error)}; --workers 1 does without`),
    );
  }
  return pipe(
    openMachine(backend, recordTraining(shape, c.optimizer), { batch: c.batch, capacity }),
    TE.bimap(fromBackend, (machine) => learnerOf(machine, shape, c.optimizer)),
  );
};

/** Sequences at once, and steps, of the held-out evaluation. */
export const evaluatorBatch = (c: Configuration): readonly [batch: number, steps: number] => [heldOutBatch(rangeOf(c), SOLVED.sequences), taskOf(c).steps(c.maxLength, c.maxRepeats) + 2];

/** Rows that a forward pass over `steps` steps may hold at once, so that its memory stays below about 300 MB. */
export const inferenceBatch = (shape: ModelShape, steps: number): number => {
  const floats = shape.slots * (shape.width + 16) + 12 * shape.hidden;
  return Math.max(1, Math.min(50, Math.floor(75e6 / (floats * steps))));
};

/** A machine that lets signals in before each run. */
const attentive = (machine: Machine): Machine => ({
  ...machine,
  run: async (run) => {
    await nextTurn();
    await machine.run(run);
  },
});

/** An inference machine for sequences of up to `steps` steps. */
export const openEvaluator = (shape: ModelShape, backend: Backend, steps: number, batch: number = inferenceBatch(shape, steps)): TE.TaskEither<CliError, Machine> =>
  pipe(openMachine(backend, recordInference(shape), { batch, capacity: steps }), TE.bimap(fromBackend, attentive));

