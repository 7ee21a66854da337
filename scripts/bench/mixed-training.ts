/** Trainings on mixed and on growing lengths that report now and then; they run in Node and, bundled, in a page. */
import { type Backend, builtIn, initialParameters, learnerOf, type ModelShape, openMachine, recordTraining, SEED_SIZES, seededRng, settingsArray, startingState } from '../../src/core.js';

const SHAPE: ModelShape = { ...SEED_SIZES, inputs: 5, outputs: 4, hidden: 16, slots: 16, width: 6 };
const SETTINGS = { learningRate: 1e-3, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-8, clip: 10, maxNorm: 0, averaging: 0.99, stepLimit: 0, weightDecay: 0 };
const TASK = builtIn.copy.configure({ bits: 4 });

/** Steps that arrays are made for at the beginning; longer batches have them grow. */
const CAPACITY = 11;

/** The length of an iteration's sequence: of five, or growing to the longest by half of all iterations. */
export const LENGTHS = {
  mixed: (iteration: number): number => [1, 4, 2, 5, 3][iteration % 5]!,
  growing: (iteration: number, iterations: number): number => Math.ceil(200 * Math.min(1, (2 * iteration) / iterations)),
} as const;
export type Lengths = keyof typeof LENGTHS;

export interface Progress {
  readonly iteration: number;
  /** Live arrays (textures on a GPU) and compiled kernels of the machine. */
  readonly arrays: number;
  readonly kernels: number;
  readonly loss: number;
  /** Since the last report, per step of a sequence. */
  readonly microseconds: number;
}

/** Calls `report` every `interval` iterations, a multiple of the number of mixed lengths, so that each report follows the same length. */
export const trainMixed = async (backend: Backend, lengths: Lengths, iterations: number, interval: number, report: (progress: Progress) => Promise<void>): Promise<void> => {
  const opened = await openMachine(backend, recordTraining(SHAPE, 'rmsprop'), { batch: 1, capacity: CAPACITY })();
  if (opened._tag === 'Left') throw new Error(opened.left.message);
  if (TASK._tag === 'Left') throw new Error(TASK.left);
  const learner = learnerOf(opened.right, SHAPE, 'rmsprop');
  const [parameters, first] = initialParameters(SHAPE)(seededRng(1));
  await learner.restore(startingState('rmsprop', parameters));
  for (let iteration = 1, rng = first, steps = 0, spent = 0; iteration <= iterations; iteration++) {
    const [batch, next] = TASK.right.sequences({ length: LENGTHS[lengths](iteration, iterations) }, 1)(rng);
    rng = next;
    const begun = performance.now();
    const { loss } = await learner.train(batch, settingsArray(SETTINGS, iteration));
    spent += performance.now() - begun;
    steps += batch.steps;
    if (iteration % interval > 0) continue;
    await report({ iteration, loss, microseconds: (1000 * spent) / steps, ...learner.resources() });
    steps = spent = 0;
  }
  await learner.dispose();
};
