/** Tasks of one's own: definitions tried out, options, recorded sequences, the examples. */
import { readFileSync } from 'node:fs';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import addition, { sumOf } from '../../examples/addition.js';
import reverse from '../../examples/reverse.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.js';
import { random, seededRng } from '../../src/random.js';
import { cellLabel, cellsOf, longest, WHOLE } from '../../src/tasks/cells.js';
import { checkTask } from '../../src/tasks/check.js';
import { defineTask, fitTo, type Task } from '../../src/tasks/definition.js';
import { builtIn, taskNamed } from '../../src/tasks/index.js';
import { recordedTask, type Recording } from '../../src/tasks/recorded.js';
import { parseJsonLines, readTensors } from '../../src/tasks/recordings.js';
import type { Sequence } from '../../src/tasks/sequences.js';
import { sequenceAt, withSettings } from '../support/batches.js';

const right = <A>(either: { readonly _tag: 'Left'; readonly left: string } | { readonly _tag: 'Right'; readonly right: A }): A => {
  if (either._tag === 'Left') throw new Error(either.left);
  return either.right;
};

const CASES = { numRuns: 100 } as const;

const simple = { name: 'echo', inputs: 2, outputs: 1, cells: { length: [1, 4] }, sequence: () => ({ input: [[1, 0]], answer: [[1]] }) };

describe('a value that is tried out', () => {
  it('is a task if it is a definition, a task, or one of the built-in ones', () => {
    for (const value of [simple, defineTask(reverse), ...Object.values(builtIn)]) expect(right(checkTask(value)).name).toBe(value.name);
  });

  it.each([
    [undefined, 'a task is { name, inputs, outputs, cells, sequence }, got undefined'],
    [{ ...simple, name: 'a b' }, 'name wants letters, digits, - and _ (files are called by it), got "a b"'],
    [{ ...simple, inputs: 0 }, 'inputs wants how many channels there are, an integer of at least 1, got 0'],
    [{ ...simple, outputs: undefined }, 'outputs wants how many channels there are, an integer of at least 1, got undefined'],
    [{ ...simple, cells: {} }, 'cells wants the sizes trained on, such as { length: [1, 20] }, got {}'],
    [{ ...simple, cells: { length: [3, 1] } }, 'cells.length wants [from, to], integers of which the second is not below the first, got [3,1]'],
    [{ ...simple, sequnce: 1 }, /^sequnce is not a field of a task; there are name, /],
    [{ ...simple, sequence: 1 }, 'sequence wants a function (cell, draw) => ({ input, answer })'],
    [{ ...simple, sequence: () => undefined }, 'task echo, cell 1: sequence 0: it is neither { input, answer } nor { input, target, mask }, of rows of numbers'],
    [{ ...simple, sequence: () => ({ input: [[1, 0], [1]], answer: [[1]] }) }, 'task echo, cell 1: sequence 0: input row 1 has 1 channels instead of 2'],
    [{ ...simple, sequence: ({ length }: { length: number }) => ({ input: [[1, length === 3 ? NaN : 0]], answer: [[1]] }) }, 'task echo, cell 3: sequence 0: its input at step 0, channel 1 is NaN, wanted a finite number'],
    [{ ...simple, sequence: () => ({ input: [[1, 0]], answer: [[2]] }) }, 'task echo, cell 1: sequence 0: its target at step 1 is 2, wanted a number from 0 to 1'],
    [{ ...simple, sequence: () => ({ input: [[1, 0]], target: [[1]], mask: [0.5] }) }, 'task echo, cell 1: sequence 0: its mask at step 0 is 0.5, wanted 0 or 1'],
    [{ ...simple, sequence: () => ({ input: [[1, 0]], answer: [] }) }, 'task echo, cell 1: sequence 0: its mask is 1 at no step, so that no answer counts'],
    [{ ...simple, sequence: () => ({ input: [[Math.random(), 0]], answer: [[1]] }) }, /^task echo, cell 1: two draws from the same random state differ: .* not with Math.random$/],
    [{ ...simple, sequence: (_: unknown, { integer }: { integer: (a: number, b: number) => number }) => ({ input: Array.from({ length: integer(1, 9) }, () => [1, 0]), answer: [[1]] }) }, /^task echo, cell 1: its sequences have \d and \d+ steps: those of one cell have one length;/],
    [{ ...simple, sequence: () => { throw new TypeError('no such thing'); } }, 'task echo, cell 1: no such thing'],
    [{ ...simple, sequence: undefined, sequences: () => random(() => ({ steps: 2, batch: 2, x: new Float32Array(3), target: new Float32Array(4), mask: new Float32Array(4) })) }, 'task echo, cell 1: x has 3 numbers, wanted 2 steps × 2 sequences × 2 channels'],
    [{ ...simple, solved: { measure: 'speed' } }, 'task echo, cell 1: solved.measure is "speed", wanted one of wrong bits'],
    [{ ...simple, measures: [{ name: 'speed', unit: 'bits', of: () => NaN }] }, 'task echo, cell 1: its measure "speed" is NaN for an answer of zeros, wanted a finite number'],
    [{ ...simple, reference: () => new Float32Array(1) }, 'task echo, cell 1: its reference has 1 numbers, wanted 2 steps × 1 channels'],
    [{ configure: 1 }, /^name wants/],
    [{ ...defineTask(reverse), distribution: undefined }, /^Cannot read properties of undefined/],
  ])('says in one line what is wrong, case %#', (value, message) => {
    const checked = checkTask(value);
    expect(checked._tag).toBe('Left');
    const { left } = checked as { readonly left: string };
    if (typeof message === 'string') expect(left).toBe(message);
    else expect(left).toMatch(message);
    expect(left).not.toContain('\n');
  });
});

describe('options', () => {
  it.each([
    [builtIn.copy, { minLength: 9, maxLength: 3 }, 'minLength 9 is above maxLength 3: lower the one or raise the other'],
    [builtIn.copy, { maxLength: 0 }, 'maxLength wants an integer of at least 1, got 0'],
    [builtIn.copy, { repeats: 1 }, 'repeats is not an option of this task; it has bits, minLength, maxLength'],
    [builtIn.repeatCopy, { countEncoding: 'fifth' }, 'countEncoding wants tenth or normalised, got "fifth"'],
    [builtIn.recall, { minItems: 1 }, 'minItems wants an integer of at least 2, got 1'],
    [builtIn.ngrams, { order: 17 }, 'order wants an integer from 1 to 16, got 17'],
    [builtIn.sort, { bits: 2.5 }, 'bits wants an integer of at least 1, got 2.5'],
  ])('%# are checked by name', (task, changes, message) => expect(task.configure(changes)).toEqual({ _tag: 'Left', left: message }));

  it('change the channels and the cells, one after the other', () => {
    const task = withSettings(withSettings(builtIn.copy, { bits: 3 }), { maxLength: 5 });
    expect([task.inputs, task.outputs, longest(task.distribution), task.settings]).toEqual([4, 3, { length: 5 }, { bits: 3, minLength: 1, maxLength: 5 }]);
  });

  it('fit a model by its channels', () => {
    const fitted = (task: Task, inputs: number, outputs: number) => right(fitTo(task, inputs, outputs));
    expect(fitted(builtIn.copy, 9, 8)).toBe(builtIn.copy);
    expect(fitted(builtIn.copy, 4, 3).settings).toEqual({ ...builtIn.copy.settings, bits: 3 });
    expect(fitted(builtIn.recall, 12, 10).settings).toEqual({ ...builtIn.recall.settings, bits: 10 });
    expect(fitTo(builtIn.copy, 9, 9)).toEqual({ _tag: 'Left', left: 'task copy has 9 inputs and 8 outputs, the model 9 and 9' });
    expect(fitTo(builtIn.ngrams, 2, 1)).toEqual({ _tag: 'Left', left: 'task ngrams has 1 inputs and 1 outputs, the model 2 and 1' });
  });

  it('name the built-in tasks', () => {
    expect(['copy', 'repeat-copy', 'repeat', 'recall', 'ngrams', 'sort'].map((name) => right(taskNamed(name)).name)).toEqual(['copy', 'repeat-copy', 'repeat-copy', 'recall', 'ngrams', 'sort']);
    expect(taskNamed('reverse')).toEqual({ _tag: 'Left', left: 'no task is named "reverse"; there are copy, repeat-copy, recall, ngrams, sort' });
  });

  it('evaluate by default the cells that are known', () => {
    expect(Object.values(builtIn).map(({ shown }) => shown.reported.map((cell) => cellLabel(cell)).join(', '))).toEqual(['20, 40, 80, 100, 120', '10 × 10, 10 × 20, 20 × 10', '6, 10, 15, 20', '200', '20']);
  });

  it('and lists of sizes, for what is not given those of the longest cell', () => {
    const { distribution, least } = builtIn.repeatCopy;
    const asked = (given: Readonly<Record<string, readonly number[]>>) => cellsOf(longest(distribution), least, given);
    expect(right(asked({ length: [3, 5] }))).toEqual([{ length: 3, repeats: 10 }, { length: 5, repeats: 10 }]);
    expect(right(asked({ repeats: [1, 2], length: [3, 5] }))).toEqual([{ length: 3, repeats: 1 }, { length: 3, repeats: 2 }, { length: 5, repeats: 1 }, { length: 5, repeats: 2 }]);
    expect(asked({ length: [0] })).toEqual({ _tag: 'Left', left: 'length wants integers of at least 1, got 0' });
    expect(asked({ items: [2] })).toEqual({ _tag: 'Left', left: 'items is not a size of this task: its sequences differ by length and repeats' });
  });
});

describe('the examples', () => {
  const drawn = (task: Task, seed: number) => {
    const [cell, rng] = task.distribution.draw(WHOLE)(seededRng(seed));
    return { cell, ...sequenceAt(task.sequences(cell, 1)(rng)[0], 0) };
  };

  test.prop([fc.integer()], CASES)('reverse answers the vectors last first', (seed) => {
    const { cell: { length }, x, target } = drawn(defineTask(reverse), seed);
    expect(target.slice(length! + 1)).toEqual(x.slice(0, length).map((row) => row.slice(0, 8)).reverse());
  });

  it('reverse takes at most 40 lines', () => expect(readFileSync('examples/reverse.ts', 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(40));

  test.prop([fc.integer()], CASES)('addition answers the sum', (seed) => {
    const { cell: { bits }, x, target } = drawn(defineTask(addition), seed);
    const value = (digits: readonly number[]): number => digits.reduce((sum, bit, i) => sum + bit * 2 ** i, 0);
    const shown = (channel: number): number => value(x.slice(0, bits).map((row) => row[channel]!));
    expect(value(target.slice(bits! + 1).flat())).toBe(shown(0) + shown(1));
  });

  it('addition: 6 + 7 = 13', () => expect(sumOf([0, 1, 1], [1, 1, 1])).toEqual([1, 0, 1, 1]));

  it('the file of sequences is a task', () => {
    const task = right(recordedTask(right(parseJsonLines('echo', readFileSync('examples/echo.jsonl', 'utf8'))), 1));
    expect([task.name, task.inputs, task.outputs, longest(task.distribution)]).toEqual(['echo', 3, 3, { length: 10 }]);
    expect(right(checkTask(task))).toBe(task);
  });
});

/** Sequences of given lengths, each of whose rows holds the sequence's number. */
const numbered = (lengths: readonly number[]): Recording => ({
  name: 'numbered',
  sequences: lengths.map((length, i): Sequence => ({ input: Array.from({ length }, () => [i + 1]), target: Array.from({ length }, () => [1]), mask: Array.from({ length }, () => 1) })),
  where: (i) => `sequence ${i}`,
});

describe('recorded sequences', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 80 });

  /** Numbers of the sequences that a task draws. */
  const drawnNumbers = (sequences: Task['sequences'], cell: Readonly<Record<string, number>>, seed: number): readonly number[] => {
    const batch = sequences(cell, 200)(seededRng(seed))[0];
    return [...batch.x.subarray(0, 200)];
  };

  test.prop([lengths, fc.nat(), fc.integer()], CASES)('are trained on or held out, each once, by the seed', (each, split, seed) => {
    const task = right(recordedTask(numbered(each), split));
    const trained = new Set(task.distribution.cells(WHOLE).flatMap((cell) => drawnNumbers(task.sequences, cell, seed)));
    const held = new Set(task.heldOutCells.flatMap((cell) => drawnNumbers(task.heldOut, cell, seed)));
    expect([...trained].filter((number) => held.has(number))).toEqual([]);
    expect(trained.size + held.size).toBe(each.length);
    expect(held.size).toBe(Math.max(1, Math.round(0.1 * each.length)));
    const again = right(recordedTask(numbered(each), split));
    expect(new Set(again.heldOutCells.flatMap((cell) => drawnNumbers(again.heldOut, cell, seed)))).toEqual(held);
  });

  test.prop([lengths, fc.nat(), fc.integer(), fc.integer({ min: 1, max: 5 })], CASES)('keep their own steps, and are filled up with steps that do not count', (each, split, seed, size) => {
    const task = right(recordedTask(numbered(each), split));
    const [cell, rng] = task.distribution.draw(WHOLE)(seededRng(seed));
    const batch = task.sequences(cell, size)(rng)[0];
    expect(batch.steps).toBeLessThanOrEqual(task.steps(cell));
    for (let b = 0; b < size; b++) {
      const { x, mask } = sequenceAt(batch, b);
      const length = each[x[0]![0]! - 1]!;
      expect(mask).toEqual(Array.from({ length: batch.steps }, (_, t) => (t < length ? 1 : 0)));
      expect(x.flat()).toEqual(mask.map((counts) => counts * x[0]![0]!));
    }
  });

  test.prop([lengths, fc.nat()], CASES)('are a task in every way', (each, split) => {
    const task = right(recordedTask(numbered(each), split));
    expect(checkTask(task)).toEqual({ _tag: 'Right', right: task });
  });

  it('are all equally likely in training', () => {
    const task = right(recordedTask(numbered([...new Array<number>(40).fill(2), ...new Array<number>(3).fill(9), 12]), 1));
    const counts = new Map<number, number>();
    let rng = seededRng(1);
    for (let i = 0; i < 8000; i++) {
      const [cell, next] = task.distribution.draw(WHOLE)(rng);
      const [batch, after] = task.sequences(cell, 1)(next);
      rng = after;
      counts.set(batch.x[0]!, (counts.get(batch.x[0]!) ?? 0) + 1);
    }
    expect(counts.size).toBe(40);
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(5 * Math.sqrt(200));
  });

  it('end where the last answer counts', () => {
    const sequence = { input: [[1], [1], [1]], target: [[0], [1], [0]], mask: [0, 1, 0] };
    const task = right(recordedTask({ name: 'r', sequences: [sequence, sequence], where: String }, 1));
    expect(longest(task.distribution)).toEqual({ length: 2 });
  });

  const of = (...sequences: readonly Sequence[]): Recording => ({ name: 'r', sequences, where: (i) => `line ${i + 1}` });
  const good: Sequence = { input: [[1, 0]], answer: [[1]] };
  it.each([
    [of(), 'it holds 0 sequences; wanted two at least, to train on and to hold out'],
    [of(good), 'it holds 1 sequences; wanted two at least, to train on and to hold out'],
    [of(good, { input: [[1]], answer: [[1]] }), 'line 2: input row 0 has 1 channels instead of 2'],
    [of(good, { input: [[1, 0]], answer: [[1], [0, 1]] }), 'line 2: answer row 1 has 2 channels instead of 1'],
    [of(good, { input: [[1, NaN]], answer: [[1]] }), 'line 2: its input at step 0, channel 1 is NaN, wanted a finite number'],
    [of(good, { input: [[1, 0]], target: [[1]], mask: [0] }), 'line 2: its mask is 1 at no step, so that no answer counts'],
    [of(good, { input: [[1, 0]], target: [[1]], mask: [2] }), 'line 2: its mask at step 0 is 2, wanted 0 or 1'],
    [of(good, { input: [[1, 0]], target: [[-1]], mask: [1] }), 'line 2: its target at step 0 is -1, wanted a number from 0 to 1'],
    [of({ input: [], answer: [[1]] }, good), 'line 1: it has 0 channels of input and 1 of target, wanted one of each at least'],
  ])('are refused in one line, case %#', (recording, message) => expect(recordedTask(recording, 1)).toEqual({ _tag: 'Left', left: message }));
});

describe('a file of JSON lines', () => {
  it.each([
    ['{"input":[[1]],"answer":[[1]]}\n\nnot', 'line 3: it is not JSON'],
    ['{"answer":[[1]]}', 'line 1: input wants an array of rows of numbers, got undefined'],
    ['{"input":[[1]],"mask":[1]}', 'line 1: target wants an array of rows of numbers, got undefined'],
    ['{"input":[[1]],"target":[[1]]}', 'line 1: mask wants an array of numbers, got undefined'],
    ['{"input":[[1],[null]],"answer":[[1]]}', 'line 1: input row 1 holds null at 0, wanted a number'],
    ['{"input":[1],"answer":[[1]]}', 'line 1: input row 0 wants an array of numbers, got 1'],
    ['[]', 'line 1: input wants an array of rows of numbers, got undefined'],
  ])('%j is refused', (text, message) => expect(parseJsonLines('r', text)).toEqual({ _tag: 'Left', left: message }));

  it('calls its sequences by their lines', () => {
    const recording = right(parseJsonLines('r', '\n{"input":[[1]],"answer":[[1]]}\n\n{"input":[[1,2]],"answer":[[1]]}\n'));
    expect(recordedTask(recording, 1)).toEqual({ _tag: 'Left', left: 'line 4: input row 0 has 2 channels instead of 1' });
  });
});

describe('a file of tensors', () => {
  const tensor = (...shape: readonly number[]) => ({ shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i % 2) });
  const file = (tensors: Readonly<Record<string, ReturnType<typeof tensor>>>) => right(decodeSafetensors(encodeSafetensors({ metadata: {}, tensors: new Map(Object.entries(tensors)) })));

  it('holds sequences along the first axis', () => {
    const recording = right(readTensors('r', file({ input: tensor(5, 4, 3), target: tensor(5, 4, 2), mask: tensor(5, 4) })));
    expect(recording.sequences).toHaveLength(5);
    expect(recording.sequences[1]).toEqual({ input: [[0, 1, 0], [1, 0, 1], [0, 1, 0], [1, 0, 1]].map((row) => Float32Array.from(row)), target: [[0, 1], [0, 1], [0, 1], [0, 1]].map((row) => Float32Array.from(row)), mask: Float32Array.from([0, 1, 0, 1]) });
    expect(right(recordedTask(recording, 1)).inputs).toBe(3);
  });

  it.each([
    [{ input: tensor(5, 4, 3), target: tensor(5, 4, 2) }, 'tensor "mask" [sequences, steps] is missing: recorded sequences are input, target and mask'],
    [{ input: tensor(5, 12), target: tensor(5, 4, 2), mask: tensor(5, 4) }, 'tensor "input" has shape [5, 12], wanted [sequences, steps, channels]'],
    [{ input: tensor(5, 4, 3), target: tensor(5, 3, 2), mask: tensor(5, 4) }, 'tensor "target" has shape [5, 3, 2], but "input" has 5 sequences of 4 steps'],
    [{ input: tensor(5, 4, 3), target: tensor(5, 4, 2), mask: tensor(4, 4) }, 'tensor "mask" has shape [4, 4], but "input" has 5 sequences of 4 steps'],
  ])('is refused by tensor, case %#', (tensors, message) => expect(readTensors('r', file(tensors as Parameters<typeof file>[0]))).toEqual({ _tag: 'Left', left: message }));
});
