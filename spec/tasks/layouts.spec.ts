/**
 * The five tasks' sequences row by row. The same contents given to the functions `*_batch` of the
 * PyTorch implementation that weights are judged with came out as the same rows.
 */
import { describe, expect, it } from 'vitest';
import { copySequence } from '../../src/tasks/copy.js';
import type { Task } from '../../src/tasks/definition.js';
import { builtIn } from '../../src/tasks/index.js';
import { ngramSequence, optimalBits } from '../../src/tasks/ngrams.js';
import { recallSequence } from '../../src/tasks/recall.js';
import { repeatCopySequence } from '../../src/tasks/repeat-copy.js';
import { batchOf, type Sequence } from '../../src/tasks/sequences.js';
import { sortSequence } from '../../src/tasks/sort.js';
import { digits, drawnBatch, sequenceAt } from '../support/batches.js';

/** A sequence's rows as digits. */
const laidOut = (sequence: Sequence, inputs: number, outputs: number) => {
  const { x, target, mask } = sequenceAt(batchOf([sequence], inputs, outputs), 0);
  return { x: digits(x), target: digits(target), mask: mask.join('') };
};

it('copy of 2 × 3 bits', () => {
  expect(laidOut(copySequence([[1, 0, 1], [0, 1, 1]], 3), 4, 3)).toEqual({
    x: '1010 0110 0001 0000 0000',
    target: '000 000 000 101 011',
    mask: '00011',
  });
});

it('repeat copy of 2 × 3 bits, three times', () => {
  expect(laidOut(repeatCopySequence([[1, 0, 1], [0, 1, 1]], 3, 3, 'tenth'), 5, 4)).toEqual({
    x: `10100 01100 00010 0000${Math.fround(0.3)} ${Array.from({ length: 7 }, () => '00000').join(' ')}`,
    target: '0000 0000 0000 0000 1010 0110 1010 0110 1010 0110 0001',
    mask: '00001111111',
  });
});

describe('associative recall of three items of 2 × 2 bits', () => {
  const items = [[[1, 0], [0, 1]], [[1, 1], [0, 0]], [[0, 0], [1, 0]]];
  const shown = '0010 1000 0100 0010 1100 0000 0010 0000 1000';
  it.each([
    [0, '0001 1000 0100 0001', '11 00'],
    [1, '0001 1100 0000 0001', '00 10'],
  ])('asked for item %i', (query, asked, answer) => {
    expect(laidOut(recallSequence(items, query, 2), 4, 2)).toEqual({
      x: `${shown} ${asked} 0000 0000`,
      target: `${Array.from({ length: 13 }, () => '00').join(' ')} ${answer}`,
      mask: '000000000000011',
    });
  });
});

it('n-grams of 5 bits', () => {
  expect(laidOut(ngramSequence([1, 0, 1, 1, 0]), 1, 1)).toEqual({ x: '0 1 0 1 1', target: '1 0 1 1 0', mask: '11111' });
});

it('the optimum of 14 bits is the PyTorch implementation\'s', () => {
  const bits = [1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1];
  expect(optimalBits(bits, 3)).toBeCloseTo(16.3561, 4);
  expect(optimalBits(bits, 6)).toBeCloseTo(14.415, 4);
});

describe('priority sort of 5 × 2 bits', () => {
  const vectors = [[1, 0], [0, 1], [1, 1], [0, 0], [0, 1]];
  const priorities = [-0.5, 0.25, 0.75, -0.25, 0.5];
  it('of which four are answered', () => {
    expect(laidOut(sortSequence(vectors, priorities, 4, 2), 4, 2)).toEqual({
      x: '10-0.50 010.250 110.750 00-0.250 010.50 0001 0000 0000 0000 0000',
      target: '00 00 00 00 00 00 11 01 01 00',
      mask: '0000001111',
    });
  });
  it('of which two are answered', () => expect(laidOut(sortSequence(vectors, priorities, 2, 2), 4, 2).target).toBe('00 00 00 00 00 00 11 01'));
});

describe('drawn with the usual options', () => {
  const sizes: ReadonlyArray<readonly [Task, Readonly<Record<string, number>>, readonly number[]]> = [
    [builtIn.copy, { length: 20 }, [41, 9, 8, 20]],
    [builtIn.repeatCopy, { length: 10, repeats: 7 }, [83, 10, 9, 71]],
    [builtIn.recall, { items: 6 }, [32, 8, 6, 3]],
    [builtIn.ngrams, { length: 200 }, [200, 1, 1, 200]],
    [builtIn.sort, { length: 20 }, [37, 10, 8, 16]],
  ];
  it.each(sizes.map(([task, cell, expected]) => [task.name, task, cell, expected] as const))('%s has the PyTorch implementation\'s sizes', (_, task, cell, expected) => {
    const batch = drawnBatch(task, cell, 3, 1);
    const answers = batch.mask.filter((value) => value === 1).length / 3;
    expect([batch.steps, batch.x.length / (3 * batch.steps), batch.target.length / (3 * batch.steps), answers]).toEqual(expected);
    expect([task.inputs, task.outputs, task.steps(cell)]).toEqual([expected[1], expected[2], expected[0]]);
  });

  const trained = (task: Task, controller: string) => task.training({ preset: 'paper', controller });
  it('sort and recall are trained with the paper’s heads (tables 1 and 2)', () => {
    expect(trained(builtIn.sort, 'lstm')).toMatchObject({ readHeads: 5, writeHeads: 5, layers: 2 });
    expect(trained(builtIn.sort, 'feed-forward')).toMatchObject({ readHeads: 8, writeHeads: 8, hidden: 512 });
    expect(trained(builtIn.recall, 'feed-forward')).toMatchObject({ readHeads: 4, writeHeads: 4, hidden: 256 });
  });
});
