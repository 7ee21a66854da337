/** One thread's share of a parallel learner: its rows of every batch, on a machine of its own. */
import { fusedMachine } from '../gpu/fused.js';
import { recordTraining } from '../model/ntm.js';
import type { OptimiserKind } from '../model/optimiser.js';
import { parameterShapes } from '../model/parameters.js';
import type { ModelShape } from '../model/shapes.js';
import { sizeOf } from '../program/graph.js';
import type { Machine } from '../program/machine.js';
import { stateNames } from '../training/learner.js';
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

/** Names and sizes of the arrays of a slot, in its order. */
const gradientLayout = (shape: ModelShape): ReadonlyArray<readonly [string, number]> => [...parameterShapes(shape).map(([name, size]) => [name, sizeOf(size)] as const), ['losses', 2]];

export const gradientSize = (shape: ModelShape): number => gradientLayout(shape).reduce((sum, [, size]) => sum + size, 0);

/** Names and sizes of the arrays of the shared state. */
export const stateLayout = (shape: ModelShape): ReadonlyArray<readonly [string, number]> => {
  const sizes = new Map<string, number>(parameterShapes(shape).map(([name, size]) => [name, sizeOf(size)]));
  return stateNames(shape).map((name) => [name, sizes.get(name.replace(/^[vma]\./, ''))!]);
};

/** Calls `visit` with each array's name and its part of `all`. */
export const split = async (all: Float32Array, layout: ReadonlyArray<readonly [string, number]>, visit: (name: string, part: Float32Array) => Promise<void>): Promise<void> => {
  let at = 0;
  for (const [name, size] of layout) {
    await visit(name, all.subarray(at, at + size));
    at += size;
  }
};

export interface Part {
  readonly machine: Machine;
  readonly restore: (state: Float32Array) => Promise<void>;
  /** One iteration; false when another thread failed. */
  readonly train: (inputs: Readonly<Record<'x' | 'target' | 'weight', Float32Array>>, steps: number) => Promise<boolean>;
}

export const createPart = ({ shape, optimiser, thread, threads, rows, capacity }: PartOptions, exchange: Exchange): Part => {
  const machine = fusedMachine(recordTraining(shape, optimiser), { batch: rows, capacity });
  const layout = gradientLayout(shape);
  const own = (name: string): string => (name === 'losses' ? name : `d${name}`);
  let parity = 0;
  return {
    machine,
    restore: (state) => split(state, stateLayout(shape), machine.set),
    train: async (inputs, steps) => {
      parity = 1 - parity;
      await machine.set('settings', exchange.settings);
      await machine.run({ steps, inputs, sections: ['initialise', 'forward', 'backward', 'gradients'] });
      await split(exchange.slot(parity, thread), layout, async (name, part) => part.set(await machine.get(own(name))));
      if (!exchange.meet()) return false;
      await split(exchange.slot(parity, 0), layout, (name, part) => machine.set(own(name), part));
      for (let other = 1; other < threads; other++) {
        await split(exchange.slot(parity, other), layout, (name, part) => machine.set(`other.${name}`, part));
        await machine.run({ steps: 0, inputs: {}, sections: ['combine'] });
      }
      await machine.run({ steps: 0, inputs: {}, sections: ['update'] });
      return true;
    },
  };
};
