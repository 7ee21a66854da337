/** A model applied to sequences of one's own. */
import { infer, type Inference } from '../evaluation/infer.js';
import type { Backend } from '../gpu/backends.js';
import { inferenceBatch, openEvaluator } from '../evaluation/machines.js';
import type { Model } from '../model/inspect.js';
import { hasMemory } from '../model/parts.js';
import type { ModelShape } from '../model/shapes.js';
import type { Machine } from '../program/machine.js';
import { opened } from './opened.js';
import { rowsOf, type Sequence } from './sequences.js';
import { nextTurn } from './turn.js';

/** How long a model goes on after a sequence, and what of it is wanted. */
export interface RunOptions {
  /** Steps of zero input after the sequence, in which the model answers (0). */
  readonly answers?: number;
  /** `output` of every step, not of the answers alone (true where there are no answers). */
  readonly everyStep?: boolean;
}

/** What a model did with one sequence of T steps and K answers. */
export interface Answered {
  /** Probabilities, V a step: of the K answers, or of all T + K steps. */
  readonly output: readonly Float32Array[];
  /** Of every head, the reading ones first, at each of the T + K steps: where it looks, a number for each of the N slots. */
  readonly weightings: ReadonlyArray<readonly Float32Array[]>;
  /** After the last step: N slots of M numbers. Empty, as `weightings`, for a model without memory. */
  readonly memory: readonly Float32Array[];
}

/** Sequence `b` of values [T, B, …]. */
const ofSequence = (values: Float32Array, batch: number, steps: number, b: number): Float32Array => {
  const width = values.length / (steps * batch);
  const result = new Float32Array(steps * width);
  for (let t = 0; t < steps; t++) result.set(values.subarray((t * batch + b) * width, (t * batch + b + 1) * width), t * width);
  return result;
};

/** Head `k` of weightings [T, heads, N]. */
const ofHead = (values: Float32Array, heads: number, N: number, k: number): readonly Float32Array[] => rowsOf(values, N).filter((_, i) => i % heads === k);

const answeredOf = (shape: ModelShape, { steps, outputs, readWeighting, writeWeighting, memory }: Inference, batch: number, b: number, shown: number): Answered => {
  const { slots: N, width: M, outputs: V, readHeads: R, writeHeads: W } = shape;
  const output = rowsOf(ofSequence(outputs, batch, steps, b), V).slice(steps - shown);
  if (!hasMemory(shape)) return { output, weightings: [], memory: [] };
  const heads = (values: Float32Array, count: number) => Array.from({ length: count }, (_, k) => ofHead(ofSequence(values, batch, steps, b), count, N, k));
  return { output, weightings: [...heads(readWeighting, R), ...heads(writeWeighting, W)], memory: rowsOf(memory.subarray(b * N * M, (b + 1) * N * M), M) };
};

/** [T, B, I] of sequences of one length. */
const stacked = (sequences: readonly Sequence[], channels: number): Float32Array => {
  const [{ steps }] = sequences as [Sequence];
  const x = new Float32Array(steps * sequences.length * channels);
  for (const [b, { data }] of sequences.entries()) {
    for (let t = 0; t < steps; t++) x.set(data.subarray(t * channels, (t + 1) * channels), (t * sequences.length + b) * channels);
  }
  return x;
};

/** Runs sequences; keeps the machine of the last ones for the next. */
export const openRunner = (backend: Backend) => {
  let kept: { readonly machine: Machine; readonly key: string } | null = null;
  const release = async (): Promise<void> => {
    await kept?.machine.dispose();
    kept = null;
  };
  const machineFor = async (shape: ModelShape, batch: number, steps: number): Promise<Machine> => {
    const key = JSON.stringify([shape, batch]);
    if (kept?.key !== key) {
      await release();
      kept = { key, machine: await opened(openEvaluator(shape, backend, { steps, batch, before: nextTurn })) };
    }
    return kept.machine;
  };
  return {
    release,
    run: async (model: Model, sequences: readonly Sequence[], { answers, everyStep }: Required<RunOptions>): Promise<readonly Answered[]> => {
      const { shape } = model;
      const results = new Map<Sequence, Answered>();
      for (const steps of new Set(sequences.map((sequence) => sequence.steps))) {
        const alike = sequences.filter((sequence) => sequence.steps === steps);
        const most = inferenceBatch(shape, steps + answers);
        for (let from = 0; from < alike.length; from += most) {
          const part = alike.slice(from, from + most);
          const found = await infer(await machineFor(shape, part.length, steps + answers), model, stacked(part, shape.inputs), answers);
          part.forEach((sequence, b) => results.set(sequence, answeredOf(shape, found, part.length, b, everyStep ? found.steps : answers)));
        }
      }
      return sequences.map((sequence) => results.get(sequence)!);
    },
  };
};

export type Runner = ReturnType<typeof openRunner>;
