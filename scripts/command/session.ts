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
import { spread, WHOLE } from '../../src/tasks/cells.js';
import { type Configuration, type Configured, longestRun, shapeOf } from '../../src/training/configuration.js';
import { stepsWithin } from '../../src/evaluation/infer.js';
import { type Learner, learnerOf } from '../../src/training/learner.js';
import { SOLVED } from '../../src/training/trainer.js';
import { parallelLearner } from '../../src/workers/parallel.js';
import { type CliError, failure } from './options.js';

const fromBackend = ({ message }: BackendError): CliError => failure(message);

/** Milliseconds of one training iteration of the configuration's model, after a first that compiles. */
export const measureIteration = async (run: Configured, backend: Backend): Promise<number> => {
  const { configuration: c, task } = run;
  const opened = await openMachine(backend, recordTraining(shapeOf(run), c.optimizer), { batch: c.batch, capacity: longestRun(run) })();
  if (opened._tag === 'Left') return Infinity;
  const learner = learnerOf(opened.right, shapeOf(run), c.optimizer);
  const cells = spread(task.distribution.cells(WHOLE), 3);
  const [batch] = task.sequences(cells[1] ?? cells[0]!, c.batch)(seededRng(1));
  const settings = new Float32Array(SETTINGS_SIZE);
  await learner.train(batch, settings);
  const start = performance.now();
  await learner.train(batch, settings);
  const time = performance.now() - start;
  await learner.dispose();
  return time;
};

export const pickBackend = (run: Configured): TE.TaskEither<CliError, Choice> =>
  pipe(chooseBackend(run.configuration.backend, (backend) => measureIteration(run, backend)), TE.mapLeft(fromBackend));

/** Threads for a batch: one where the backend has its own parallelism or the batch cannot be split. */
export const threadsFor = (c: Configuration, backend: Backend): number => {
  if (backend !== 'webasm') return 1;
  return Math.min(c.batch, c.workers === 0 ? availableParallelism() : c.workers);
};

export const openLearner = (run: Configured, backend: Backend): TE.TaskEither<CliError, Learner> => {
  const { configuration: c } = run;
  const shape = shapeOf(run);
  const threads = threadsFor(c, backend);
  const capacity = longestRun(run);
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
export const evaluatorBatch = ({ task }: Configured): readonly [batch: number, steps: number] => [
  heldOutBatch(task, SOLVED.sequences),
  Math.max(...task.heldOutCells.map(task.steps)) + task.more,
];

/** What a machine for evaluations may hold: longer sequences are run in chunks. */
const CHUNK_BYTES = 2 ** 28;

/** Steps of a chunk below which fewer sequences are run at once instead. */
const FEWEST_STEPS = 8;

/** Steps of all sequences of a batch together, which are drawn as a whole. */
const MOST_DRAWN = 1e6;

/** Sequences at once that evaluate sequences of `steps` steps. */
export const inferenceBatch = (shape: ModelShape, steps: number): number => {
  const rows = stepsWithin(recordInference(shape), 1, CHUNK_BYTES) / Math.min(steps, FEWEST_STEPS);
  return Math.max(1, Math.min(50, Math.floor(rows), Math.floor(MOST_DRAWN / steps)));
};

/** Steps of a chunk of `batch` sequences of `steps` steps. */
export const inferenceSteps = (shape: ModelShape, batch: number, steps: number): number => Math.min(steps, stepsWithin(recordInference(shape), batch, CHUNK_BYTES));

/** A machine that lets signals in before each run. */
const attentive = (machine: Machine): Machine => ({
  ...machine,
  run: async (run) => {
    await nextTurn();
    await machine.run(run);
  },
});

/** An inference machine for sequences of any length, usually of `steps` steps; with the stages of addressing, if so wanted. */
export const openEvaluator = (shape: ModelShape, backend: Backend, steps: number, batch: number = inferenceBatch(shape, steps), stages = false): TE.TaskEither<CliError, Machine> =>
  pipe(openMachine(backend, recordInference(shape, { stages }), { batch, capacity: inferenceSteps(shape, batch, steps) }), TE.bimap(fromBackend, attentive));
