/** A kernel over slices computes what the kernel itself computes on the slices cut out. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readKernel } from '../../../src/gpu/source/read.js';
import { isWhole, overSlices, type Slice } from '../../../src/gpu/source/slices.js';
import { interpret } from './interpret.js';

const KERNELS = [
  'function (a) { return a[this.thread.y]; }',
  'function (a) { return a[this.thread.y][this.thread.x] + a[0][0]; }',
  'function (a) { let s = 0; for (let i = 0; i < 2; i++) s += (i + 1) * a[this.thread.z][i][this.thread.x]; return s; }',
] as const;

/** Rows of counted numbers: every place has its own. */
const flat = (length: number): number[] => Array.from({ length }, (_, i) => i);
const nested = (values: readonly number[], shape: readonly number[]): unknown => {
  const [first, ...rest] = shape;
  if (first === undefined) return values[0];
  const size = rest.reduce((a, b) => a * b, 1);
  return Array.from({ length: first }, (_, i) => nested(values.slice(i * size, (i + 1) * size), rest));
};
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

it('whatever the slice', () => {
  const cases = fc.record({ axes: fc.constantFrom(1, 2, 3), rows: fc.boolean(), before: fc.nat(4), after: fc.nat(4), dims: fc.array(fc.integer({ min: 2, max: 4 }), { minLength: 3, maxLength: 3 }) });
  fc.assert(
    fc.property(cases, ({ axes, rows, before, after, dims }) => {
      const ROWS = 3;
      const shape = dims.slice(0, rows ? axes - 1 : axes);
      const base = [before + sizeOf(shape) + after];
      const slice: Slice = { base, at: before, shape, rows };
      const code = readKernel(KERNELS[axes - 1]!);
      const values = flat((rows ? ROWS : 1) * base[0]!);
      const cut = Array.from({ length: rows ? ROWS : 1 }, (_, row) => values.slice(row * base[0]! + before, row * base[0]! + before + sizeOf(shape))).flat();
      const whole = nested(cut, rows ? [ROWS, ...shape] : shape);
      const setting = { thread: { x: 1, y: 1, z: 1 }, constants: {} };
      expect(interpret(overSlices(code, [slice]), setting, [isWhole(slice) ? whole : values])).toBe(interpret(code, setting, [whole]));
    }),
    { numRuns: 200 },
  );
});
