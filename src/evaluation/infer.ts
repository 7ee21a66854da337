/** A model applied to given sequences, with what its heads did. */
import type { Model } from '../model/inspect.js';
import { hasMemory } from '../model/parts.js';
import { type Program, sizeOf } from '../program/graph.js';
import type { Machine } from '../program/machine.js';

/** Rows of all steps, [steps, batch, …], by the names of a program's inputs. */
export type Rows = Readonly<Record<string, Float32Array>>;

/**
 * Runs an inference program over `steps` steps, as many at a time as the machine was opened for, each chunk
 * from the state that the one before left. What a machine holds does not grow with the sequence: `visit`
 * takes the rows that it wants, of the `count` steps from `from` on, before they are gone.
 * Inputs are [T, B, …]. Rejects as its machine does.
 */
export const runChunks = async (machine: Machine, inputs: Rows, steps: number, visit: (from: number, count: number) => Promise<void>): Promise<void> => {
  for (let from = 0; from < steps; from += machine.capacity) {
    const count = Math.min(machine.capacity, steps - from);
    const part = Object.entries(inputs).map(([name, rows]) => [name, rows.subarray((rows.length / steps) * from, (rows.length / steps) * (from + count))] as const);
    await machine.run({ steps: count, inputs: Object.fromEntries(part), sections: from === 0 ? ['initialise', 'forward'] : ['forward'], resume: from > 0 });
    await visit(from, count);
  }
};

/** How many steps of `batch` sequences fit into so many bytes: what to open a machine for that {@link runChunks} uses. */
export const stepsWithin = ({ tensors }: Program, batch: number, bytes: number): number => {
  const floats = tensors.filter(({ domain }) => domain === 'step').reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return Math.max(1, Math.floor(bytes / (4 * batch * floats)));
};

/** What a model did with sequences of T steps and K answers. */
export interface Inference {
  /** T + K. */
  readonly steps: number;
  /** Of every step, [T+K, B, V]; the last K are the answers. */
  readonly outputs: Float32Array;
  /** [T+K, B, R, N]; empty for a model without memory, as the next two. */
  readonly readWeighting: Float32Array;
  /** [T+K, B, W, N]. */
  readonly writeWeighting: Float32Array;
  /** After the last step, [B, N, M]. */
  readonly memory: Float32Array;
}

/** Of rows of `size` numbers the `count` from `from` on. */
const part = (rows: Float32Array, size: number, from: number, count: number): Float32Array => {
  const result = new Float32Array((rows.length / size) * count);
  for (let i = 0; i < rows.length / size; i++) result.set(rows.subarray(i * size + from, i * size + from + count), i * count);
  return result;
};

/** [B, M, N] as [B, N, M]. */
export const bySlot = (rows: Float32Array, M: number, N: number): Float32Array => rows.map((_, i) => rows[Math.floor(i / (M * N)) * M * N + (i % M) * N + (Math.floor(i / M) % N)]!);

/** Runs input [T, B, I] and then `answers` steps of zeros, on an inference machine of batch B. Rejects as its machine does. */
export const infer = async (machine: Machine, { shape, parameters }: Model, input: Float32Array, answers: number): Promise<Inference> => {
  const { inputs: I, outputs: V, slots: N, width: M, readHeads: R, writeHeads: W } = shape;
  const B = machine.batch;
  const steps = input.length / (B * I) + answers;
  const x = new Float32Array(steps * B * I);
  x.set(input);
  const outputs = new Float32Array(steps * B * V);
  const weighting = new Float32Array(steps * B * (R + W) * N);
  let memory: Float32Array = new Float32Array(0);
  await machine.set('parameters', parameters);
  await runChunks(machine, { x }, steps, async (from, count) => {
    outputs.set(await machine.rows('y', count), from * B * V);
    if (!hasMemory(shape)) return;
    weighting.set(await machine.rows('weighting', count), from * B * (R + W) * N);
    if (from + count === steps) memory = bySlot((await machine.rows('memory', count)).subarray((count - 1) * B * M * N), M, N);
  });
  const heads = (first: number, many: number): Float32Array => (hasMemory(shape) ? part(weighting, (R + W) * N, first * N, many * N) : weighting);
  return { steps, outputs, readWeighting: heads(0, R), writeWeighting: heads(R, W), memory };
};
