/** One program for all tests of a `describe`: on a GPU, compiling costs more than running. */
import { afterAll, beforeAll } from 'vitest';
import type { Backend } from '../../src/gpu/backends.js';
import type { Recorder } from '../../src/program/graph.js';
import { openOperation, type OpenOperation, type Operation, type Sizes } from '../operations/operation.js';
import { openProgram, type OpenProgram, type ProgramOptions } from './program.js';

export const useProgram = (backend: Backend, write: (recorder: Recorder) => void, options: ProgramOptions): OpenProgram['run'] => {
  let open: OpenProgram | undefined;
  beforeAll(async () => {
    open = await openProgram(backend, write, options);
  });
  afterAll(() => open?.dispose());
  return (given) => open!.run(given);
};

/** One operation for all tests of a `describe`. */
export const useOperation = (backend: Backend, operation: Operation, sizes: Sizes): OpenOperation['run'] => {
  let open: OpenOperation | undefined;
  beforeAll(async () => {
    open = await openOperation(backend, operation, sizes);
  });
  afterAll(() => open?.dispose());
  return (values) => open!.run(values);
};
