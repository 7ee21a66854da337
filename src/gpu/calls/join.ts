/** A kernel that puts slices of several arrays one behind the other: column x is that of the part it falls into. */
import type { Expression, KernelCode, Statement } from '../source/ir.js';
import { placeOf, type Slice } from '../source/slices.js';
import { binary, number, variable } from '../source/tree.js';
import { sizeOf } from '../../program/signature.js';

const column: Expression = { kind: 'thread', axis: 'x' };
const row: Expression = { kind: 'thread', axis: 'y' };

export const joinKernel = (parts: readonly Slice[]): KernelCode => {
  const parameters = parts.map((_, i) => `part${i}`);
  const sizes = parts.map(({ shape }) => sizeOf(shape));
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  const take = (i: number): Statement => {
    const { base, at, rows } = parts[i]!;
    const own = binary('-', column, number(starts[i]!));
    const index = placeOf(rows ? [row, own] : [own], { base, at, shape: [sizes[i]!], rows });
    return { kind: 'assign', name: 'value', operator: '=', value: { kind: 'load', array: parameters[i]!, indices: [index] } };
  };
  const from = (i: number): Statement[] =>
    i === parts.length - 1 ? [take(i)] : [{ kind: 'if', test: binary('<', column, number(starts[i + 1]!)), then: [take(i)], otherwise: from(i + 1) }];
  return { parameters, body: [{ kind: 'declare', name: 'value', value: number(0) }, ...from(0), { kind: 'return', value: variable('value') }] };
};
