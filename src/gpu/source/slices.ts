/**
 * Slices of arrays as inputs of a kernel: `a[b][j][m]` becomes the place in the array that the slice is of,
 * which lies flat, row after row: `a[b * stride + at + j * M + m]`.
 */
import type { Shape } from '../../program/signature.js';
import { sizeOf } from '../../program/signature.js';
import type { Expression, KernelCode, Statement } from './ir.js';
import { binary, mapExpression, mapStatement, number, variable } from './tree.js';

export interface Slice {
  /** The whole array's shape and the slice's, without the axis of rows. */
  readonly base: Shape;
  readonly at: number;
  readonly shape: Shape;
  readonly rows: boolean;
  /** A further parameter that tells in which row of the array row 0 lies. */
  readonly from?: string;
}

export const isWhole = ({ base, at, shape, from }: Slice): boolean => at === 0 && from === undefined && base.join() === shape.join();

const plus = (left: Expression, right: Expression): Expression => {
  if (right.kind !== 'number') return left.kind === 'number' && left.value === 0 ? right : binary('+', left, right);
  if (left.kind === 'number') return number(left.value + right.value);
  return right.value === 0 ? left : binary('+', left, right);
};
const times = (value: Expression, factor: number): Expression => {
  if (value.kind === 'number') return number(value.value * factor);
  return factor === 1 ? value : binary('*', value, number(factor));
};

/** Where an element of a slice lies in the array. */
export const placeOf = (indices: readonly Expression[], { base, at, shape, rows, from }: Slice): Expression => {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const all = rows ? [sizeOf(base), ...strides] : strides;
  const terms = indices.map((index, axis) => times(axis === 0 && from !== undefined ? binary('+', index, variable(from)) : index, all[axis]!));
  return plus(terms.reduce(plus, number(0)), number(at));
};

/** The kernel over slices, one for each of its parameters that is an array, in their order. */
export const overSlices = ({ parameters, body }: KernelCode, slices: readonly Slice[]): KernelCode => {
  const cut = new Map(slices.flatMap((slice, i) => (isWhole(slice) ? [] : [[parameters[i]!, slice] as const])));
  if (cut.size === 0) return { parameters, body };
  const place = (value: Expression): Expression => {
    const slice = value.kind === 'load' ? cut.get(value.array) : undefined;
    return value.kind === 'load' && slice ? { ...value, indices: [placeOf(value.indices, slice)] } : value;
  };
  const offsets = slices.flatMap(({ from }) => (from === undefined ? [] : [from]));
  return { parameters: [...parameters, ...offsets], body: body.map((statement): Statement => mapStatement(statement, (value) => mapExpression(value, place))) };
};
