/** Machines for laws: opened once for a shape, and kept while the law is looked at. */
import * as E from 'fp-ts/lib/Either.js';
import { type Backend, openMachine } from '../../src/gpu/backends.js';
import type { Program, Recorder } from '../../src/program/graph.js';
import type { Machine } from '../../src/program/machine.js';
import { openProgram, type OpenProgram, type ProgramOptions } from '../support/program.js';

export interface Bench {
  readonly backend: Backend;
  /** A small recorded program, by what its shape is called. */
  readonly program: (name: string, write: (recorder: Recorder) => void, options: ProgramOptions) => Promise<OpenProgram['run']>;
  /** A machine, by what its program's shape is called. */
  readonly machine: (name: string, program: () => Program, sizes: { readonly batch: number; readonly capacity: number }) => Promise<Machine>;
  /** Leaves out a machine that was disposed of: the next of its name is opened anew. */
  readonly forget: (machine: Machine) => void;
  readonly dispose: () => Promise<void>;
}

export const open = async (backend: Backend, program: Program, sizes: { readonly batch: number; readonly capacity: number }): Promise<Machine> => {
  const machine = await openMachine(backend, program, sizes)();
  if (E.isLeft(machine)) throw new Error(machine.left.message);
  return machine.right;
};

/** What is kept at most: drivers hold only so many kernels. */
const KEPT = 40;

export const openBench = (backend: Backend): Bench => {
  const kept = new Map<string, { readonly dispose: () => Promise<void> }>();
  const keep = async <A extends { readonly dispose: () => Promise<void> }>(name: string, make: () => Promise<A>): Promise<A> => {
    const found = kept.get(name) as A | undefined;
    if (found) return found;
    const [oldest] = kept;
    if (oldest && kept.size >= KEPT) {
      kept.delete(oldest[0]);
      await oldest[1].dispose();
    }
    const made = await make();
    kept.set(name, made);
    return made;
  };
  return {
    backend,
    program: async (name, write, options) => (await keep(`${name} ${JSON.stringify(options)}`, () => openProgram(backend, write, options))).run,
    machine: (name, program, sizes) => keep(`${name} ${JSON.stringify(sizes)}`, () => open(backend, program(), sizes)),
    forget: (machine) => [...kept].filter(([, each]) => each === machine).forEach(([name]) => kept.delete(name)),
    dispose: async () => {
      for (const { dispose } of kept.values()) await dispose();
      kept.clear();
    },
  };
};
