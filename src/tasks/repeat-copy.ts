/**
 * Repeat copy (§4.2): random vectors, a delimiter, the number of repeats on a channel of its own; the
 * answer is the vectors that many times, then an end mark. A sequence of 3 × 8 bits to be given twice,
 * of at most 10, has an input of 5 × 10 whose last row ends in 0.2, and a target of 7 × 9 whose last
 * row is the end mark alone.
 */
import { random } from '../random.js';
import type { Task } from './task.js';

/** How the number of repeats is shown: count/10, or with zero mean and unit variance over 1 … 10. */
export type CountEncoding = 'tenth' | 'normalised';

const MEAN = 5.5;
const DEVIATION = Math.sqrt(8.25);

export const encodeCount: Readonly<Record<CountEncoding, (repeats: number) => number>> = {
  tenth: (repeats) => repeats / 10,
  normalised: (repeats) => (repeats - MEAN) / DEVIATION,
};

export const repeatCopyTask = (encoding: CountEncoding): Task => ({
  name: 'repeat-copy',
  inputs: (bits) => bits + 2,
  outputs: (bits) => bits + 1,
  steps: (length, repeats) => length + 2 + length * repeats + 1,
  sequences: ({ bits }, batch, length, repeats) =>
    random(({ integer }) => {
      const inputSteps = length + 2;
      const answerSteps = length * repeats + 1;
      const x = new Float32Array((inputSteps + answerSteps) * batch * (bits + 2));
      const target = new Float32Array((inputSteps + answerSteps) * batch * (bits + 1));
      for (let b = 0; b < batch; b++) {
        for (let t = 0; t < length; t++) {
          for (let v = 0; v < bits; v++) {
            const bit = integer(0, 1);
            x[(t * batch + b) * (bits + 2) + v] = bit;
            for (let k = 0; k < repeats; k++) target[((inputSteps + k * length + t) * batch + b) * (bits + 1) + v] = bit;
          }
        }
        x[(length * batch + b) * (bits + 2) + bits] = 1;
        x[((length + 1) * batch + b) * (bits + 2) + bits + 1] = encodeCount[encoding](repeats);
        target[((inputSteps + answerSteps - 1) * batch + b) * (bits + 1) + bits] = 1;
      }
      return { batch, inputSteps, answerSteps, x, target };
    }),
});
