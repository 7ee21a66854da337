/** What is timed, and how: median milliseconds of one training iteration or inference step. */
import * as E from 'fp-ts/lib/Either.js';
import { type Backend, openMachine } from '../../src/gpu/backends.js';
import { initialParameters } from '../../src/model/initialise.js';
import { recordInference, recordTraining } from '../../src/model/ntm.js';
import { settingsArray } from '../../src/model/optimiser.js';
import { usualThreads } from '../../src/node/learner.js';
import type { Machine, Profile } from '../../src/program/machine.js';
import { seededRng } from '../../src/random.js';
import { lossWeights } from '../../src/tasks/sequences.js';
import type { Learner } from '../../src/training/learner.js';
import { parallelLearner } from '../../src/workers/parallel.js';
import { batchOf, type Case, median, openLearner, SETTINGS, shapeOf, stepsOf } from './iteration.js';

export const CASES: readonly Case[] = [
  ...[1, 4, 16, 64].map((batch): Case => ({ task: 'copy', batch, length: 10, repeats: 1 })),
  { task: 'repeat', batch: 4, length: 10, repeats: 5 },
];

export const workersFor = (c: Case, backend: Backend): number => (backend === 'webasm' ? usualThreads(c.batch) : 1);

/** On as many threads as `workersFor` says. */
export const openThreads = async (backend: Backend, c: Case, workers = workersFor(c, backend)): Promise<Learner> =>
  workers > 1 ? parallelLearner({ shape: shapeOf(c), optimiser: 'rmsprop', batch: c.batch, capacity: stepsOf(c), threads: workers }) : openLearner(backend, c);

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
  await machine.right.set('parameters', initialParameters(shapeOf(c))(seededRng(1))[0]);
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) times.push(await forward(machine.right, c));
  await machine.right.dispose();
  return (1000 * stepsOf(c) * c.batch) / median(times);
};

/** Time by kernel over `iterations` iterations on one thread. */
export const profileOf = async (backend: Backend, c: Case, iterations: number): Promise<readonly Profile[]> => {
  const machine = await openMachine(backend, recordTraining(shapeOf(c), 'rmsprop'), { batch: c.batch, capacity: stepsOf(c), clock: () => performance.now() })();
  if (E.isLeft(machine)) throw new Error(machine.left.message);
  await machine.right.set('parameters', initialParameters(shapeOf(c))(seededRng(1))[0]);
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
