/** Kernels that only copy: several arrays into one, side by side or row below row. */
import { sizeOf } from '../../program/signature.js';
import type { Axis, Expression, KernelCode, Statement } from '../source/ir.js';
import { placeOf, type Slice } from '../source/slices.js';
import { binary, number, variable } from '../source/tree.js';

const thread = (axis: Axis): Expression => ({ kind: 'thread', axis });
const namesOf = (parts: readonly unknown[]): string[] => parts.map((_, i) => `part${i}`);

/** The value of the part into whose range `position` falls; part i begins at starts[i] and is read at `place(i)`. */
const choose = (names: readonly string[], position: Expression, starts: readonly number[], place: (part: number) => Expression): Statement[] => {
  const take = (i: number): Statement => ({ kind: 'assign', name: 'value', operator: '=', value: { kind: 'load', array: names[i]!, indices: [place(i)] } });
  const from = (i: number): Statement[] =>
    i === names.length - 1 ? [take(i)] : [{ kind: 'if', test: binary('<', position, number(starts[i + 1]!)), then: [take(i)], otherwise: from(i + 1) }];
  return [{ kind: 'declare', name: 'value', value: number(0) }, ...from(0), { kind: 'return', value: variable('value') }];
};

/** Slices of several arrays side by side, as [sum of their sizes]. */
export const joinKernel = (parts: readonly Slice[]): KernelCode => {
  const names = namesOf(parts);
  const sizes = parts.map(({ shape }) => sizeOf(shape));
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  const place = (i: number): Expression => {
    const slice = parts[i]!;
    const column = binary('-', thread('x'), number(starts[i]!));
    return placeOf(slice.rows ? [thread('y'), column] : [column], { ...slice, shape: [sizes[i]!] });
  };
  const offsets = parts.flatMap(({ from }) => (from === undefined ? [] : [from]));
  return { parameters: [...names, ...offsets], body: choose(names, thread('x'), starts, place) };
};

/** Views of `rows` rows each, one below the other. */
export const stackKernel = (parts: ReadonlyArray<Omit<Slice, 'rows' | 'from'>>, rows: number): KernelCode => {
  const names = namesOf(parts);
  const [{ shape }] = parts as readonly [Slice];
  const axes = (['x', 'y', 'z'] as const).slice(0, shape.length + 1).reverse().map(thread);
  const starts = names.map((_, i) => i * rows);
  const place = (i: number): Expression => placeOf([binary('-', axes[0]!, number(starts[i]!)), ...axes.slice(1)], { base: parts[i]!.base, at: parts[i]!.at, shape, rows: true });
  return { parameters: names, body: choose(names, axes[0]!, starts, place) };
};
