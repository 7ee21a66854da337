/** A model applied to given sequences, with what its heads did. */
import type { Model } from '../model/inspect.js';
import type { Machine } from '../program/machine.js';
import { setAll } from '../training/learner.js';

export interface Inference {
  /** T + K. */
  readonly steps: number;
  /** [K, B, V]. */
  readonly outputs: Float32Array;
  /** [T+K, B, N]. */
  readonly readWeighting: Float32Array;
  readonly writeWeighting: Float32Array;
  /** After the last step, [B, N, M]. */
  readonly memory: Float32Array;
}

/** Every other block of `size` numbers, from the first (0) or the second (1). */
const everyOther = (values: Float32Array, size: number, from: 0 | 1): Float32Array => {
  const half = new Float32Array(values.length / 2);
  for (let i = 0; i < half.length / size; i++) half.set(values.subarray((2 * i + from) * size, (2 * i + from + 1) * size), i * size);
  return half;
};

/** Runs input [T, B, I] and then `answers` steps of zeros, on an inference machine of batch B. */
export const infer = async (machine: Machine, { shape, parameters }: Model, input: Float32Array, answers: number): Promise<Inference> => {
  const { inputs: I, outputs: V, slots: N, width: M } = shape;
  const B = machine.batch;
  const T = input.length / (B * I);
  const steps = T + answers;
  const x = new Float32Array(steps * B * I);
  x.set(input);
  await setAll(machine, parameters);
  await machine.run({ steps, inputs: { x }, sections: ['initialise', 'forward'] });
  const outputs = (await machine.rows('y', steps)).slice(T * B * V);
  const weighting = await machine.rows('weighting', steps);
  const last = (await machine.rows('memory', steps)).subarray((steps - 1) * B * M * N);
  const memory = new Float32Array(B * N * M);
  for (let b = 0; b < B; b++) for (let m = 0; m < M; m++) for (let n = 0; n < N; n++) memory[(b * N + n) * M + m] = last[(b * M + m) * N + n]!;
  return { steps, outputs, readWeighting: everyOther(weighting, N, 0), writeWeighting: everyOther(weighting, N, 1), memory };
};
