/** One training iteration of the default model, timed; it runs in Node and, bundled, in a page. */
import * as E from 'fp-ts/lib/Either.js';
import { type Available, type Backend, type BackendError, openMachine, probe } from '../../src/gpu/backends.js';
import { initialParameters } from '../../src/model/initialise.js';
import { recordTraining } from '../../src/model/ntm.js';
import { settingsArray } from '../../src/model/optimiser.js';
import { type ModelShape, SEED_SIZES } from '../../src/model/shapes.js';
import { seededRng } from '../../src/random.js';
import type { Cell } from '../../src/tasks/cells.js';
import type { Task } from '../../src/tasks/definition.js';
import { builtIn } from '../../src/tasks/index.js';
import type { Batch } from '../../src/tasks/sequences.js';
import { type Learner, learnerOf, startingState } from '../../src/training/learner.js';

export interface Case {
  readonly task: 'copy' | 'repeat';
  readonly batch: number;
  readonly length: number;
  readonly repeats: number;
}

export const SETTINGS = { learningRate: 1e-4, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-8, clip: 10, maxNorm: 0, averaging: 0, stepLimit: 0, weightDecay: 0 };

const taskOf = ({ task }: Case): Task => (task === 'copy' ? builtIn.copy : builtIn.repeatCopy);

const cellOf = ({ length, repeats }: Case): Cell => ({ length, repeats });

export const shapeOf = (c: Case): ModelShape => ({ ...SEED_SIZES, inputs: taskOf(c).inputs, outputs: taskOf(c).outputs });

export const stepsOf = (c: Case): number => taskOf(c).steps(cellOf(c));

export const batchOf = (c: Case): Batch => taskOf(c).sequences(cellOf(c), c.batch)(seededRng(1))[0];

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export interface Timed {
  /** Milliseconds from opening to the end of the first iteration. */
  readonly startMilliseconds: number;
  /** Times `iterations` training iterations. */
  readonly round: (iterations: number) => Promise<readonly number[]>;
  readonly dispose: () => Promise<void>;
}

export const openLearner = async (backend: Backend, c: Case): Promise<Learner> => {
  const machine = await openMachine(backend, recordTraining(shapeOf(c), 'rmsprop'), { batch: c.batch, capacity: stepsOf(c) })();
  if (E.isLeft(machine)) throw new Error(machine.left.message);
  return learnerOf(machine.right, shapeOf(c), 'rmsprop');
};

/** Training from initial weights whose iterations can be timed. */
export const timeTraining = async (c: Case, open: () => Promise<Learner>): Promise<Timed> => {
  const start = performance.now();
  const learner = await open();
  const [parameters] = initialParameters(shapeOf(c))(seededRng(1));
  await learner.restore(startingState('rmsprop', parameters));
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

export interface Speed extends Available {
  /** Median of an iteration, after as many that were not counted. */
  readonly milliseconds: number;
}

/** How fast a backend is, if it is here. */
export const speedOf = async (backend: Backend, c: Case, iterations: number, open = openLearner): Promise<E.Either<BackendError, Speed>> => {
  const found = await probe(backend)();
  if (E.isLeft(found)) return found;
  const { round, dispose } = await timeTraining(c, () => open(backend, c));
  await round(iterations);
  const milliseconds = median(await round(iterations));
  await dispose();
  return E.right({ ...found.right, milliseconds });
};
