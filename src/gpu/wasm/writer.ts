/**
 * Writes a graph of nodes as WebAssembly: loops, and in each the nodes that depend on it. A node that
 * does not depend on the innermost loop is computed in front of it, once; one that is used several
 * times is kept in a local variable.
 */
import { type Affine, LANES, type Variable } from './affine.js';
import { type Bytes, bytesOf, CODE, type FunctionCode, INSTRUCTIONS, type Type } from './encoding.js';
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

/** Operations whose instruction depends on what they take, not on what they give. */
const BY_ARGUMENT = new Set(['lt', 'gt', 'le', 'ge', 'eq', 'ne', 'splat', 'first', 'float']);

export const writer = (nodes: Nodes): Writer => {
  const locals: Type[] = [];
  const buffers: Bytes[] = [bytesOf()];
  const counters = new Map<Variable, Counter>();
  const uses = new Map<Node, number>();
  const kept = new Map<Node, number>();
  let depth = 0;

  const here = (): Bytes => buffers[depth]!;
  const withIndex = (code: number, index: number): void => {
    here().byte(code);
    here().unsigned(index);
  };
  const instruction = (name: string): void => {
    const bytes = INSTRUCTIONS[name];
    if (!bytes) throw new Error(`no instruction "${name}"`);
    here().bytes(bytes);
  };
  const integer = (value: number): void => {
    here().byte(CODE.i32Const);
    here().signed(value);
  };
  /** A load or store at this offset from the address on the stack. */
  const memory = (code: readonly number[], offset: number): void => {
    here().bytes(code);
    here().byte(2);
    here().unsigned(offset);
  };
  const reserve = (type: Type): number => locals.push(type) + 1;
  const get = (index: number): void => withIndex(CODE.localGet, index);

  const expect = (node: Node): void => {
    const before = uses.get(node) ?? 0;
    uses.set(node, before + 1);
    if (before === 0) node.args.forEach(expect);
  };

  /** Computed where it is needed: no dearer than reading a local. */
  const isFree = ({ op, args }: Node): boolean => op === 'const' || op === 'local' || op === 'ints' || (op === 'splat' && args[0]!.op === 'const');

  const constant = ({ type, value }: Node): void => {
    if (type !== 'f') return integer(value as number);
    here().byte(CODE.f32Const);
    here().float(value as number);
  };
  const vectorConstant = (write: (lane: number) => void): void => {
    here().bytes(CODE.vectorConst);
    for (let lane = 0; lane < LANES; lane++) write(lane);
  };

  const gather = (address: Node, offset: number, stride: number): void => {
    push(address);
    memory(CODE.splatLoad, offset);
    const sum = reserve('v');
    for (let lane = 1; lane < LANES; lane++) {
      withIndex(CODE.localSet, sum);
      push(address);
      get(sum);
      memory(CODE.laneLoad, offset + lane * stride);
      here().byte(lane);
    }
  };

  const compute = (node: Node): void => {
    const { op, type, args, value } = node;
    const [first] = args as readonly [Node, ...Node[]];
    if (op === 'const') return constant(node);
    if (op === 'local') return get(value as number);
    if (op === 'ints') {
      const numbers = String(value).split(',').map(Number);
      return vectorConstant((lane) => here().int(numbers[lane]!));
    }
    if (op === 'load') {
      push(first);
      return memory(type === 'v' ? CODE.vectorLoad : CODE.f32Load, value as number);
    }
    if (op === 'gather') {
      const [offset, stride] = String(value).split(',').map(Number) as [number, number];
      return gather(first, offset, stride);
    }
    if (op === 'splat' && first.op === 'const') return vectorConstant(() => here().float(first.value as number));
    if (op === 'splat' && first.op === 'load' && !kept.has(first)) {
      push(first.args[0]!);
      return memory(CODE.splatLoad, first.value as number);
    }
    if (op === 'mask') {
      integer(0);
      push(first);
      instruction('sub i');
      return instruction('splat i');
    }
    if (op === 'same') return push(first);
    if (op.startsWith('swap')) {
      const twice = reserve('v');
      push(first);
      withIndex(CODE.localTee, twice);
      get(twice);
      return instruction(`${op} v`);
    }
    args.forEach(push);
    instruction(`${op} ${BY_ARGUMENT.has(op) ? first.type : type}`);
  };

  const push = (node: Node): void => {
    const local = kept.get(node);
    if (local !== undefined) return get(local);
    if (isFree(node)) return compute(node);
    if (node.depth < depth) {
      const inside = depth;
      depth = node.depth;
      compute(node);
      const index = reserve(node.type);
      withIndex(CODE.localSet, index);
      depth = inside;
      kept.set(node, index);
      return get(index);
    }
    compute(node);
    if ((uses.get(node) ?? 0) > 1) {
      const index = reserve(node.type);
      withIndex(CODE.localTee, index);
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

  const pushBound = (bound: Bound): void => (typeof bound === 'number' ? integer(bound) : push(bound));

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
      withIndex(CODE.localSet, local);
    },
    keep: (node) => {
      const index = reserve(node.type);
      expect(node);
      push(node);
      withIndex(CODE.localSet, index);
      return nodes.local(node.type, index, depth);
    },
    store: (type, form, offset, node) => {
      const place = address(form, 4, offset);
      expect(place.node);
      push(place.node);
      push(node);
      memory(type === 'v' ? CODE.vectorStore : CODE.f32Store, place.offset);
    },
    loop: (name, from, to, step, body) => {
      const certain = typeof from === 'number' && typeof to === 'number';
      if (certain && to <= from) return;
      const v: Variable = { name, from: typeof from === 'number' ? from : 0, to: typeof to === 'number' ? to : null, step };
      const counter: Counter = { depth: depth + 1, multiples: new Map() };
      counters.set(v, counter);
      const own = multiple(v, 1);
      buffers.push(bytesOf());
      depth++;
      body(v);
      const inside = buffers.pop()!;
      depth--;
      for (const [factor, local] of counter.multiples) {
        pushBound(from);
        if (factor !== 1) {
          integer(factor);
          instruction('mul i');
        }
        withIndex(CODE.localSet, local.value as number);
      }
      here().bytes([CODE.block, CODE.noResult]);
      if (!certain) {
        get(own.value as number);
        pushBound(to);
        instruction('ge i');
        here().bytes([CODE.branchIf, 0]);
      }
      here().bytes([CODE.loop, CODE.noResult]);
      here().bytes(inside.written());
      for (const [factor, local] of counter.multiples) {
        get(local.value as number);
        integer(factor * step);
        instruction('add i');
        withIndex(CODE.localSet, local.value as number);
      }
      get(own.value as number);
      pushBound(to);
      instruction('lt i');
      here().bytes([CODE.branchIf, 0, CODE.end, CODE.end]);
    },
    address,
    integer: (form) => {
      const terms = linear(form, 1);
      return form.constant === 0 && terms.length > 0 ? sum(terms) : sum([...terms, nodes.integer(form.constant)]);
    },
    finish: () => ({ locals, body: buffers[0]!.written() }),
  };
};
