/** Watches training: what the model of the moment answers to one and the same sequence, now and then. */
import { answer } from '../evaluation/evaluate.js';
import { shownSequence } from '../evaluation/see.js';
import type { Machine } from '../program/machine.js';
import type { Task } from '../tasks/definition.js';
import type { Cell } from '../tasks/cells.js';
import type { Batch } from '../tasks/sequences.js';
import type { Learner } from '../training/learner.js';

export interface Moment {
  /** Trained on so far. */
  readonly sequences: number;
  /** [T, V]. */
  readonly outputs: Float32Array;
}

export interface Film {
  readonly cell: Cell;
  readonly batch: Batch;
  /** Looks, unless it has looked a short while ago. */
  readonly glance: (sequences: number) => Promise<void>;
  /** Looks in any case. */
  readonly look: (sequences: number) => Promise<void>;
  readonly moments: () => readonly Moment[];
  readonly dispose: () => Promise<void>;
}

/** Most moments that are kept. */
const MOST = 64;
/** A look takes at most this share of the time. */
const SHARE = 0.01;
const LEAST_MILLISECONDS = 100;

/** Every second moment, the first and the last among them. */
const thinned = <A>(moments: readonly A[]): A[] => moments.filter((_, i) => i % 2 === 0 || i === moments.length - 1);

/** A film of the shown sequence of a cell, on an inference machine of batch 1, which it disposes of; `now` in milliseconds. */
export const openFilm = (
  machine: Machine,
  task: Pick<Task, 'heldOut' | 'more' | 'outputs'>,
  cell: Cell,
  learner: Pick<Learner, 'averages'>,
  now: () => number,
): Film => {
  const batch = shownSequence(task, cell);
  let moments: Moment[] = [];
  let pause = LEAST_MILLISECONDS;
  let next = -Infinity;
  const look = async (sequences: number): Promise<void> => {
    if (moments.at(-1)?.sequences === sequences) return;
    const start = now();
    await machine.set('parameters', await learner.averages());
    const { outputs } = await answer(machine, task, batch);
    moments.push({ sequences, outputs: outputs.slice(0, batch.steps * task.outputs) });
    if (moments.length > MOST) {
      moments = thinned(moments);
      pause *= 2;
    }
    const end = now();
    // The first look compiles, which the next ones do not.
    next = end + (moments.length === 1 ? pause : Math.max(pause, (end - start) / SHARE));
  };
  return {
    cell,
    batch,
    look,
    glance: async (sequences) => (now() >= next ? look(sequences) : undefined),
    moments: () => moments,
    dispose: machine.dispose,
  };
};
