/**
 * What a kernel computes, as a graph: equal expressions are one node. A node knows the depth of the
 * innermost loop that it depends on, so that the writer can compute it there, and not further in.
 */
import type { Type } from './encoding.js';

export interface Node {
  readonly id: number;
  readonly op: string;
  readonly type: Type;
  readonly args: readonly Node[];
  /** A constant's value, a load's byte offset (with the strides of a gather). */
  readonly value: number | string;
  readonly depth: number;
}

type Numeric = 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max';
export type Test = 'lt' | 'gt' | 'le' | 'ge' | 'eq' | 'ne';
type Single = 'neg' | 'abs' | 'floor' | 'sqrt';

const FOLD: Readonly<Record<Numeric, (a: number, b: number) => number>> = {
  add: (a, b) => a + b, sub: (a, b) => a - b, mul: (a, b) => a * b, div: (a, b) => a / b, min: Math.min, max: Math.max,
};
const FOLD_ONE: Readonly<Record<Single, (a: number) => number>> = { neg: (a) => -a, abs: Math.abs, floor: Math.floor, sqrt: Math.sqrt };

export interface Nodes {
  readonly node: (op: string, type: Type, args: readonly Node[], value?: number | string) => Node;
  /** A local variable of the function, whose value changes with the loop at `depth`. */
  readonly local: (type: Type, index: number, depth: number) => Node;
  readonly float: (value: number) => Node;
  readonly integer: (value: number) => Node;
  /** The same value in all four lanes. */
  readonly vector: (a: Node) => Node;
  readonly numeric: (op: Numeric, a: Node, b: Node) => Node;
  readonly single: (op: Single, a: Node) => Node;
  readonly test: (op: Test, a: Node, b: Node) => Node;
  readonly both: (op: 'and' | 'or', a: Node, b: Node) => Node;
  readonly not: (a: Node) => Node;
  readonly select: (test: Node, a: Node, b: Node) => Node;
}

const isVector = ({ type }: Node): boolean => type === 'v';

export const graph = (): Nodes => {
  const known = new Map<string, Node>();
  let ids = 0;

  const node: Nodes['node'] = (op, type, args, value = '') => {
    const key = `${op} ${type} ${args.map(({ id }) => id).join()} ${Object.is(value, -0) ? '-0' : value}`;
    const found = known.get(key) ?? { id: ids++, op, type, args, value, depth: args.reduce((deepest, { depth }) => Math.max(deepest, depth), 0) };
    known.set(key, found);
    return found;
  };
  const float = (value: number): Node => node('const', 'f', [], value);
  const vector = (a: Node): Node => (isVector(a) ? a : node('splat', 'v', [a]));
  const mask = (a: Node): Node => (a.type === 'm' ? a : node('mask', 'm', [a]));
  const alike = (a: Node, b: Node): readonly [Node, Node] => (isVector(a) || isVector(b) ? [vector(a), vector(b)] : [a, b]);
  const isConst = (a: Node, value?: number): boolean => a.op === 'const' && (value === undefined || a.value === value);

  return {
    node,
    local: (type, index, depth) => ({ id: ids++, op: 'local', type, args: [], value: index, depth }),
    float,
    integer: (value) => node('const', 'i', [], value),
    vector,
    numeric: (op, x, y) => {
      if (isConst(x) && isConst(y)) return float(Math.fround(FOLD[op](x.value as number, y.value as number)));
      if (op === 'add' && isConst(x, 0)) return y;
      if ((op === 'add' || op === 'sub') && isConst(y, 0)) return x;
      if (op === 'mul' && isConst(x, 1)) return y;
      if ((op === 'mul' || op === 'div') && isConst(y, 1)) return x;
      // A divisor that changes less often than what it divides: one reciprocal for all.
      const [a, b] = op === 'div' && y.depth < x.depth ? alike(x, node('div', y.type, [y.type === 'v' ? vector(float(1)) : float(1), y])) : alike(x, y);
      return node(op === 'div' && y.depth < x.depth ? 'mul' : op, a.type, [a, b]);
    },
    single: (op, a) => (isConst(a) ? float(Math.fround(FOLD_ONE[op](a.value as number))) : node(op, a.type, [a])),
    test: (op, x, y) => {
      const [a, b] = alike(x, y);
      return node(op, isVector(a) ? 'm' : 'b', [a, b]);
    },
    both: (op, a, b) => (a.type === 'b' && b.type === 'b' ? node(op, 'b', [a, b]) : node(op, 'm', [mask(a), mask(b)])),
    not: (a) => node('not', a.type, [a]),
    select: (test, x, y) => {
      if (x === y) return x;
      const lanes = test.type === 'm' || isVector(x) || isVector(y);
      return lanes ? node('select', 'v', [vector(x), vector(y), mask(test)]) : node('select', 'f', [x, y, test]);
    },
  };
};
