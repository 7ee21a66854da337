/** Every cell is the right one: no index is divided or wrapped wrongly, whatever the sizes. */
import { describe, expect, it } from 'vitest';
import { rectifier } from '../../kernels/feed-forward.js';
import { heads } from '../../kernels/heads.js';
import { optimiser } from '../../kernels/optimiser.js';
import { shift } from '../../kernels/shift.js';
import { eachBackend } from '../support/backends.js';
import { runProgram } from '../support/program.js';
import { useProgram } from '../support/run.js';

/** Every number another one, and each exact in float32. */
const counted = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => i + 1);

const oneHot = (length: number, at: number): Float32Array => new Float32Array(length).with(at, 1);

/** Where two arrays first differ; −1 for nowhere. */
const firstDifference = (actual: Float32Array, expected: ArrayLike<number>): number => (actual.length === expected.length ? actual.findIndex((v, i) => v !== expected[i]) : actual.length);

eachBackend('neighbours', (backend) => {
  describe.each([3, 6, 7, 91, 128, 1500])('of %d slots', (N) => {
    /** All slots, or the 32 at either end. */
    const slots = Array.from({ length: Math.min(N, 128) }, (_, i) => (N <= 128 || i < 32 ? i : N - 64 + i)).filter((n) => n < N);
    const batch = slots.length;
    const run = useProgram(
      backend,
      (g) => {
        const [wg, s] = [g.input('wg', [2, N]), g.input('s', [2, 3])];
        g.section('forward');
        g.expose('shifted', g.apply(shift.forward, [wg, s], [2, N], { N }));
        g.expose('back', g.apply(shift.backwardGated, [s, wg], [2, N], { N }));
        g.expose('taps', g.apply(shift.backwardTaps, [wg, wg], [2, 3], { N }));
      },
      { batch },
    );
    const rows = (row: (slot: number) => readonly Float32Array[]): Float32Array => Float32Array.from(slots.flatMap((slot) => row(slot).flatMap((part) => [...part])));

    it.each([0, 1, 2])('one-hot weightings, moved by tap %d at each slot', async (tap) => {
      const wg = rows((slot) => [oneHot(N, slot), oneHot(N, slot)]);
      const { shifted, back, taps } = await run({ inputs: { wg, s: rows(() => [oneHot(3, tap), oneHot(3, 2 - tap)]) } });
      const at = (slot: number, by: number): Float32Array => oneHot(N, (slot + by + N) % N);
      expect(firstDifference(shifted, rows((slot) => [at(slot, 1 - tap), at(slot, tap - 1)]))).toBe(-1);
      expect(firstDifference(back, rows((slot) => [at(slot, tap - 1), at(slot, 1 - tap)]))).toBe(-1);
      expect(firstDifference(taps, rows(() => [oneHot(3, 1), oneHot(3, 1)]))).toBe(-1);
    });

    it.each([0, 1, 2])('as many values as slots, moved by tap %d', async (tap) => {
      const { shifted } = await run({ inputs: { wg: counted(batch * 2 * N), s: rows(() => [oneHot(3, tap), oneHot(3, tap)]) } });
      const expected = Float32Array.from({ length: batch * 2 * N }, (_, i) => Math.floor(i / N) * N + ((i + tap - 1 + N) % N) + 1);
      expect(firstDifference(shifted, expected)).toBe(-1);
    });
  });
});

eachBackend('cells', (backend) => {
  it.each([[1, 1], [91, 64], [128, 64], [1500, 64], [1200, 3], [4097, 3], [3, 4097]])('of rows %d wide, %d of them', async (width, batch) => {
    const z = counted(batch * width);
    const { y } = await runProgram(
      backend,
      (g) => {
        const input = g.input('z', [width]);
        g.section('forward');
        g.expose('y', g.apply(rectifier.forward, [input], [width]));
      },
      { batch, inputs: { z } },
    );
    expect(firstDifference(y, z)).toBe(-1);
  });

  it.each([[64, 2, 91], [64, 2, 1500], [64, 33, 128], [3, 91, 7], [91, 7, 3], [1202, 4, 100]])('of a %d × %d × %d array', async (...shape) => {
    const values = counted(shape.reduce((a, b) => a * b));
    const { d } = await runProgram(
      backend,
      (g) => {
        const d = g.single('d', shape, 'gradient');
        g.section('combine');
        g.replace(optimiser.accumulate, d, [d, g.single('other', shape, 'other gradient')]);
      },
      { batch: 1, sections: ['combine'], singles: { d: values } },
    );
    expect(firstDifference(d, values)).toBe(-1);
  });

  it.each([[1, 64], [3, 3], [6, 3], [7, 64], [20, 64], [33, 3], [91, 3], [1500, 3]])('of a head row, M=%d, batch %d', async (M, batch) => {
    const [vectors, scalars] = [counted(batch * 4 * M), counted(batch * 12).map((v) => -v)];
    const { row } = await runProgram(
      backend,
      (g) => {
        const inputs = [g.input('vectors', [4, M]), g.input('scalars', [6, 2])];
        g.section('forward');
        g.expose('row', g.apply(heads.backwardRow, inputs, [4 * M + 12], { M }));
      },
      { batch, inputs: { vectors, scalars } },
    );
    /** [6, 2] by kind and head: g, β and γ by kind, then three taps of the one head and of the other. */
    const order = [0, 1, 2, 3, 4, 5, 6, 8, 10, 7, 9, 11];
    const expected = Array.from({ length: batch }, (_, b) => [...vectors.subarray(b * 4 * M, (b + 1) * 4 * M), ...order.map((i) => scalars[12 * b + i])]).flat();
    expect(firstDifference(row, expected)).toBe(-1);
  });
});
