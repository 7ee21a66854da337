/** One thread's share of a parallel learner: its rows of every batch, on a machine of its own. */
import { wasmMachine } from '../gpu/wasm/machine.js';
import { recordTraining } from '../model/ntm.js';
import type { OptimiserKind } from '../model/optimiser.js';
import type { ModelShape } from '../model/shapes.js';
import { parameterCount } from '../model/state-dict.js';
import type { Machine } from '../program/machine.js';
import { type Arrays, stateNames } from '../training/learner.js';
import type { Exchange } from './exchange.js';

export interface PartOptions {
  readonly shape: ModelShape;
  readonly optimiser: OptimiserKind;
  readonly thread: number;
  readonly threads: number;
  /** Rows of the batch that are this thread's. */
  readonly rows: number;
  readonly capacity: number;
}

type Layout = ReadonlyArray<readonly [name: string, size: number]>;

/** Names and sizes of the arrays of a slot, in its order. */
const gradientLayout = (shape: ModelShape): Layout => [['gradient', parameterCount(shape)], ['losses', 2]];

/** Names and sizes of the arrays of the shared state. */
const stateLayout = (shape: ModelShape, optimiser: OptimiserKind): Layout => stateNames(optimiser).map((name) => [name, parameterCount(shape)]);

const lengthOf = (layout: Layout): number => layout.reduce((sum, [, size]) => sum + size, 0);

export const gradientSize = (shape: ModelShape): number => lengthOf(gradientLayout(shape));

export const stateSize = (shape: ModelShape, optimiser: OptimiserKind): number => lengthOf(stateLayout(shape, optimiser));

/** Calls `visit` with each array's name and its part of `all`. */
const split = async (all: Float32Array, layout: Layout, visit: (name: string, part: Float32Array) => Promise<void>): Promise<void> => {
  let at = 0;
  for (const [name, size] of layout) {
    await visit(name, all.subarray(at, at + size));
    at += size;
  }
};

/** Copies a learner's state into the shared one. */
export const shareState = (all: Float32Array, shape: ModelShape, optimiser: OptimiserKind, arrays: Arrays): Promise<void> =>
  split(all, stateLayout(shape, optimiser), async (name, part) => part.set(arrays[name]!));

export interface Part {
  readonly machine: Machine;
  readonly restore: (state: Float32Array) => Promise<void>;
  /** One iteration; false when another thread failed. */
  readonly train: (inputs: Readonly<Record<'x' | 'target' | 'weight', Float32Array>>, steps: number) => Promise<boolean>;
}

export const createPart = ({ shape, optimiser, thread, threads, rows, capacity }: PartOptions, exchange: Exchange): Part => {
  const machine = wasmMachine(recordTraining(shape, optimiser), { batch: rows, capacity });
  const layout = gradientLayout(shape);
  let parity = 0;
  return {
    machine,
    restore: (state) => split(state, stateLayout(shape, optimiser), machine.set),
    train: async (inputs, steps) => {
      parity = 1 - parity;
      await machine.set('settings', exchange.settings);
      await machine.run({ steps, inputs, sections: ['initialise', 'forward', 'backward', 'gradients'] });
      await split(exchange.slot(parity, thread), layout, async (name, part) => part.set(await machine.get(name)));
      if (!exchange.meet()) return false;
      await split(exchange.slot(parity, 0), layout, machine.set);
      for (let other = 1; other < threads; other++) {
        await split(exchange.slot(parity, other), layout, (name, part) => machine.set(`other ${name}`, part));
        await machine.run({ steps: 0, inputs: {}, sections: ['combine'] });
      }
      await machine.run({ steps: 0, inputs: {}, sections: ['update'] });
      return true;
    },
  };
};
