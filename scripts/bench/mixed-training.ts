/** A training on mixed lengths that reports now and then; it runs in Node and, bundled, in a page. */
import { type Backend, builtIn, initialParameters, learnerOf, type ModelShape, openMachine, recordTraining, SEED_SIZES, seededRng, settingsArray, startingState } from '../../src/core.js';

const SHAPE: ModelShape = { ...SEED_SIZES, inputs: 5, outputs: 4, hidden: 16, slots: 16, width: 6 };
const SETTINGS = { learningRate: 1e-3, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-8, clip: 10, maxNorm: 0, averaging: 0.99, stepLimit: 0, weightDecay: 0 };
const TASK = builtIn.copy.configure({ bits: 4 });
const LENGTHS = [1, 4, 2, 5, 3];

export interface Progress {
  readonly iteration: number;
  /** Live arrays (textures on a GPU) and compiled kernels of the machine. */
  readonly arrays: number;
  readonly kernels: number;
  readonly loss: number;
}

/** Calls `report` every `interval` iterations, a multiple of the number of lengths, so that each report follows the same length. */
export const trainMixed = async (backend: Backend, iterations: number, interval: number, report: (progress: Progress) => Promise<void>): Promise<void> => {
  const opened = await openMachine(backend, recordTraining(SHAPE, 'rmsprop'), { batch: 1, capacity: 11 })();
  if (opened._tag === 'Left') throw new Error(opened.left.message);
  if (TASK._tag === 'Left') throw new Error(TASK.left);
  const learner = learnerOf(opened.right, SHAPE, 'rmsprop');
  const [parameters, first] = initialParameters(SHAPE)(seededRng(1));
  await learner.restore(startingState('rmsprop', parameters));
  for (let iteration = 1, rng = first; iteration <= iterations; iteration++) {
    const length = LENGTHS[iteration % LENGTHS.length]!;
    const [batch, next] = TASK.right.sequences({ length }, 1)(rng);
    rng = next;
    const { loss } = await learner.train(batch, settingsArray(SETTINGS, iteration));
    if (iteration % interval === 0) await report({ iteration, loss, ...learner.resources() });
  }
  await learner.dispose();
};
