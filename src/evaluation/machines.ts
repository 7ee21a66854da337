/** Machines that evaluate: how many sequences they run at once, and how many steps they hold. */
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Backend, type BackendError, openMachine } from '../gpu/backends.js';
import { recordInference } from '../model/ntm.js';
import type { ModelShape } from '../model/shapes.js';
import type { Machine } from '../program/machine.js';
import type { Configured } from '../training/configuration.js';
import { SOLVED } from '../training/trainer.js';
import { heldOutBatch } from './evaluate.js';
import { stepsWithin } from './infer.js';

/** Of the sequences that a model is evaluated on unless it is said otherwise. */
export const EVALUATION_SEED = 2014;

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

/** A machine that calls `before` before each run. */
const attentive = (machine: Machine, before: () => Promise<void>): Machine => ({
  ...machine,
  run: async (run) => {
    await before();
    await machine.run(run);
  },
});

export interface EvaluatorOptions {
  /** Usual steps of a sequence. */
  readonly steps: number;
  readonly batch?: number;
  /** Whether the stages of addressing can be read (recordInference). */
  readonly stages?: boolean;
  /** Awaited before each batch: lets other work in, or throws. */
  readonly before: () => Promise<void>;
}

/** An inference machine for sequences of any length. */
export const openEvaluator = (shape: ModelShape, backend: Backend, { steps, batch = inferenceBatch(shape, steps), stages = false, before }: EvaluatorOptions): TE.TaskEither<BackendError, Machine> =>
  pipe(
    openMachine(backend, recordInference(shape, { stages }), { batch, capacity: inferenceSteps(shape, batch, steps) }),
    TE.map((machine) => attentive(machine, before)),
  );
