/** A run small enough to be interrupted often: its options, and what it comes to undisturbed, computed in this process. */
import * as E from 'fp-ts/lib/Either.js';
import { heldOutBatch } from '../../src/evaluation/evaluate.js';
import { openMachine } from '../../src/gpu/backends.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.js';
import { recordInference, recordTraining } from '../../src/model/ntm.js';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/training/checkpoint.js';
import { longest } from '../../src/tasks/cells.js';
import { type Configured, longestRun, shapeOf } from '../../src/training/configuration.js';
import { freshRun } from '../../src/training/start.js';
import { learnerOf } from '../../src/training/learner.js';
import { SOLVED, train } from '../../src/training/trainer.js';
import { parallelLearner } from '../../src/workers/parallel.js';
import { configured } from '../support/configured.js';

const right = <A>(either: E.Either<{ readonly message: string } | string, A>): A => {
  if (E.isLeft(either)) throw new Error(typeof either.left === 'string' ? either.left : either.left.message);
  return either.right;
};

/** One bit a vector: a guess is wrong half the time, so that held-out evaluations begin at once. */
export const SETTINGS = { hidden: 12, slots: 6, width: 4, bits: 1, maxLength: 2, batch: 4, untilSolved: false } as const;

export const OPTIONS = ['--hidden', '12', '--memory', '6x4', '--bits', '1', '--max-length', '2', '--batch', '4', '--no-until-solved', '--backend', 'webasm', '--length', '2', '--sequences', '4'] as const;

export const settingsOf = (iterations: number, workers: number, changes: object = SETTINGS): Configured => configured({ ...changes, iterations, workers, backend: 'webasm' });

/** Trains on from a checkpoint to the iterations of its configuration. */
export const goOn = async ({ configuration: c, task, state, arrays }: Checkpoint): Promise<Checkpoint> => {
  const run: Configured = { configuration: c, task };
  const shape = shapeOf(run);
  const capacity = longestRun(run);
  const learner = c.workers > 1 ? await parallelLearner({ shape, optimiser: c.optimizer, batch: c.batch, capacity, threads: c.workers }) : learnerOf(right(await openMachine('webasm', recordTraining(shape, c.optimizer), { batch: c.batch, capacity })()), shape, c.optimizer);
  const evaluator = right(await openMachine('webasm', recordInference(shape), { batch: heldOutBatch(task, SOLVED.sequences), capacity: task.steps(longest(task.distribution)) })());
  await learner.restore(arrays);
  const end = right(await train({ ...run, learner, evaluator }, state, async () => 'continue')());
  const after = { ...run, state: end, arrays: await learner.snapshot() };
  await learner.dispose();
  await evaluator.dispose();
  return after;
};

export const readCheckpoint = (bytes: Uint8Array): Checkpoint => right(decodeCheckpoint(right(decodeSafetensors(bytes))));

/** Everything of a checkpoint that a resumed run must share with an undisturbed one, as bytes. */
export const bitsOf = ({ configuration, task, state, arrays }: Checkpoint): Uint8Array =>
  encodeSafetensors(encodeCheckpoint({ configuration: { ...configuration, iterations: 1, workers: 1, backend: 'webasm' }, task, state, arrays }));

/**
 * What an undisturbed run comes to after any number of iterations, each asked for at most once: the run is
 * followed from one to the next.
 */
export const undisturbed = (run: Configured): ((step: number) => Promise<Checkpoint>) => {
  const known = new Map<number, Checkpoint>([[0, freshRun(run)]]);
  return async (step) => {
    const found = known.get(step);
    if (found) return found;
    const nearest = Math.max(...[...known.keys()].filter((at) => at < step));
    const from = known.get(nearest)!;
    const reached = await goOn({ ...from, configuration: { ...run.configuration, iterations: step } });
    known.set(step, reached);
    return reached;
  };
};
