/**
 * A kernel's signature (kernels/kernel.ts) as data, and the sizes of its symbols, found by matching the
 * shapes of a call.
 */
import type { Kernel } from '../../kernels/kernel.js';

export type Shape = readonly number[];

export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** A sum of products; each factor a symbol or a whole number. */
type Axis = ReadonlyArray<readonly string[]>;

export interface Parameter {
  readonly name: string;
  /** Without the axis of rows. */
  readonly axes: readonly Axis[];
  readonly rows: boolean;
}

export interface Signature {
  readonly inputs: readonly Parameter[];
  readonly output: Parameter;
  /** Sums over all rows and takes their number last. */
  readonly sums: boolean;
}

const ROWS = 'B';

/** A thread has x, y and z. */
const MOST_AXES = 3;

const parameterOf = (kernel: string, name: string, list: string): Parameter => {
  const axes = list.split(',').map((axis) => axis.split('+').map((term) => term.split('*').map((factor) => factor.trim())));
  if (!axes.flat(2).every((factor) => /^(\d+|[A-Za-z]\w*)$/.test(factor))) throw new Error(`kernel "${kernel}": the shape [${list}] of "${name}" is no list of axes, sums and products, with commas between them`);
  const rows = axes[0]!.length === 1 && axes[0]![0]!.join() === ROWS;
  return { name, axes: rows ? axes.slice(1) : axes, rows };
};

const read = ({ name, signature }: Kernel): Signature => {
  const [left = '', right = ''] = signature.split('->');
  const inputs = [...left.matchAll(/(\w+)\s*\[([^\]]*)\]/g)].map(([, parameter, list]) => parameterOf(name, parameter!, list!));
  const result = /^\s*\[([^\]]*)\]\s*$/.exec(right);
  if (!result) throw new Error(`kernel "${name}": its signature has no output "-> […]"`);
  const output = parameterOf(name, 'output', result[1]!);
  if (output.axes.length + (output.rows ? 1 : 0) > MOST_AXES) throw new Error(`kernel "${name}": its output has more than ${MOST_AXES} axes`);
  return { inputs, output, sums: !output.rows && inputs.some(({ rows }) => rows) };
};

const known = new Map<Kernel, Signature>();

export const signatureOf = (kernel: Kernel): Signature => {
  const found = known.get(kernel) ?? read(kernel);
  known.set(kernel, found);
  return found;
};

export type Sizes = Readonly<Record<string, number>>;

const isNumber = (factor: string): boolean => /^\d+$/.test(factor);

/** Null where a symbol has no size. */
const valueOf = (axis: Axis, sizes: Sizes): number | null => {
  const factors = axis.map((term) => term.map((factor) => (isNumber(factor) ? Number(factor) : sizes[factor])));
  if (factors.flat().some((factor) => factor === undefined)) return null;
  return factors.map((term) => (term as number[]).reduce((a, b) => a * b, 1)).reduce((a, b) => a + b, 0);
};

/** The size of the one symbol without a size that makes the axis this long; null where there is no such symbol, or no whole size. */
const solve = (axis: Axis, size: number, sizes: Sizes): readonly [string, number] | null => {
  const unknown = axis.flat().filter((factor) => !isNumber(factor) && sizes[factor] === undefined);
  const [symbol] = unknown;
  if (symbol === undefined || unknown.length > 1) return null;
  const rest = valueOf(axis, { ...sizes, [symbol]: 0 })!;
  const value = (size - rest) / (valueOf(axis, { ...sizes, [symbol]: 1 })! - rest);
  return Number.isInteger(value) && value >= 0 ? [symbol, value] : null;
};

const text = (shape: ReadonlyArray<string | number>): string => `[${shape.join(', ')}]`;
const axisText = (axis: Axis): string => axis.map((term) => term.join('*')).join('+');

/**
 * The sizes of a kernel's symbols for inputs of these shapes, given those that no input tells. Throws
 * one line that names kernel and input where the shapes contradict the signature.
 */
export const match = (kernel: Kernel, inputs: Readonly<Record<string, Shape>>, given: Sizes = {}): Sizes => {
  const signature = signatureOf(kernel);
  const fail = (fault: string): never => {
    throw new Error(`kernel "${kernel.name}" (${kernel.signature}): ${fault}`);
  };
  const names = signature.inputs.map(({ name }) => name);
  for (const name of Object.keys(inputs)) if (!names.includes(name)) fail(`it has no input "${name}"`);
  const sizes: Record<string, number> = { ...given };
  const pairs = signature.inputs.flatMap(({ name, axes }) => {
    const shape = inputs[name] ?? fail(`input "${name}" is missing`);
    if (shape.length !== axes.length) fail(`input "${name}" has shape ${text(shape)}, wanted ${text(axes.map(axisText))}`);
    return axes.map((axis, i) => ({ name, axis, size: shape[i]!, shape, axes }));
  });
  for (const { axis, size } of pairs) {
    const [term] = axis;
    if (axis.length === 1 && term!.length === 1 && !isNumber(term![0]!)) sizes[term![0]!] ??= size;
  }
  for (const { name, axis, size, shape, axes } of pairs) {
    const solved = solve(axis, size, sizes);
    if (solved) sizes[solved[0]] = solved[1];
    const wanted = valueOf(axis, sizes);
    if (wanted === null) fail(`input "${name}" has shape ${text(shape)}, which gives "${axisText(axis)}" no whole size`);
    if (wanted !== size) fail(`input "${name}" has shape ${text(shape)}, wanted ${text(axes.map(axisText))} = ${text(axes.map((each) => valueOf(each, sizes) ?? '?'))}`);
  }
  return sizes;
};

/** The output's shape, without the axis of rows. */
export const outputShape = (kernel: Kernel, sizes: Sizes): Shape =>
  signatureOf(kernel).output.axes.map((axis) => {
    const size = valueOf(axis, sizes);
    if (size === null) throw new Error(`kernel "${kernel.name}" (${kernel.signature}): no input tells the size of "${axisText(axis)}"; give it with the call`);
    return size;
  });
