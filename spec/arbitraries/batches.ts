/** Sequences: of any kind, and of every task that the library brings along. */
import fc from 'fast-check';
import type { Cell } from '../../src/tasks/cells.js';
import type { Task } from '../../src/tasks/definition.js';
import { builtIn } from '../../src/tasks/index.js';
import type { Batch } from '../../src/tasks/sequences.js';
import { drawnBatch, withSettings } from '../support/batches.js';
import type { Sequences } from '../support/sequences.js';
import { bits, numbers } from './numbers.js';

/** Any numbers in, any bits out, answers wherever; at least one counts. */
export const sequences = ({ I, V, steps, batch }: { readonly I: number; readonly V: number; readonly steps: number; readonly batch: number }): fc.Arbitrary<Sequences> =>
  fc.record({ batch: fc.constant(batch), input: numbers(steps * batch * I), target: bits(steps * batch * V), mask: bits(steps * batch).map((mask) => mask.with(0, 1)) });

const upTo = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });

/** A task with its options, one of its cells, and how many sequences. */
interface DrawnTask {
  readonly task: Task;
  readonly cell: Cell;
  readonly size: number;
}

const few = upTo(3);

/** Every task, with few bits. */
export const drawnTasks: fc.Arbitrary<DrawnTask> = fc.oneof(
  fc.record({ bits: upTo(4), length: upTo(6), size: few }).map(({ bits: width, length, size }) => ({ task: withSettings(builtIn.copy, { bits: width }), cell: { length }, size })),
  fc.record({ bits: upTo(4), length: upTo(4), repeats: upTo(4), size: few }).map(({ bits: width, size, ...cell }) => ({ task: withSettings(builtIn.repeatCopy, { bits: width }), cell, size })),
  fc.record({ bits: upTo(4), rows: upTo(3), items: upTo(5, 2), size: few }).map(({ bits: width, rows, items, size }) => ({ task: withSettings(builtIn.recall, { bits: width, rows }), cell: { items }, size })),
  fc.record({ order: upTo(5), length: upTo(20), size: few }).map(({ order, length, size }) => ({ task: withSettings(builtIn.ngrams, { order }), cell: { length }, size })),
  fc.record({ bits: upTo(4), length: upTo(6), answers: fc.nat(6), size: few }).map(({ bits: width, length, answers, size }) => ({ task: withSettings(builtIn.sort, { bits: width, answers }), cell: { length }, size })),
);

/** A batch of any of them. */
export const batches: fc.Arbitrary<DrawnTask & { readonly batch: Batch }> = fc.tuple(drawnTasks, fc.nat()).map(([drawn, seed]) => ({ ...drawn, batch: drawnBatch(drawn.task, drawn.cell, drawn.size, seed) }));
