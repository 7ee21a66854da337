/**
 * Copy (§4.1): a sequence of random vectors, a delimiter on its own channel, then the same vectors
 * are to be given back. A sequence of 3 × 8 bits has an input of 4 × 9 and a target of 3 × 8.
 */
import { random } from '../random.js';
import type { Task } from './task.js';

export const copyTask: Task = {
  name: 'copy',
  inputs: (bits) => bits + 1,
  outputs: (bits) => bits,
  steps: (length) => 2 * length + 1,
  sequences: ({ bits }, batch, length) =>
    random(({ integer }) => {
      const inputSteps = length + 1;
      const x = new Float32Array((inputSteps + length) * batch * (bits + 1));
      const target = new Float32Array((inputSteps + length) * batch * bits);
      for (let t = 0; t < length; t++) {
        for (let b = 0; b < batch; b++) {
          for (let v = 0; v < bits; v++) {
            const bit = integer(0, 1);
            x[(t * batch + b) * (bits + 1) + v] = bit;
            target[((inputSteps + t) * batch + b) * bits + v] = bit;
          }
        }
      }
      for (let b = 0; b < batch; b++) x[(length * batch + b) * (bits + 1) + bits] = 1;
      return { batch, inputSteps, answerSteps: length, x, target };
    }),
};
