/**
 * Writes a graph of nodes as WebAssembly: loops, and in each the nodes that depend on it. A node that
 * does not depend on the innermost loop is computed in front of it, once; one that is used several
 * times is kept in a local variable.
 */
import { type Affine, type Variable } from './affine.js';
import { CODE, floatBytes, type FunctionCode, INSTRUCTIONS, intBytes, signed, type Type, unsigned } from './encoding.js';
import type { Node, Nodes } from './nodes.js';

/** A bound of a loop: a number, or a local that holds it. */
export type Bound = number | Node;

export interface Writer {
  readonly depth: () => number;
  /** A new local variable. */
  readonly reserve: (type: Type) => number;
  /** As a node that changes with the innermost loop. */
  readonly variable: (type: Type, index: number) => Node;
  /** Says that a node will be asked for, so that what several share is kept. */
  readonly expect: (node: Node) => void;
  readonly push: (node: Node) => void;
  readonly set: (local: number, node: Node) => void;
  /** Keeps the node's value in a local of the present depth. */
  readonly keep: (node: Node) => Node;
  readonly store: (type: 'f' | 'v', place: Affine, offset: number, node: Node) => void;
  readonly loop: (name: string, from: Bound, to: Bound, step: number, body: (v: Variable) => void) => void;
  /** `bytes` times the form's variables, without its constant; `offset` is added where it is negative. */
  readonly address: (form: Affine, bytes: number, offset: number) => { readonly node: Node; readonly offset: number };
  /** The form itself. */
  readonly integer: (form: Affine) => Node;
  readonly finish: () => FunctionCode;
}

interface Counter {
  readonly depth: number;
  /** Locals that hold the variable times a factor. */
  readonly multiples: Map<number, Node>;
}

const COMPARISONS = new Set(['lt', 'gt', 'le', 'ge', 'eq', 'ne']);

export const writer = (nodes: Nodes): Writer => {
  const locals: Type[] = [];
  const buffers: number[][] = [[]];
  const counters = new Map<Variable, Counter>();
  const uses = new Map<Node, number>();
  const kept = new Map<Node, number>();
  let depth = 0;

  const out = (...bytes: readonly number[]): void => void buffers[depth]!.push(...bytes);
  const reserve = (type: Type): number => locals.push(type) + 1;
  const get = (index: number): void => out(CODE.localGet, ...unsigned(index));

  const expect = (node: Node): void => {
    const before = uses.get(node) ?? 0;
    uses.set(node, before + 1);
    if (before === 0) node.args.forEach(expect);
  };

  /** Computed where it is needed: no dearer than reading a local. */
  const isFree = ({ op, args }: Node): boolean => op === 'const' || op === 'local' || op === 'ints' || (op === 'splat' && args[0]!.op === 'const');

  const constant = ({ type, value }: Node): void => {
    if (type === 'f') out(CODE.f32Const, ...floatBytes(value as number));
    else out(CODE.i32Const, ...signed(value as number));
  };

  const compute = (node: Node): void => {
    const { op, type, args, value } = node;
    const [first] = args as readonly [Node, ...Node[]];
    if (op === 'const') return constant(node);
    if (op === 'local') return get(value as number);
    if (op === 'ints') return out(...CODE.vectorConst, ...String(value).split(',').flatMap((each) => intBytes(Number(each))));
    if (op === 'load') {
      push(first);
      return type === 'v' ? out(...CODE.vectorLoad, 2, ...unsigned(value as number)) : out(CODE.f32Load, 2, ...unsigned(value as number));
    }
    if (op === 'gather') {
      const [offset, stride] = String(value).split(',').map(Number) as [number, number];
      push(first);
      out(...CODE.splatLoad, 2, ...unsigned(offset));
      const sum = reserve('v');
      for (let lane = 1; lane < 4; lane++) {
        out(CODE.localSet, ...unsigned(sum));
        push(first);
        get(sum);
        out(...CODE.laneLoad, 2, ...unsigned(offset + lane * stride), lane);
      }
      return;
    }
    if (op === 'splat' && first.op === 'const') return out(...CODE.vectorConst, ...[0, 1, 2, 3].flatMap(() => floatBytes(first.value as number)));
    if (op === 'splat' && first.op === 'load' && !kept.has(first)) {
      push(first.args[0]!);
      return out(...CODE.splatLoad, 2, ...unsigned(first.value as number));
    }
    if (op === 'mask') {
      out(CODE.i32Const, 0);
      push(first);
      return out(...INSTRUCTIONS['sub i']!, ...INSTRUCTIONS['splat i']!);
    }
    if (op === 'same') return push(first);
    if (op.startsWith('swap')) {
      const twice = reserve('v');
      push(first);
      out(CODE.localTee, ...unsigned(twice));
      get(twice);
      return out(...INSTRUCTIONS[`${op} v`]!);
    }
    args.forEach(push);
    const kind = COMPARISONS.has(op) || op === 'splat' || op === 'first' || op === 'float' ? first.type : type;
    const instruction = INSTRUCTIONS[`${op} ${kind}`];
    if (!instruction) throw new Error(`no instruction for "${op}" of ${kind}`);
    out(...instruction);
  };

  const push = (node: Node): void => {
    const local = kept.get(node);
    if (local !== undefined) return get(local);
    if (isFree(node)) return compute(node);
    if (node.depth < depth) {
      const here = depth;
      depth = node.depth;
      compute(node);
      const index = reserve(node.type);
      out(CODE.localSet, ...unsigned(index));
      depth = here;
      kept.set(node, index);
      return get(index);
    }
    compute(node);
    if ((uses.get(node) ?? 0) > 1) {
      const index = reserve(node.type);
      out(CODE.localTee, ...unsigned(index));
      kept.set(node, index);
    }
  };

  const multiple = (v: Variable, factor: number): Node => {
    const { depth: at, multiples } = counters.get(v)!;
    const found = multiples.get(factor) ?? nodes.local('i', reserve('i'), at);
    multiples.set(factor, found);
    return found;
  };
  const sum = (terms: readonly Node[]): Node => terms.reduce((a, b) => nodes.node('add', 'i', [a, b]));
  /** Outer loops first, so that what they share is computed once. */
  const linear = (form: Affine, factor: number): readonly Node[] => [...form.terms].sort(([v], [u]) => counters.get(v)!.depth - counters.get(u)!.depth).map(([v, k]) => multiple(v, k * factor));

  const pushBound = (bound: Bound): void => (typeof bound === 'number' ? out(CODE.i32Const, ...signed(bound)) : push(bound));

  const address: Writer['address'] = (form, bytes, offset) => {
    const at = offset + bytes * form.constant;
    const terms = linear(form, bytes);
    if (at >= 0) return { node: terms.length > 0 ? sum(terms) : nodes.integer(0), offset: at };
    return { node: sum([...terms, nodes.integer(at)]), offset: 0 };
  };

  return {
    depth: () => depth,
    reserve,
    variable: (type, index) => nodes.local(type, index, depth),
    expect,
    push,
    set: (local, node) => {
      push(node);
      out(CODE.localSet, ...unsigned(local));
    },
    keep: (node) => {
      const index = reserve(node.type);
      expect(node);
      push(node);
      out(CODE.localSet, ...unsigned(index));
      return nodes.local(node.type, index, depth);
    },
    store: (type, form, offset, node) => {
      const place = address(form, 4, offset);
      expect(place.node);
      push(place.node);
      push(node);
      out(...(type === 'v' ? CODE.vectorStore : [CODE.f32Store]), 2, ...unsigned(place.offset));
    },
    loop: (name, from, to, step, body) => {
      const certain = typeof from === 'number' && typeof to === 'number';
      if (certain && to <= from) return;
      const v: Variable = { name, from: typeof from === 'number' ? from : 0, to: typeof to === 'number' ? to : null, step };
      const counter: Counter = { depth: depth + 1, multiples: new Map() };
      counters.set(v, counter);
      const own = multiple(v, 1);
      buffers.push([]);
      depth++;
      body(v);
      const inside = buffers.pop()!;
      depth--;
      for (const [factor, local] of counter.multiples) {
        pushBound(from);
        if (factor !== 1) out(CODE.i32Const, ...signed(factor), CODE.mul);
        out(CODE.localSet, ...unsigned(local.value as number));
      }
      out(CODE.block, CODE.noResult);
      if (!certain) {
        get(own.value as number);
        pushBound(to);
        out(...INSTRUCTIONS['ge i']!, CODE.branchIf, 0);
      }
      out(CODE.loop, CODE.noResult);
      for (const byte of inside) buffers[depth]!.push(byte);
      for (const [factor, local] of counter.multiples) {
        get(local.value as number);
        out(CODE.i32Const, ...signed(factor * step), CODE.add, CODE.localSet, ...unsigned(local.value as number));
      }
      get(own.value as number);
      pushBound(to);
      out(...INSTRUCTIONS['lt i']!, CODE.branchIf, 0, CODE.end, CODE.end);
    },
    address,
    integer: (form) => {
      const terms = linear(form, 1);
      return form.constant === 0 && terms.length > 0 ? sum(terms) : sum([...terms, nodes.integer(form.constant)]);
    },
    finish: () => ({ locals, body: buffers[0]! }),
  };
};
