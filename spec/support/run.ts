/** What fast-check draws, and one program for all tests of a `describe`. */
import fc from 'fast-check';
import { afterAll, beforeAll } from 'vitest';
import type { Backend } from '../../src/gpu/backends.js';
import type { Recorder } from '../../src/program/graph.js';
import { openOperation, type OpenOperation, type Operation, type Sizes } from '../operations/operation.js';
import { openProgram, type OpenProgram, type ProgramOptions } from './program.js';
import { drawn, randomWeightings, uniforms } from './values.js';

/** One program for all tests of a `describe`: on a GPU, compiling costs more than running. */
export const useProgram = (backend: Backend, write: (g: Recorder) => void, options: ProgramOptions): OpenProgram['run'] => {
  let open: OpenProgram | undefined;
  beforeAll(async () => {
    open = await openProgram(backend, write, options);
  });
  afterAll(() => open?.dispose());
  return (given) => open!.run(given);
};

/** The same examples in every run. */
export const EXAMPLES = { seed: 14105401, numRuns: 3, endOnFailure: true } as const;

/** Uniform in [low, high). */
export const numbers = (length: number, low = -1, high = 1): fc.Arbitrary<Float32Array> => fc.nat().map((seed) => drawn(seed, (draw) => uniforms(draw, length, low, high)));

/** `rows` weightings over N slots. */
export const weightings = (rows: number, N: number): fc.Arbitrary<Float32Array> => fc.nat().map((seed) => drawn(seed, (draw) => randomWeightings(draw, rows, N)));

/** One operation for all tests of a `describe`. */
export const useOperation = (backend: Backend, operation: Operation, sizes: Sizes): OpenOperation['run'] => {
  let open: OpenOperation | undefined;
  beforeAll(async () => {
    open = await openOperation(backend, operation, sizes);
  });
  afterAll(() => open?.dispose());
  return (values) => open!.run(values);
};
