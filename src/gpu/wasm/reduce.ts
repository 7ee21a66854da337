/**
 * Loops inside a kernel: several sums at once, so that an addition does not wait for the one before,
 * and lanes along the counter where the plan says so.
 */
import { type Affine, constant, isConstant, LANES, Unsupported, variable } from './affine.js';
import { type Carried, carriedBy, type Cuts, partsOf } from './analyse.js';
import { type Algebra, type Cell, type ForLoop } from './interpret.js';
import type { Node, Nodes } from './nodes.js';
import { ACCUMULATORS, type Plan } from './plan.js';
import type { Writer } from './writer.js';

/** A sum in lanes over so few vectors is written out. */
const WRITTEN_OUT_VECTORS = 8;
/** Sums that one result is parted into at most. */
const MOST_PARTIAL = 4;

type NodeCell = Cell<Node, Node>;
type Loop = Algebra<Node, Node>['loop'];

export const reduce = (nodes: Nodes, out: Writer, plan: Plan, cuts: Cuts): Loop => {
  const combine = (kind: Carried, a: Node, b: Node): Node => nodes.numeric(kind === 'maximum' ? 'max' : 'add', a, b);
  const pairwise = (kind: Carried, list: readonly Node[]): Node => (list.length === 1 ? list[0]! : pairwise(kind, Array.from({ length: Math.ceil(list.length / 2) }, (_, i) => (2 * i + 1 < list.length ? combine(kind, list[2 * i]!, list[2 * i + 1]!) : list[2 * i]!))));
  /** The four lanes as one number. */
  const across = (kind: Carried, v: Node): Node => {
    const two = combine(kind, v, nodes.node('swap halves', 'v', [v]));
    return nodes.node('first', 'f', [combine(kind, two, nodes.node('swap neighbours', 'v', [two]))]);
  };
  const numberOf = (cell: NodeCell, name: string): Node => {
    const value = cell.values.get(name)!;
    if (value.kind === 'number') return value.value;
    if (value.kind !== 'integer' || !isConstant(value.form)) throw new Unsupported(`"${name}", which starts from no number`);
    return nodes.float(value.form.constant);
  };

  const part = (statement: ForLoop, from: number, to: number | null, cells: readonly NodeCell[], run: Parameters<Loop>[4], carried: ReadonlyMap<string, Carried>): void => {
    const names = [...carried.keys()];
    const sums = [...carried.values()].every((kind) => kind !== 'other');
    const trips = to === null ? Infinity : to - from;
    const lanes = plan.lanes === 'counter' && sums && to !== null && trips >= LANES;
    const group = lanes ? LANES : 1;
    const wanted = Math.floor(ACCUMULATORS / (cells.length * Math.max(1, names.length)));
    const partial = sums && Number.isFinite(trips) ? Math.max(1, Math.min(MOST_PARTIAL, wanted, Math.floor(trips / group))) : 1;
    const typeOf = (cell: NodeCell): 'v' | 'f' => (lanes || cell.lanes ? 'v' : 'f');
    const as = (type: 'v' | 'f', node: Node): Node => (type === 'v' ? nodes.vector(node) : node);

    const initial = cells.map((cell) => names.map((name) => numberOf(cell, name)));
    const locals = cells.map((cell, c) =>
      names.map((name, n) =>
        Array.from({ length: partial }, (_, p) => {
          const starts = carried.get(name) === 'sum' && (p > 0 || lanes) ? nodes.float(0) : initial[c]![n]!;
          const value = as(typeOf(cell), starts);
          const index = out.reserve(value.type);
          out.expect(value);
          out.set(index, value);
          return index;
        }),
      ),
    );
    /** The body once for each of the counters' values, each into a sum of its own. */
    const iterate = (counters: readonly Affine[]): void => {
      const results = counters.flatMap((counter, p) => {
        cells.forEach((cell, c) => {
          names.forEach((name, n) => cell.values.set(name, { kind: 'number', value: out.variable(typeOf(cell), locals[c]![n]![p]!) }));
          cell.values.set(statement.counter, { kind: 'integer', form: counter });
        });
        run(statement.body, cells);
        return cells.flatMap((cell, c) => names.map((name, n) => ({ local: locals[c]![n]![p]!, node: as(typeOf(cell), numberOf(cell, name)) })));
      });
      results.forEach(({ node }) => out.expect(node));
      // One variable may be computed from another's old value: keep all before any is replaced.
      const ready = sums ? results : results.map(({ local, node }) => ({ local, node: out.keep(node) }));
      ready.forEach(({ local, node }) => out.set(local, node));
    };

    const step = partial * group;
    const short = lanes && trips <= WRITTEN_OUT_VECTORS * LANES;
    const whole = to === null ? null : short ? from : from + Math.floor(trips / step) * step;
    const at = (v: Affine): readonly Affine[] => Array.from({ length: partial }, (_, p) => ({ ...v, constant: v.constant + p * group, lane: lanes ? 1 : 0 }));
    if (whole === null) out.loop(statement.counter, nodes.local('i', 0, 0), nodes.local('i', 1, 0), 1, (v) => iterate([variable(v)]));
    else if (whole - from === step) iterate(at(constant(from)));
    else if (!short) out.loop(statement.counter, from, whole, step, (v) => iterate(at(variable(v))));
    let next = whole ?? 0;
    if (lanes && to !== null) {
      for (; next + step <= to; next += step) iterate(at(constant(next)));
      for (; next + LANES <= to; next += LANES) iterate([{ ...constant(next), lane: 1 }]);
    }

    cells.forEach((cell, c) =>
      names.forEach((name, n) => {
        const kind = carried.get(name)!;
        const all = pairwise(kind, locals[c]![n]!.map((index) => out.variable(typeOf(cell), index)));
        const value = !lanes ? all : kind === 'sum' ? nodes.numeric('add', initial[c]![n]!, across(kind, all)) : across(kind, all);
        cell.values.set(name, { kind: 'number', value });
      }),
    );
    if (to === null) return;
    for (; next < to; next++) {
      for (const cell of cells) cell.values.set(statement.counter, { kind: 'integer', form: constant(next) });
      run(statement.body, cells);
    }
  };

  return (statement, from, to, cells, run) => {
    const carried = carriedBy(statement);
    for (const [start, end] of partsOf(statement, from, to, cuts)) part(statement, start, end, cells, run, carried);
  };
};
