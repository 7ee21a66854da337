/** One call of a kernel as a WebAssembly function run(from, to) over its rows. */
import type { Axis } from '../source/ir.js';
import { type Affine, constant, LANES, variable } from './affine.js';
import { analyse, AXES, type Box, type CallShape, type Cuts, type Part, placeOf, rowAxis } from './analyse.js';
import type { FunctionCode } from './encoding.js';
import { functionsOf } from './functions.js';
import { type Algebra, type Cell, cellAt, interpreter } from './interpret.js';
import { graph, type Node, type Nodes, type Test } from './nodes.js';
import { type Plan, planOf } from './plan.js';
import { reduce } from './reduce.js';
import { type Bound, type Writer, writer } from './writer.js';

/** How a part of the output is computed. */
export interface Scheduled {
  readonly box: Box;
  readonly plan: Plan;
}

export interface CompiledCall extends FunctionCode {
  readonly schedule: readonly Scheduled[];
}

const TESTS: Readonly<Record<string, Test>> = { '<': 'lt', '>': 'gt', '<=': 'le', '>=': 'ge', '===': 'eq', '!==': 'ne' };
const OPERATIONS = { '+': 'add', '-': 'sub', '*': 'mul', '/': 'div' } as const;

/** Axes of up to so many cells are written out where there is no loop over them. */
const WRITTEN_OUT = 6;

const algebraOf = (call: CallShape, nodes: Nodes, out: Writer, plan: Plan, cuts: Cuts): Algebra<Node, Node> => {
  const { exp, log, pow } = functionsOf(nodes);
  const laneNumbers = (form: Affine): Node => nodes.node('add', 'q', [nodes.node('splat', 'q', [out.integer({ ...form, lane: 0 })]), nodes.node('ints', 'q', [], [0, 1, 2, 3].map((l) => l * form.lane).join())]);
  return {
    number: nodes.float,
    fromInteger: (form) => (form.lane === 0 ? nodes.node('float', 'f', [out.integer(form)]) : nodes.node('float', 'v', [laneNumbers(form)])),
    load: (array, indices) => {
      const operand = call.inputs[call.code.parameters.indexOf(array)]!;
      const place = placeOf(operand, indices);
      const { node, offset } = out.address(place, 4, operand.offset);
      if (place.lane === 0) return nodes.node('load', 'f', [node], offset);
      return place.lane === 1 ? nodes.node('load', 'v', [node], offset) : nodes.node('gather', 'v', [node], `${offset},${4 * place.lane}`);
    },
    negate: (a) => nodes.single('neg', a),
    binary: (operator, a, b) => nodes.numeric(OPERATIONS[operator], a, b),
    compare: (operator, a, b) => nodes.test(TESTS[operator]!, a, b),
    both: (operator, a, b) => nodes.both(operator === '&&' ? 'and' : 'or', a, b),
    not: nodes.not,
    select: nodes.select,
    call: (name, args) => {
      const [a, b] = args as readonly [Node, Node];
      if (name === 'exp') return exp(a);
      if (name === 'log') return log(a);
      if (name === 'pow') return pow(a, b);
      return name === 'min' || name === 'max' ? nodes.numeric(name, a, b) : nodes.single(name, a);
    },
    loop: reduce(nodes, out, plan, cuts),
  };
};

/** Emits `body` for tiles of `size` from `from` to `to`, then for ever smaller ones for what is left. */
const strips = (out: Writer, name: string, from: number, to: number, size: number, body: (values: readonly Affine[]) => void): void => {
  let at = from;
  for (let tile = size; tile >= 1; tile = Math.min(Math.floor(tile / 2), to - at)) {
    const end = at + Math.floor((to - at) / tile) * tile;
    const cells = Array.from({ length: tile }, (_, i) => i);
    if (end - at === tile) body(cells.map((i) => constant(at + i)));
    else out.loop(name, at, end, tile, (v) => body(cells.map((i) => variable(v, i))));
    at = end;
    if (at >= to) return;
  }
};

const emitPart = (call: CallShape, nodes: Nodes, out: Writer, { box }: Part, plan: Plan, cuts: Cuts): void => {
  const algebra = algebraOf(call, nodes, out, plan, cuts);
  const { run, toNumber } = interpreter(call.code, call.inputs.length, call.constants, algebra);
  const rows = rowAxis(call);
  const inPlace = call.inputs.some(({ offset }) => offset === call.output.offset);
  const axes = AXES.slice(0, Math.max(1, call.extents.length));
  const ordered = [...axes, ...(rows ? [rows] : [])].reverse();
  type Thread = Cell<Node, Node>['thread'];

  const placeIn = ({ thread }: Cell<Node, Node>): Affine => placeOf(call.output, ordered.map((axis) => thread[axis]));
  const tile = (threads: readonly Thread[], lanes: boolean): void => {
    const cells = threads.map((thread) => cellAt<Node, Node>(thread, lanes));
    run(cells);
    const results = cells.map(({ result }) => (lanes ? nodes.vector(toNumber(result!)) : toNumber(result!)));
    results.forEach(out.expect);
    results.forEach((node, i) => out.store(lanes ? 'v' : 'f', placeIn(cells[i]!), call.output.offset, node));
  };
  const spread = (threads: readonly Thread[], axis: Axis, values: readonly Affine[]): readonly Thread[] => threads.flatMap((thread) => values.map((value) => ({ ...thread, [axis]: value })));
  const inLanes = (threads: readonly Thread[], values: readonly Affine[]): void => tile(spread(threads, 'x', values.map((value) => ({ ...value, lane: 1 }))), true);

  const alongX = (threads: readonly Thread[], count: number): void => {
    const [from, to] = box.x;
    if (plan.lanes !== 'x') return strips(out, 'x', from, to, Math.min(count, to - from), (values) => tile(spread(threads, 'x', values), false));
    const vectors = Math.floor((to - from) / LANES);
    let at = from;
    for (let size = Math.min(count, vectors); size >= 1; size = Math.min(Math.floor(size / 2), Math.floor((to - at) / LANES))) {
      const end = at + Math.floor((to - at) / (size * LANES)) * size * LANES;
      const offsets = Array.from({ length: size }, (_, i) => i * LANES);
      if (end - at === size * LANES) inLanes(threads, offsets.map((offset) => constant(at + offset)));
      else out.loop('x', at, end, size * LANES, (v) => inLanes(threads, offsets.map((offset) => variable(v, offset))));
      at = end;
    }
    if (at === to) return;
    // The last cells once more with their neighbours; where a cell is read and replaced, alone.
    if (!inPlace) inLanes(threads, [constant(to - LANES)]);
    else strips(out, 'x', at, to, 1, (values) => tile(spread(threads, 'x', values), false));
  };

  const overOuter = (threads: readonly Thread[], left: readonly Axis[], count: number): void => {
    const [axis, ...more] = left;
    if (!axis) return alongX(threads, count);
    const [from, to] = box[axis];
    const size = axis === plan.shared ? Math.min(plan.tile, to - from) : 1;
    const each = (values: readonly Affine[]): void => overOuter(spread(threads, axis, values), more, axis === plan.shared ? plan.along(values.length) : count);
    if (size === 1 && to - from <= WRITTEN_OUT) for (let i = from; i < to; i++) each([constant(i)]);
    else strips(out, axis, from, to, size, each);
  };

  const outer = axes.slice(1).reverse();
  const start: Thread = { x: constant(0), y: constant(0), z: constant(0) };
  if (!rows) return overOuter([start], outer, plan.along(1));
  const [first, last] = [nodes.local('i', 0, 0), nodes.local('i', 1, 0)];
  let from: Bound = first;
  for (let size = plan.shared === rows ? plan.tile : 1; size >= 1; size = Math.floor(size / 2)) {
    const whole = nodes.node('and', 'i', [nodes.node('sub', 'i', [last, from]), nodes.integer(-size)]);
    const to: Node = size === 1 ? last : out.keep(nodes.node('add', 'i', [from, whole]));
    out.loop('row', from, to, size, (v) => {
      const values = Array.from({ length: size }, (_, i) => variable(v, i));
      overOuter(spread([start], rows, values), outer, plan.along(plan.shared === rows ? size : 1));
    });
    from = to;
  }
};

/** Throws Unsupported (affine.ts) where no rule fits. */
export const compileCall = (call: CallShape): CompiledCall => {
  const nodes = graph();
  const out = writer(nodes);
  const { parts, cuts } = analyse(call);
  const schedule = parts.map((part) => {
    const plan = planOf(call, part.box, part.analysis);
    emitPart(call, nodes, out, part, plan, cuts);
    return { box: part.box, plan };
  });
  return { ...out.finish(), schedule };
};

