/** Every cell is the right one: no index is divided or wrapped wrongly, whatever the sizes, slices and joins. */
import { describe, expect, it } from 'vitest';
import { type Array2, type Array3, kernel, type Thread } from '../../kernels/kernel.js';
import { shiftBackward, shiftForward } from '../../src/model/addressing.js';
import { eachBackend } from '../support/backends.js';
import { runProgram } from '../support/program.js';
import { useProgram } from '../support/run.js';

/** Every number another one, and each exact in float32. */
const counted = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => i + 1);

const oneHot = (length: number, at: number): Float32Array => new Float32Array(length).with(at, 1);

/** Where two arrays first differ; −1 for nowhere. */
const firstDifference = (actual: Float32Array, expected: ArrayLike<number>): number => (actual.length === expected.length ? actual.findIndex((v, i) => v !== expected[i]) : actual.length);

const same = kernel('the same', 'a [B, X] -> [B, X]', function (this: Thread, a: Array2): number {
  return a[this.thread.y][this.thread.x];
});
const turned = kernel('turned', 'a [B, X, Y] -> [B, Y, X]', function (this: Thread, a: Array3): number {
  return a[this.thread.z][this.thread.x][this.thread.y];
});
const sum = kernel('sum of arrays', 'a [P, Q, X], b [P, Q, X] -> [P, Q, X]', function (this: Thread, a: Array3, b: Array3): number {
  return a[this.thread.z][this.thread.y][this.thread.x] + b[this.thread.z][this.thread.y][this.thread.x];
});

eachBackend('neighbours', (backend) => {
  describe.each([[3, 3], [6, 5], [7, 7], [5, 1], [91, 3], [128, 5], [1500, 3]] as const)('of %d slots by %d taps', (N, S) => {
    /** All slots, or the 32 at either end. */
    const slots = Array.from({ length: Math.min(N, 128) }, (_, i) => (N <= 128 || i < 32 ? i : N - 64 + i)).filter((n) => n < N);
    const batch = slots.length;
    const taps = Array.from({ length: S }, (_, j) => j);
    const C = (S - 1) / 2;
    const run = useProgram(
      backend,
      (recorder) => {
        const [wg, s] = [recorder.input('wg', [2, N]), recorder.input('s', [2, S])];
        recorder.section('forward');
        const { out, saved } = shiftForward(recorder, { wg, s });
        const { dwg, ds } = shiftBackward(recorder, saved, wg);
        Object.entries({ shifted: out, back: dwg, taps: ds }).forEach(([name, tensor]) => recorder.expose(name, tensor));
      },
      { batch },
    );
    const rows = (row: (slot: number) => readonly Float32Array[]): Float32Array => Float32Array.from(slots.flatMap((slot) => row(slot).flatMap((part) => [...part])));

    it.each(taps)('one-hot weightings, moved by tap %d at each slot', async (tap) => {
      const wg = rows((slot) => [oneHot(N, slot), oneHot(N, slot)]);
      const actual = await run({ inputs: { wg, s: rows(() => [oneHot(S, tap), oneHot(S, S - 1 - tap)]) } });
      const at = (slot: number, by: number): Float32Array => oneHot(N, (slot + by + N) % N);
      expect(firstDifference(actual.shifted, rows((slot) => [at(slot, C - tap), at(slot, tap - C)]))).toBe(-1);
      expect(firstDifference(actual.back, rows((slot) => [at(slot, tap - C), at(slot, C - tap)]))).toBe(-1);
      expect(firstDifference(actual.taps, rows(() => [oneHot(S, C), oneHot(S, C)]))).toBe(-1);
    });

    it.each(taps)('as many values as slots, moved by tap %d', async (tap) => {
      const { shifted } = await run({ inputs: { wg: counted(batch * 2 * N), s: rows(() => [oneHot(S, tap), oneHot(S, tap)]) } });
      const expected = Float32Array.from({ length: batch * 2 * N }, (_, i) => Math.floor(i / N) * N + ((i + tap - C + N) % N) + 1);
      expect(firstDifference(shifted, expected)).toBe(-1);
    });
  });
});

eachBackend('cells', (backend) => {
  it.each([[1, 1], [91, 64], [128, 64], [1500, 64], [1200, 3], [4097, 3], [3, 4097]])('of rows %d wide, %d of them', async (width, batch) => {
    const a = counted(batch * width);
    const { y } = await runProgram(
      backend,
      (recorder) => {
        const input = recorder.input('a', [width]);
        recorder.section('forward');
        recorder.expose('y', recorder.apply(same, { a: input }));
      },
      { batch, inputs: { a } },
    );
    expect(firstDifference(y, a)).toBe(-1);
  });

  it.each([[64, 2, 91], [64, 2, 1500], [64, 33, 128], [3, 91, 7], [91, 7, 3], [1202, 4, 100]])('of a %d × %d × %d array', async (...shape) => {
    const values = counted(shape.reduce((a, b) => a * b));
    const { d } = await runProgram(
      backend,
      (recorder) => {
        const d = recorder.single('d', shape, 'gradient');
        recorder.section('combine');
        recorder.replace(sum, d, { a: d, b: recorder.single('other', shape, 'other gradient') });
      },
      { batch: 1, sections: ['combine'], singles: { d: values } },
    );
    expect(firstDifference(d, values)).toBe(-1);
  });

  it.each([[1, 1, 3], [3, 5, 4], [4, 8, 2], [7, 3, 64], [20, 33, 3], [1500, 3, 2]])('of rows [%d, %d], turned, %d of them', async (X, Y, batch) => {
    const a = counted(batch * X * Y);
    const { y } = await runProgram(
      backend,
      (recorder) => {
        const input = recorder.input('a', [X, Y]);
        recorder.section('forward');
        recorder.expose('y', recorder.apply(turned, { a: input }));
      },
      { batch, inputs: { a } },
    );
    expect(firstDifference(y, Float32Array.from(a, (_, i) => a[Math.floor(i / (X * Y)) * X * Y + (i % X) * Y + (Math.floor(i / X) % Y)]))).toBe(-1);
  });
});

/** Row b of `rows`, from `at` on. */
const part = (values: Float32Array, rows: number, b: number, at: number, length: number): number[] => {
  const width = values.length / rows;
  return [...values.subarray(b * width + at, b * width + at + length)];
};

/** As wide as a texture of 8,192 numbers a row allows, which browsers' software renderers have. */
eachBackend('slices and joins', (backend) => {
  it.each([[1, 64], [3, 3], [4, 8], [7, 64], [20, 64], [33, 3], [91, 3], [1100, 3]])('of rows whose parts are %d wide, %d of them', async (M, batch) => {
    const [first, second] = [counted(batch * (4 * M + 3)), counted(batch * (M + 2)).map((v) => -v)];
    const actual = await runProgram(
      backend,
      (recorder) => {
        const [a, b] = [recorder.input('first', [4 * M + 3]), recorder.input('second', [M + 2])];
        recorder.section('forward');
        const [middle, matrix] = [recorder.slice(b, 1, [M]), recorder.slice(a, 3, [2, M])];
        recorder.expose('slice', recorder.apply(same, { a: middle }));
        recorder.expose('turned', recorder.apply(turned, { a: matrix }));
        const joined = recorder.join([middle, recorder.slice(a, 1, [3]), matrix, b]);
        recorder.expose('joined', joined);
        recorder.expose('slice of the join', recorder.apply(same, { a: recorder.slice(joined, 2, [M + 2]) }));
        recorder.expose('exposed slice', recorder.slice(joined, 1, [M + 1]));
      },
      { batch, inputs: { first, second } },
    );
    const rows = Array.from({ length: batch }, (_, b) => b);
    const joined = rows.map((b) => [...part(second, batch, b, 1, M), ...part(first, batch, b, 1, 3), ...part(first, batch, b, 3, 2 * M), ...part(second, batch, b, 0, M + 2)]);
    expect(firstDifference(actual.slice, rows.flatMap((b) => part(second, batch, b, 1, M)))).toBe(-1);
    expect(firstDifference(actual.turned, rows.flatMap((b) => Array.from({ length: 2 * M }, (_, i) => part(first, batch, b, 3 + (i % 2) * M + Math.floor(i / 2), 1)[0])))).toBe(-1);
    expect(firstDifference(actual.joined, joined.flat())).toBe(-1);
    expect(firstDifference(actual['slice of the join'], joined.flatMap((row) => row.slice(2, M + 4)))).toBe(-1);
    expect(firstDifference(actual['exposed slice'], joined.flatMap((row) => row.slice(1, M + 2)))).toBe(-1);
  });

  it('of single arrays: a part is read, set and got without the rest', async () => {
    const values = counted(24);
    const actual = await runProgram(
      backend,
      (recorder) => {
        const whole = recorder.single('whole', [4, 6], 'parameter');
        const row = kernel('a row of parameters', 'vector [X] -> [B, X]', function (this: Thread, vector: readonly number[]): number {
          return vector[this.thread.x];
        });
        recorder.expose('part', recorder.slice(whole, 7, [5]));
        recorder.section('forward');
        recorder.expose('rows', recorder.apply(row, { vector: recorder.slice(whole, 3, [9]) }));
      },
      { batch: 2, singles: { whole: values, part: Float32Array.of(-1, -2, -3, -4, -5) } },
    );
    const expected = [...values.subarray(0, 7), -1, -2, -3, -4, -5, ...values.subarray(12)];
    expect([...actual.whole]).toEqual(expected);
    expect([...actual.part]).toEqual([-1, -2, -3, -4, -5]);
    expect([...actual.rows]).toEqual([...expected.slice(3, 12), ...expected.slice(3, 12)]);
  });
});
