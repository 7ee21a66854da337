/** Sequences of the copy task, for specs that want no task of src/tasks, and parts of any. */
import type { Draw } from '../../src/random.js';

/** As the oracle takes them: [T, B, I], [T, B, V], [T, B]. */
export interface Sequences {
  readonly batch: number;
  readonly input: Float32Array;
  readonly target: Float32Array;
  readonly mask: Float32Array;
}

/** Length vectors of bits, a delimiter, and then the vectors again as answers: 2·length + 1 steps. */
export const copySequences = ({ integer }: Draw, bits: number, batch: number, length: number): Sequences => {
  const steps = 2 * length + 1;
  const [input, target, mask] = [new Float32Array(steps * batch * (bits + 1)), new Float32Array(steps * batch * bits), new Float32Array(steps * batch)];
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < length; t++) {
      for (let v = 0; v < bits; v++) {
        const bit = integer(0, 1);
        input[(t * batch + b) * (bits + 1) + v] = bit;
        target[((length + 1 + t) * batch + b) * bits + v] = bit;
      }
      mask[(length + 1 + t) * batch + b] = 1;
    }
    input[(length * batch + b) * (bits + 1) + bits] = 1;
  }
  return { batch, input, target, mask };
};

/** 1/(bits that count) where an answer counts: the loss is their mean. */
export const lossWeights = (mask: ArrayLike<number>, channels: number): Float32Array => {
  const counted = Array.from(mask).reduce((a, b) => a + b, 0) * channels;
  return Float32Array.from(mask, (counts) => counts / counted);
};

/** Sequence b of [T, B, …]. */
export const rowOf = (values: ArrayLike<number>, batch: number, steps: number, b: number): Float32Array => {
  const width = values.length / (steps * batch);
  return Float32Array.from({ length: steps * width }, (_, i) => values[(Math.floor(i / width) * batch + b) * width + (i % width)]);
};
