/**
 * Small recorded programs on one backend, and the arrays that go into them, so that the spec of an
 * operation is: record it, draw values, run, compare.
 */
import * as E from 'fp-ts/lib/Either.js';
import fc from 'fast-check';
import { afterAll, beforeAll } from 'vitest';
import { type Backend, openMachine } from '../../src/gpu/backends.js';
import { record, type Recorder, type Section } from '../../src/program/graph.js';
import { random, seededRng } from '../../src/random.js';

export interface ProgramOptions {
  readonly batch: number;
  readonly steps?: number;
  readonly sections?: readonly Section[];
}

export interface Given {
  /** Arrays of the whole program, by name. */
  readonly singles?: Readonly<Record<string, Float32Array>>;
  /** Rows [steps, batch, …], by name. */
  readonly inputs?: Readonly<Record<string, Float32Array>>;
}

/** All exposed rows [steps, batch, …] and all named single arrays, by name. */
export type Results = Readonly<Record<string, Float32Array>>;

export interface OpenProgram {
  readonly run: (given: Given) => Promise<Results>;
  readonly dispose: () => Promise<void>;
}

export const openProgram = async (backend: Backend, write: (g: Recorder) => void, { batch, steps = 1, sections = ['forward'] }: ProgramOptions): Promise<OpenProgram> => {
  const program = record(write);
  const opened = await openMachine(backend, program, { batch, capacity: steps })();
  if (E.isLeft(opened)) throw new Error(opened.left.message);
  const machine = opened.right;
  const readable = Object.entries(program.named).filter(([, { role }]) => role !== 'input');
  return {
    run: async ({ singles = {}, inputs = {} }) => {
      for (const [name, values] of Object.entries(singles)) await machine.set(name, values);
      await machine.run({ steps, inputs, sections });
      const results: Record<string, Float32Array> = {};
      for (const [name, { domain }] of readable) results[name] = domain === 'single' ? await machine.get(name) : await machine.rows(name, steps);
      return results;
    },
    dispose: machine.dispose,
  };
};

/** Opens, runs once, disposes. */
export const runProgram = async (backend: Backend, write: (g: Recorder) => void, { singles = {}, inputs = {}, ...options }: ProgramOptions & Given): Promise<Results> => {
  const open = await openProgram(backend, write, options);
  try {
    return await open.run({ singles, inputs });
  } finally {
    await open.dispose();
  }
};

/** One program for all tests of a `describe`: on a GPU, compiling costs more than running. */
export const useProgram = (backend: Backend, write: (g: Recorder) => void, options: ProgramOptions): OpenProgram['run'] => {
  let open: OpenProgram | undefined;
  beforeAll(async () => {
    open = await openProgram(backend, write, options);
  });
  afterAll(() => open?.dispose());
  return (given) => open!.run(given);
};

// ---------------------------------------------------------------- values

/** The same examples in every run. */
export const EXAMPLES = { seed: 14105401, numRuns: 3, endOnFailure: true } as const;

/** Uniform in [low, high). */
export const numbers = (length: number, low = -1, high = 1): fc.Arbitrary<Float32Array> =>
  fc.nat().map((seed) => random(({ uniform }) => Float32Array.from({ length }, () => uniform(low, high)))(seededRng(seed))[0]);

/** `rows` weightings over N slots. */
export const weightings = (rows: number, N: number): fc.Arbitrary<Float32Array> =>
  numbers(rows * N, 0.01, 1).map((values) => {
    const sums = Array.from({ length: rows }, (_, row) => values.subarray(row * N, (row + 1) * N).reduce((a, b) => a + b, 0));
    return values.map((v, i) => v / sums[Math.floor(i / N)]);
  });

/** Columns from … from + length of each of `rows` rows. */
export const columns = (values: ArrayLike<number>, rows: number, from: number, length: number): Float64Array => {
  const width = values.length / rows;
  return Float64Array.from({ length: rows * length }, (_, i) => values[Math.floor(i / length) * width + from + (i % length)]);
};

/** The parts side by side in each of `rows` rows. */
export const beside = (rows: number, ...parts: ReadonlyArray<ArrayLike<number>>): Float32Array => {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const part of parts) {
      const width = part.length / rows;
      for (let i = row * width; i < (row + 1) * width; i++) all[at++] = part[i];
    }
  }
  return all;
};

/** [count, rows, columns] → [count, columns, rows]. */
export const transposed = (values: ArrayLike<number>, rows: number, width: number): Float32Array => {
  const size = rows * width;
  return Float32Array.from({ length: values.length }, (_, i) => values[Math.floor(i / size) * size + (i % rows) * width + Math.floor((i % size) / rows)]);
};

/** What a head row holds, [batch, …] each: k [2, M], a [M], e [M], g, β, γ [2], shift logits [2, 3]. Zeros when left out. */
export interface HeadParts {
  readonly k?: ArrayLike<number>;
  readonly a?: ArrayLike<number>;
  readonly e?: ArrayLike<number>;
  readonly g?: ArrayLike<number>;
  readonly beta?: ArrayLike<number>;
  readonly gamma?: ArrayLike<number>;
  readonly taps?: ArrayLike<number>;
}

/** Head rows [batch, 4M+12] in the order of kernels/heads.ts. */
export const headRows = (batch: number, M: number, { k, a, e, g, beta, gamma, taps }: HeadParts): Float32Array => {
  const or = (part: ArrayLike<number> | undefined, size: number): ArrayLike<number> => part ?? new Float32Array(batch * size);
  return beside(batch, or(k, 2 * M), or(a, M), or(e, M), or(g, 2), or(beta, 2), or(gamma, 2), or(taps, 6));
};
