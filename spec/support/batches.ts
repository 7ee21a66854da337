/** Batches as rows, which a spec can write out. */
import { seededRng } from '../../src/random.js';
import type { Cell } from '../../src/tasks/cells.js';
import type { Task } from '../../src/tasks/definition.js';
import { type Batch, rowOf } from '../../src/tasks/sequences.js';

/** All rows of sequence `b` of values [T, B, channels]. */
export const rowsOf = (values: Float32Array, { steps, batch }: Batch, b: number): readonly (readonly number[])[] =>
  Array.from({ length: steps }, (_, t) => [...rowOf(values, { batch }, values.length / (steps * batch), t, b)]);

/** Rows and mask of sequence `b`. */
export const sequenceAt = (batch: Batch, b: number) => ({
  x: rowsOf(batch.x, batch, b),
  target: rowsOf(batch.target, batch, b),
  mask: rowsOf(batch.mask, batch, b).flat(),
});

/** A batch of a cell from a seed. */
export const drawnBatch = (task: Task, cell: Cell, size: number, seed: number): Batch => task.sequences(cell, size)(seededRng(seed))[0];

/** The task with other options, which must fit. */
export const withSettings = (task: Task, changes: Readonly<Record<string, unknown>>): Task => {
  const changed = task.configure(changes);
  if (changed._tag === 'Left') throw new Error(changed.left);
  return changed.right;
};

/** Rows one after the other, digits alone. */
export const digits = (rows: readonly (readonly number[])[]): string => rows.map((row) => row.join('')).join(' ');
