/** A short training through the front door, run alike by Node and, bundled in every way, by pages. */
import { type Backend, createNtm, tasks } from '../../src/index.js';

/** The losses of ten iterations. */
export const losses = async (backend: Backend): Promise<number[]> => {
  const ntm = await createNtm({
    task: tasks.copy({ bits: 3, minLength: 3, maxLength: 3 }), backend, batch: 2, hidden: 10, slots: 9, width: 5, readHeads: 2,
    initialFocus: 0, learningRate: 1e-2, squareDecay: 0.95, maxNorm: 0.5, averaging: 0.9, stepLimit: 0,
  });
  const found: number[] = [];
  await ntm.train({ until: { iterations: 10 }, every: 1, onProgress: ({ loss }) => found.push(loss) });
  await ntm.dispose();
  return found;
};
