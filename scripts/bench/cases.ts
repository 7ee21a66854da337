/** What is timed, and how: median milliseconds of one training iteration or inference step. */
import { availableParallelism } from 'node:os';
import * as E from 'fp-ts/lib/Either.js';
import { type Backend, openMachine } from '../../src/gpu/backends.js';
import { initialParameters } from '../../src/model/initialise.js';
import { recordInference, recordTraining } from '../../src/model/ntm.js';
import { settingsArray } from '../../src/model/optimiser.js';
import type { ModelShape } from '../../src/model/shapes.js';
import type { Machine, Profile } from '../../src/program/machine.js';
import { seededRng } from '../../src/random.js';
import { copyTask } from '../../src/tasks/copy.js';
import { repeatCopyTask } from '../../src/tasks/repeat-copy.js';
import { type Batch, lossWeights, type Range, type Task } from '../../src/tasks/task.js';
import { type Learner, learnerOf, setAll, startingState } from '../../src/training/learner.js';
import { parallelLearner } from '../../src/workers/parallel.js';

export interface Case {
  readonly task: 'copy' | 'repeat';
  readonly batch: number;
  readonly length: number;
  readonly repeats: number;
}

export const CASES: readonly Case[] = [
  ...[1, 4, 16, 64].map((batch): Case => ({ task: 'copy', batch, length: 10, repeats: 1 })),
  { task: 'repeat', batch: 4, length: 10, repeats: 5 },
];

const RANGE: Range = { bits: 8, minLength: 1, maxLength: 20, minRepeats: 1, maxRepeats: 10 };
const SETTINGS = { learningRate: 1e-4, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-8, clip: 10, maxNorm: 0, averaging: 0, stepLimit: 0 };

const taskOf = ({ task }: Case): Task => (task === 'copy' ? copyTask : repeatCopyTask('tenth'));

export const shapeOf = (c: Case): ModelShape => ({ controller: 'lstm', inputs: taskOf(c).inputs(8), outputs: taskOf(c).outputs(8), hidden: 100, slots: 128, width: 20, legacyWriteAddressing: false });

export const stepsOf = (c: Case): number => taskOf(c).steps(c.length, c.repeats);

const batchOf = (c: Case): Batch => taskOf(c).sequences(RANGE, c.batch, c.length, c.repeats)(seededRng(1))[0];

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export const workersFor = (c: Case, backend: Backend): number => (backend === 'webasm' ? Math.min(c.batch, availableParallelism()) : 1);

export interface Timed {
  /** Milliseconds from opening to the end of the first iteration. */
  readonly startMilliseconds: number;
  /** Times `iterations` training iterations. */
  readonly round: (iterations: number) => Promise<readonly number[]>;
  readonly dispose: () => Promise<void>;
}

const open = async (backend: Backend, c: Case, workers: number): Promise<Learner> => {
  if (workers > 1) return parallelLearner({ shape: shapeOf(c), optimiser: 'rmsprop', batch: c.batch, capacity: stepsOf(c), threads: workers });
  const machine = await openMachine(backend, recordTraining(shapeOf(c), 'rmsprop'), { batch: c.batch, capacity: stepsOf(c) })();
  if (E.isLeft(machine)) throw new Error(machine.left.message);
  return learnerOf(machine.right, shapeOf(c));
};

/** A learner with initial weights whose iterations can be timed. */
export const trainIteration = async (backend: Backend, c: Case, workers: number): Promise<Timed> => {
  const start = performance.now();
  const learner = await open(backend, c, workers);
  const [parameters] = initialParameters(shapeOf(c))(seededRng(1));
  await learner.restore(startingState(parameters));
  const batch = batchOf(c);
  let step = 0;
  const iterate = async (): Promise<number> => {
    const begun = performance.now();
    await learner.train(batch, settingsArray(SETTINGS, ++step));
    return performance.now() - begun;
  };
  await iterate();
  return {
    startMilliseconds: performance.now() - start,
    round: async (iterations) => {
      const times: number[] = [];
      for (let i = 0; i < iterations; i++) times.push(await iterate());
      return times;
    },
    dispose: learner.dispose,
  };
};

const forward = async (machine: Machine, c: Case): Promise<number> => {
  const batch = batchOf(c);
  const start = performance.now();
  await machine.run({ steps: stepsOf(c), inputs: { x: batch.x }, sections: ['initialise', 'forward'] });
  return performance.now() - start;
};

/** Steps a second (rows of a batch counted apart) of the forward pass alone. */
export const inferenceSpeed = async (backend: Backend, c: Case, rounds: number): Promise<number> => {
  const machine = await openMachine(backend, recordInference(shapeOf(c)), { batch: c.batch, capacity: stepsOf(c) })();
  if (E.isLeft(machine)) throw new Error(machine.left.message);
  await setAll(machine.right, initialParameters(shapeOf(c))(seededRng(1))[0]);
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) times.push(await forward(machine.right, c));
  await machine.right.dispose();
  return (1000 * stepsOf(c) * c.batch) / median(times);
};

/** Time by kernel over `iterations` iterations on one thread. */
export const profileOf = async (backend: Backend, c: Case, iterations: number): Promise<readonly Profile[]> => {
  const machine = await openMachine(backend, recordTraining(shapeOf(c), 'rmsprop'), { batch: c.batch, capacity: stepsOf(c), profiling: true })();
  if (E.isLeft(machine)) throw new Error(machine.left.message);
  await setAll(machine.right, initialParameters(shapeOf(c))(seededRng(1))[0]);
  await machine.right.set('settings', settingsArray(SETTINGS, 1));
  const batch = batchOf(c);
  const run = (): Promise<void> =>
    machine.right.run({
      steps: stepsOf(c),
      inputs: { x: batch.x, target: batch.target, weight: lossWeights(batch, shapeOf(c).outputs) },
      sections: ['initialise', 'forward', 'backward', 'gradients', 'update'],
    });
  for (let i = 0; i < iterations; i++) await run();
  machine.right.profile();
  for (let i = 0; i < iterations; i++) await run();
  const profile = machine.right.profile().map((entry) => ({ ...entry, milliseconds: entry.milliseconds / iterations, calls: entry.calls / iterations }));
  await machine.right.dispose();
  return profile.sort((a, b) => b.milliseconds - a.milliseconds);
};
