/** All kernels, and what JavaScript itself says of them: the kernel's source called cell by cell. */
import { readdirSync } from 'node:fs';
import type { Kernel } from '../../kernels/kernel.js';
import { sizeOf } from '../../src/program/graph.js';
import { outputShape, type Parameter, type Shape, signatureOf, type Sizes } from '../../src/program/signature.js';

const isKernel = (value: unknown): value is Kernel => typeof value === 'object' && value !== null && 'source' in value && typeof value.source === 'function';

const folder = new URL('../../kernels/', import.meta.url);
export const KERNEL_FILES: readonly string[] = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'kernel.ts');

export const KERNELS: readonly Kernel[] = (
  await Promise.all(
    KERNEL_FILES.map(async (name) => {
      const exported = Object.values((await import(new URL(name, folder).href)) as Record<string, object>);
      return exported.flatMap((value) => (isKernel(value) ? [value] : Object.values(value).filter(isKernel)));
    }),
  )
).flat();

/** The symbols of a kernel's signature that are no number and not the rows. */
export const symbolsOf = (kernel: Kernel): readonly string[] => {
  const { inputs, output } = signatureOf(kernel);
  const factors = [...inputs, output].flatMap(({ axes }) => axes.flat(2));
  return [...new Set(factors.filter((factor) => !/^\d+$/.test(factor)))];
};

/** The shape of an input for these sizes, without rows. */
export const shapeOf = ({ axes }: Parameter, sizes: Sizes): Shape =>
  axes.map((axis) => axis.map((term) => term.map((factor) => sizes[factor] ?? Number(factor)).reduce((a, b) => a * b, 1)).reduce((a, b) => a + b, 0));

type Nested = number | readonly Nested[];
const nested = (values: ArrayLike<number>, shape: Shape, at = 0): Nested => {
  const [length, ...inner] = shape;
  return length === undefined ? values[at]! : Array.from({ length }, (_, i) => nested(values, inner, at + i * sizeOf(inner)));
};

type Body = (this: { readonly thread: Readonly<Record<'x' | 'y' | 'z', number>>; readonly constants: Sizes }, ...inputs: unknown[]) => number;

/** The output of `rows` rows in float64, from the inputs in their order. */
export const evaluate = (kernel: Kernel, sizes: Sizes, inputs: readonly Float32Array[], rows: number): Float64Array => {
  const { inputs: parameters, output, sums } = signatureOf(kernel);
  const arrays: unknown[] = parameters.map((parameter, i) => nested(inputs[i]!, [...(parameter.rows ? [rows] : []), ...shapeOf(parameter, sizes)]));
  const shape = [...(output.rows ? [rows] : []), ...outputShape(kernel, sizes)];
  const [X = 1, Y = 1, Z = 1] = [...shape].reverse();
  return Float64Array.from({ length: X * Y * Z }, (_, i) =>
    (kernel.source as unknown as Body).call({ thread: { x: i % X, y: Math.floor(i / X) % Y, z: Math.floor(i / (X * Y)) }, constants: sizes }, ...arrays, ...(sums ? [rows] : [])),
  );
};
