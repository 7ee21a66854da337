/** Programs of a few plain kernels on every machine, against plain JavaScript: slices, joins, carries, sums. */
import { expect, it } from 'vitest';
import { type Array1, type Array2, type Array3, kernel, type Thread } from '../../kernels/kernel.js';
import { type Backend, openMachine } from '../../src/gpu/backends.js';
import { type Program, record, type Recorder } from '../../src/program/graph.js';
import type { Machine } from '../../src/program/machine.js';
import { eachBackend } from '../support/backends.js';

const double = kernel('double', 'a [B, X] -> [B, X]', function (this: Thread, a: Array2): number {
  return 2 * a[this.thread.y][this.thread.x];
});
const add = kernel('add', 'a [B, X], b [B, X] -> [B, X]', function (this: Thread, a: Array2, b: Array2): number {
  return a[this.thread.y][this.thread.x] + b[this.thread.y][this.thread.x];
});
const transpose = kernel('transpose', 'a [B, X, Y] -> [B, Y, X]', function (this: Thread, a: Array3): number {
  return a[this.thread.z][this.thread.x][this.thread.y];
});
const linear = kernel('linear', 'a [B, A], weights [A, X] -> [B, X]', function (this: Thread<'A'>, a: Array2, weights: Array2): number {
  let sum = 0;
  for (let i = 0; i < this.constants.A; i++) {
    sum += a[this.thread.y][i] * weights[i][this.thread.x];
  }
  return sum;
});
const linearWeight = kernel('linear weight', 'sum [A, X], a [B, A], d [B, X] -> [A, X]', function (this: Thread, sum: Array2, a: Array2, d: Array2, rows: number): number {
  let total = sum[this.thread.y][this.thread.x];
  for (let row = 0; row < rows; row++) {
    total += a[row][this.thread.y] * d[row][this.thread.x];
  }
  return total;
});
const spread = kernel('spread', 'a [X] -> [B, X]', function (this: Thread, a: Array1): number {
  return a[this.thread.x];
});
const negate = kernel('negate', 'a [Y, X] -> [Y, X]', function (this: Thread, a: Array2): number {
  return -a[this.thread.y][this.thread.x];
});

const BATCH = 2;
const STEPS = 3;

const open = async (backend: Backend, program: Program): Promise<Machine> => {
  const machine = await openMachine(backend, program, { batch: BATCH, capacity: STEPS })();
  if (machine._tag === 'Left') throw new Error(machine.left.message);
  return machine.right;
};

/** Whole numbers, which every backend adds and multiplies without rounding. */
const counting = (length: number, from = 1): Float32Array => Float32Array.from({ length }, (_, i) => from + i);
const rowsOf = (values: Float32Array, width: number): number[][] => Array.from({ length: values.length / width }, (_, row) => [...values.subarray(row * width, (row + 1) * width)]);

const forwardOf = async (backend: Backend, write: (recorder: Recorder) => void, inputs: Readonly<Record<string, Float32Array>>, singles: Readonly<Record<string, Float32Array>> = {}) => {
  const machine = await open(backend, record(write));
  for (const [name, values] of Object.entries(singles)) await machine.set(name, values);
  await machine.run({ steps: STEPS, inputs, sections: ['initialise', 'forward', 'backward', 'gradients', 'update'] });
  return machine;
};

eachBackend('a program', (backend) => {
  it('reads slices of rows, in shapes of their own', async () => {
    const x = counting(STEPS * BATCH * 7);
    const machine = await forwardOf(
      backend,
      (g) => {
        const input = g.input('x', [7]);
        g.section('forward');
        const all = g.apply(double, { a: input });
        g.expose('matrix', g.apply(transpose, { a: g.slice(all, 1, [2, 3]) }));
        g.expose('sum', g.apply(add, { a: g.slice(input, 0, [2]), b: g.slice(g.slice(all, 2, [5]), 3, [2]) }));
        g.expose('slice', g.slice(all, 4, [3]));
      },
      { x },
    );
    const rows = rowsOf(x, 7);
    expect(rowsOf(await machine.rows('matrix', STEPS), 6)).toEqual(rows.map((row) => [1, 4, 2, 5, 3, 6].map((i) => 2 * row[i]!)));
    expect(rowsOf(await machine.rows('sum', STEPS), 2)).toEqual(rows.map((row) => [row[0]! + 2 * row[5]!, row[1]! + 2 * row[6]!]));
    expect(rowsOf(await machine.rows('slice', STEPS), 3)).toEqual(rows.map((row) => row.slice(4).map((v) => 2 * v)));
    await machine.dispose();
  });

  it('reads parts of arrays of two axes', async () => {
    const x = counting(STEPS * BATCH * 6);
    const machine = await forwardOf(
      backend,
      (g) => {
        const input = g.input('x', [2, 3]);
        g.section('forward');
        const turned = g.apply(transpose, { a: input });
        g.expose('second', g.apply(double, { a: g.slice(turned, 2, [2]) }));
        g.expose('flat', g.apply(double, { a: g.slice(turned, 0, [6]) }));
      },
      { x },
    );
    const rows = rowsOf(x, 6);
    expect(rowsOf(await machine.rows('second', STEPS), 2)).toEqual(rows.map((row) => [2 * row[1]!, 2 * row[4]!]));
    expect(rowsOf(await machine.rows('flat', STEPS), 6)).toEqual(rows.map((row) => [0, 3, 1, 4, 2, 5].map((i) => 2 * row[i]!)));
    await machine.dispose();
  });

  it('joins rows, also from slices and one part alone', async () => {
    const x = counting(STEPS * BATCH * 5);
    const machine = await forwardOf(
      backend,
      (g) => {
        const input = g.input('x', [5]);
        g.section('forward');
        const twice = g.apply(double, { a: input });
        g.expose('joined', g.join([g.slice(twice, 3, [2]), input, g.slice(twice, 0, [1])]));
        g.expose('many', g.join(Array.from({ length: 20 }, (_, i) => g.slice(twice, i % 5, [1]))));
        g.expose('alone', g.apply(double, { a: g.join([g.slice(twice, 1, [2, 2])]) }));
      },
      { x },
    );
    const rows = rowsOf(x, 5);
    expect(rowsOf(await machine.rows('joined', STEPS), 8)).toEqual(rows.map((row) => [2 * row[3]!, 2 * row[4]!, ...row, 2 * row[0]!]));
    expect(rowsOf(await machine.rows('many', STEPS), 20)).toEqual(rows.map((row) => Array.from({ length: 20 }, (_, i) => 2 * row[i % 5]!)));
    expect(rowsOf(await machine.rows('alone', STEPS), 4)).toEqual(rows.map((row) => row.slice(1).map((v) => 4 * v)));
    await machine.dispose();
  });

  it('hands states on, of which a kernel may read a slice', async () => {
    const x = counting(STEPS * BATCH * 2);
    const machine = await forwardOf(
      backend,
      (g) => {
        const start = g.single('start', [2], 'parameter');
        const input = g.input('x', [2]);
        g.section('initialise');
        const state = g.carryForward(g.apply(spread, { a: start }));
        g.section('forward');
        const swapped = g.join([g.slice(state.previous, 1, [1]), g.slice(state.previous, 0, [1])]);
        const now = g.apply(add, { a: swapped, b: input });
        state.bind(now);
        g.expose('state', now);
        g.section('backward');
        const later = g.carryBackward('later', [2]);
        const d = g.apply(add, { a: now, b: later.next });
        later.bind(d);
        g.expose('d', d);
      },
      { x },
      { start: Float32Array.of(100, 200) },
    );
    const state: number[][] = [];
    for (let row = 0; row < STEPS * BATCH; row++) {
      const [a, b] = state[row - BATCH] ?? [100, 200];
      state.push([b! + x[2 * row]!, a! + x[2 * row + 1]!]);
    }
    const d: number[][] = [];
    for (let row = STEPS * BATCH - 1; row >= 0; row--) d[row] = state[row]!.map((v, i) => v + (d[row + BATCH]?.[i] ?? 0));
    expect(rowsOf(await machine.rows('state', STEPS), 2)).toEqual(state);
    expect(rowsOf(await machine.rows('d', STEPS), 2)).toEqual(d);
    await machine.dispose();
  });

  it('multiplies by slices of one flat array, and sums over all rows', async () => {
    const x = counting(STEPS * BATCH * 4);
    const parameters = counting(2 * 8, -3);
    const machine = await forwardOf(
      backend,
      (g) => {
        const all = g.single('parameters', [2, 8], 'parameter');
        const dWeights = g.single('dweights', [3, 2], 'gradient');
        const input = g.input('x', [4]);
        g.section('forward');
        const y = g.apply(linear, { a: g.slice(input, 1, [3]), weights: g.slice(all, 5, [3, 2]) });
        g.expose('y', y);
        g.expose('weights', g.slice(all, 5, [3, 2]));
        g.section('gradients');
        g.sum(linearWeight, dWeights, { a: g.slice(input, 1, [3]), d: y });
        g.section('update');
        g.replace(negate, all, { a: all });
      },
      { x },
      { parameters },
    );
    const weights = rowsOf(parameters.slice(5, 11), 2);
    const rows = rowsOf(x, 4);
    const y = rows.map((row) => [0, 1].map((j) => weights.reduce((sum, w, i) => sum + row[1 + i]! * w[j]!, 0)));
    expect(rowsOf(await machine.rows('y', STEPS), 2)).toEqual(y);
    expect(rowsOf(await machine.get('dweights'), 2)).toEqual([0, 1, 2].map((i) => [0, 1].map((j) => rows.reduce((sum, row, r) => sum + row[1 + i]! * y[r]![j]!, 0))));
    expect([...(await machine.get('weights'))]).toEqual([...parameters.slice(5, 11)].map((v) => -v));
    await machine.set('weights', counting(6, 50));
    expect([...(await machine.get('parameters'))]).toEqual([...parameters].map((v, i) => (i >= 5 && i < 11 ? 45 + i : -v)));
    await machine.dispose();
    expect(machine.resources().arrays).toBe(0);
  });

  it('runs any number of steps, also in parts, with the same kernels', async () => {
    const program = record((g) => {
      const weights = g.single('weights', [2, 2], 'parameter');
      const total = g.single('total', [2, 2], 'gradient');
      const input = g.input('x', [2]);
      g.section('initialise');
      const state = g.carryForward(g.apply(spread, { a: g.slice(weights, 0, [2]) }));
      g.section('forward');
      const seen = g.apply(double, { a: input });
      const now = g.apply(add, { a: state.previous, b: seen });
      state.bind(now);
      const y = g.apply(linear, { a: g.join([now, input]), weights: g.slice(g.join([weights, weights]), 0, [4, 2]) });
      g.expose('y', y);
      g.section('gradients');
      g.sum(linearWeight, total, { a: now, d: y });
    });
    const machine = await open(backend, program);
    await machine.set('weights', Float32Array.of(1, 2, 3, 4));
    /** [steps, batch, 2] and the sum, in JavaScript. */
    const plainly = (x: Float32Array, from: readonly number[][]) => {
      const states = [...from];
      const y: number[][] = [];
      rowsOf(x, 2).forEach(([a, b]) => {
        const now = states[states.length - BATCH]!.map((v, i) => v + 2 * [a!, b!][i]!);
        states.push(now);
        y.push([0, 1].map((j) => [...now, a!, b!].reduce((sum, v, i) => sum + v * [1, 2, 3, 4, 1, 2, 3, 4][2 * i + j]!, 0)));
      });
      const now = states.slice(BATCH);
      return { y, states: states.slice(-BATCH), total: [0, 1].map((i) => [0, 1].map((j) => now.reduce((sum, row, r) => sum + row[i]! * y[r]![j]!, 0))) };
    };
    const START = [
      [1, 2],
      [1, 2],
    ];
    const kernels = new Set<number>();
    for (const steps of [1, 60, 3, 2, 9, 52, 60]) {
      const x = counting(steps * BATCH * 2, -40).map((v) => v % 5);
      const wanted = plainly(x, START);
      await machine.run({ steps, inputs: { x }, sections: ['initialise', 'forward', 'gradients'] });
      expect(rowsOf(await machine.rows('y', steps), 2), `${steps} steps`).toEqual(wanted.y);
      expect(rowsOf(await machine.get('total'), 2)).toEqual(wanted.total);
      const more = counting(4 * BATCH * 2);
      await machine.run({ steps: 4, inputs: { x: more }, sections: ['forward'], resume: true });
      expect(rowsOf(await machine.rows('y', 4), 2)).toEqual(plainly(more, wanted.states).y);
      if (steps > 1) kernels.add(machine.resources().kernels);
    }
    expect(kernels.size).toBe(1);
    await machine.dispose();
    expect(machine.resources().arrays).toBe(0);
  });
});
