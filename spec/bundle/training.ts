/** A short training through the public entry, run alike by Node and, bundled in every way, by pages. */
import { type Backend, builtIn, initialParameters, learnerOf, type ModelShape, openMachine, recordTraining, SEED_SIZES, seededRng, settingsArray, startingState } from '../../src/core.js';

const SHAPE: ModelShape = { ...SEED_SIZES, inputs: 4, outputs: 3, hidden: 10, slots: 9, width: 5, readHeads: 2 };
const TASK = builtIn.copy.configure({ bits: 3 });
const SETTINGS = { learningRate: 1e-2, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-8, clip: 10, maxNorm: 0.5, averaging: 0.9, stepLimit: 0 };

/** The losses of ten iterations. */
export const losses = async (backend: Backend): Promise<number[]> => {
  const opened = await openMachine(backend, recordTraining(SHAPE, 'adam'), { batch: 2, capacity: 7 })();
  if (opened._tag === 'Left') throw new Error(opened.left.message);
  if (TASK._tag === 'Left') throw new Error(TASK.left);
  const learner = learnerOf(opened.right, SHAPE, 'adam');
  const [parameters, first] = initialParameters(SHAPE)(seededRng(1));
  await learner.restore(startingState('adam', parameters));
  const found: number[] = [];
  for (let step = 1, rng = first; step <= 10; step++) {
    const [batch, next] = TASK.right.sequences({ length: 3 }, 2)(rng);
    found.push((await learner.train(batch, settingsArray(SETTINGS, step))).loss);
    rng = next;
  }
  await learner.dispose();
  return found;
};
