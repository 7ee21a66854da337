/** Kernels fused into one give each its own result, column by column. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fuse, type Part } from '../../src/gpu/calls/fuse.js';
import { readKernel } from '../../src/gpu/source/read.js';
import type { Shape } from '../../src/program/signature.js';
import { interpret } from './source/interpret.js';

/** By the axes of the result, rows left out; each tells its thread apart from every other. */
const KERNELS: ReadonlyArray<readonly [axes: number, source: string]> = [
  [0, 'function (a, rows) { return a[this.thread.x] + rows; }'],
  [1, 'function (a, rows) { let sum = 0; for (let i = 0; i < 3; i++) sum += a[i] * (this.thread.x + 10 * this.thread.y); return sum + rows; }'],
  [2, 'function (a, rows) { const y = this.thread.y; if (y > 1) return -rows; return this.thread.x + 10 * y + 100 * this.thread.z + a[0]; }'],
];

const AXES = ['x', 'y', 'z'] as const;

it('whatever their number, shapes and variables', () => {
  const part = fc.record({ kernel: fc.constantFrom(...KERNELS), dims: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 })), array: fc.nat(2) });
  fc.assert(
    fc.property(fc.array(part, { minLength: 2, maxLength: 6 }), fc.nat(4), (drawn, row) => {
      const arrays = [0, 1, 2].map((array) => Array.from({ length: 5 }, (_, i) => array + i / 8));
      const parts = drawn.map(({ kernel: [axes, source], dims, array }, i): Part & { readonly array: number } => ({ code: readKernel(source), names: [`array${array}`, `number${i}`], shape: dims.slice(0, axes), array }));
      const fused = fuse(parts, [...arrays.map((_, i) => `array${i}`), ...parts.map((_, i) => `number${i}`)]);
      const numbers = parts.map((_, i) => 1000 * i);
      let column = 0;
      parts.forEach(({ code, shape, array }, i) => {
        const [Y = 1, X = 1] = (shape.length === 1 ? [1, ...shape] : shape) as Shape;
        for (let y = 0; y < Y; y++) {
          for (let x = 0; x < X; x++) {
            const own = [...(shape.length > 0 ? [x] : []), ...(shape.length > 1 ? [y] : []), row];
            const thread = { x: 0, y: 0, z: 0, ...Object.fromEntries(own.map((value, axis) => [AXES[axis]!, value])) };
            const wanted = interpret(code, { thread, constants: {} }, [arrays[array], numbers[i]]);
            expect(interpret(fused, { thread: { x: column++, y: row, z: 0 }, constants: {} }, [...arrays, ...numbers])).toBe(wanted);
          }
        }
      });
    }),
  );
});
