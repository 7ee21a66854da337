/**
 * Memory that the threads of a parallel learner share, and how they meet. Every thread writes the
 * gradient of its part of the batch into its own slot; when all have, every thread adds the slots in
 * the same order and takes the same step, so that all hold the same bits. Slots alternate between two
 * sets: a thread that is one iteration ahead does not overwrite what another still adds.
 */
import { SETTINGS_SIZE } from '../model/optimiser.js';

export interface ExchangeBuffers {
  readonly control: SharedArrayBuffer;
  /** [2, threads, gradient]. */
  readonly slots: SharedArrayBuffer;
  readonly settings: SharedArrayBuffer;
  /** One a thread: x, target and weights of its rows. */
  readonly inputs: readonly SharedArrayBuffer[];
  /** Parameters and optimiser state, to read and to write. */
  readonly state: SharedArrayBuffer;
}

export const COMMAND = { train: 1, restore: 2, stop: 3 } as const;

const GENERATION = 0;
const CODE = 1;
const STEPS = 2;
const FAILED = 3;
const ARRIVED = 4;
const WORDS = 5;

const SPINS = 20_000;

export const createExchange = (threads: number, gradient: number, state: number, inputs: readonly number[]): ExchangeBuffers => ({
  control: new SharedArrayBuffer(4 * WORDS),
  slots: new SharedArrayBuffer(4 * 2 * threads * gradient),
  settings: new SharedArrayBuffer(4 * SETTINGS_SIZE),
  inputs: inputs.map((floats) => new SharedArrayBuffer(4 * floats)),
  state: new SharedArrayBuffer(4 * state),
});

/** Waits until the word is no longer `value`: first by looking, which costs less than sleeping. */
const awaitChange = (control: Int32Array, index: number, value: number): void => {
  for (let i = 0; i < SPINS; i++) if (Atomics.load(control, index) !== value) return;
  while (Atomics.load(control, index) === value) Atomics.wait(control, index, value, 1000);
};

export interface Order {
  readonly code: number;
  /** Of the batch to train on. */
  readonly steps: number;
}

export const exchangeOf = (buffers: ExchangeBuffers, threads: number) => {
  const control = new Int32Array(buffers.control);
  const gradient = buffers.slots.byteLength / (4 * 2 * threads);
  let round = 0;
  return {
    settings: new Float32Array(buffers.settings),
    state: new Float32Array(buffers.state),
    slot: (parity: number, thread: number): Float32Array => new Float32Array(buffers.slots, 4 * gradient * (parity * threads + thread), gradient),
    /** The main thread's order to the others. */
    give: ({ code, steps }: Order): void => {
      control[STEPS] = steps;
      control[CODE] = code;
      Atomics.add(control, GENERATION, 1);
      Atomics.notify(control, GENERATION);
    },
    /** Another thread's wait for the order after `generation`. */
    take: (generation: number): Order => {
      awaitChange(control, GENERATION, generation);
      return { code: control[CODE]!, steps: control[STEPS]! };
    },
    /** Returns when all threads have arrived as often as this one; false when one has failed. */
    meet: (): boolean => {
      round++;
      Atomics.add(control, ARRIVED, 1);
      Atomics.notify(control, ARRIVED);
      for (let seen = Atomics.load(control, ARRIVED); seen < round * threads; seen = Atomics.load(control, ARRIVED)) {
        if (Atomics.load(control, FAILED) !== 0) return false;
        awaitChange(control, ARRIVED, seen);
      }
      return Atomics.load(control, FAILED) === 0;
    },
    /** Lets waiting threads go on after a failure. */
    fail: (): void => {
      Atomics.store(control, FAILED, 1);
      Atomics.add(control, ARRIVED, 1 << 20);
      Atomics.notify(control, ARRIVED);
    },
  };
};

export type Exchange = ReturnType<typeof exchangeOf>;
