/** Small recorded programs on one backend. */
import * as E from 'fp-ts/lib/Either.js';
import { type Backend, openMachine } from '../../src/gpu/backends.js';
import { record, type Recorder, type Section } from '../../src/program/graph.js';

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

export const openProgram = async (backend: Backend, write: (recorder: Recorder) => void, { batch, steps = 1, sections = ['forward'] }: ProgramOptions): Promise<OpenProgram> => {
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
export const runProgram = async (backend: Backend, write: (recorder: Recorder) => void, { singles = {}, inputs = {}, ...options }: ProgramOptions & Given): Promise<Results> => {
  const open = await openProgram(backend, write, options);
  try {
    return await open.run({ singles, inputs });
  } finally {
    await open.dispose();
  }
};
