/**
 * What a kernel's schedule is chosen by: which loads it has, how their places depend on the output's
 * axes and on the loops' counters, what its loops add up, and at which points of an axis or a loop its
 * conditions change. Nothing is computed.
 */
import type { Axis, KernelCode } from '../source/ir.js';
import { allOf } from '../source/tree.js';
import { addScaled, type Affine, constant, Split, Unsupported, variable, type Variable } from './affine.js';
import { type Algebra, cellAt, type ForLoop, interpreter } from './interpret.js';

/** An array of a call: floats from one index of each axis to the next, outermost first. */
export interface Operand {
  /** Byte offset of the first number. */
  readonly offset: number;
  readonly strides: readonly number[];
}

/** One call of a kernel, as the compiler sees it. */
export interface CallShape {
  readonly code: KernelCode;
  readonly constants: Readonly<Record<string, number>>;
  readonly inputs: readonly Operand[];
  readonly output: Operand;
  /** Cells along each axis of the output, outermost first, without rows. */
  readonly extents: readonly number[];
  /** Whether the output has an axis of rows, outside the others. */
  readonly rows: boolean;
}

export interface Load {
  readonly array: string;
  /** Floats from the array's beginning. */
  readonly place: Affine;
  /** The innermost loop around it, or null. */
  readonly loop: ForLoop | null;
}

/** What becomes of a variable that lives across iterations. */
export type Carried = 'sum' | 'maximum' | 'other';

export interface Loop {
  readonly statement: ForLoop;
  readonly counter: Variable;
  readonly carried: ReadonlyMap<string, Carried>;
  readonly innermost: boolean;
}

export interface Analysis {
  readonly axes: Readonly<Record<Axis, Variable>>;
  readonly loads: readonly Load[];
  readonly loops: readonly Loop[];
}

/** The variables that a loop's body assigns without declaring them. */
export const carriedBy = ({ body }: ForLoop): ReadonlyMap<string, Carried> => {
  const statements = allOf(body);
  const declared = new Set(statements.flatMap((statement) => (statement.kind === 'declare' ? [statement.name] : statement.kind === 'for' ? [statement.counter] : [])));
  const nested = new Set(statements.flatMap((statement) => (statement.kind === 'for' ? allOf(statement.body).flatMap((inner) => (inner.kind === 'assign' ? [inner.name] : [])) : [])));
  const kinds = new Map<string, Carried>();
  for (const statement of statements) {
    if (statement.kind !== 'assign' || declared.has(statement.name)) continue;
    const { name, operator, value } = statement;
    const isMaximum = operator === '=' && value.kind === 'call' && value.function === 'max' && value.arguments.some((argument) => argument.kind === 'variable' && argument.name === name);
    const kind: Carried = nested.has(name) ? 'other' : operator === '+=' || operator === '-=' ? 'sum' : isMaximum ? 'maximum' : 'other';
    kinds.set(name, kinds.has(name) && kinds.get(name) !== kind ? 'other' : kind);
  }
  return kinds;
};

/** By a loop's statement: where it must be split for its conditions to be known. */
export type Cuts = ReadonlyMap<ForLoop, readonly number[]>;

/** The parts of a loop between its cuts. */
export const partsOf = (statement: ForLoop, from: number, to: number | null, cuts: Cuts): ReadonlyArray<readonly [from: number, to: number | null]> => {
  const points = (cuts.get(statement) ?? []).filter((point) => point > from && (to === null || point < to)).sort((a, b) => a - b);
  const starts = [from, ...points];
  return starts.map((start, i) => [start, starts[i + 1] ?? to]);
};

/** A part of the output in which every condition on indices is known: first cell and end along x, y and z. */
export type Box = Readonly<Record<Axis, readonly [from: number, to: number]>>;

export const AXES = ['x', 'y', 'z'] as const;

/** Index of each axis in the body's arrays of rows: rows are the slowest of the output's axes. */
export const rowAxis = ({ extents, rows }: CallShape): Axis | null => (rows ? AXES[extents.length]! : null);

export const fullBox = ({ extents }: CallShape): Box => {
  const [x = 1, y = 1, z = 1] = [...extents].reverse();
  return { x: [0, x], y: [0, y], z: [0, z] };
};

/** Place of a load or store: Σ stride·index. */
export const placeOf = ({ strides }: Operand, indices: readonly Affine[]): Affine => {
  if (indices.length !== strides.length) throw new Unsupported('an array that is not indexed to a number');
  return indices.reduce((sum, index, axis) => addScaled(sum, index, strides[axis]!), constant(0));
};

const ROWS: Variable = { name: 'row', from: 0, to: null, step: 1 };

/** Analyses the box; throws a Split over one of its axes or of a loop's counter. */
const attempt = (call: CallShape, box: Box, cuts: Cuts, counters: Map<Variable, ForLoop>): Analysis => {
  const along = (axis: Axis): Variable => ({ name: axis, from: box[axis][0], to: box[axis][1], step: 1 });
  const rows = rowAxis(call);
  const axes = { x: along('x'), y: along('y'), z: along('z'), ...(rows ? { [rows]: ROWS } : {}) };
  const loads: Load[] = [];
  const loops: Loop[] = [];
  const around: ForLoop[] = [];
  const algebra: Algebra<null, null> = {
    number: () => null,
    fromInteger: () => null,
    load: (array, indices) => {
      loads.push({ array, place: placeOf(call.inputs[call.code.parameters.indexOf(array)]!, indices), loop: around.at(-1) ?? null });
      return null;
    },
    negate: () => null,
    binary: () => null,
    compare: () => null,
    both: () => null,
    not: () => null,
    select: () => null,
    call: () => null,
    loop: (statement, from, to, cells, run) => {
      const carried = carriedBy(statement);
      for (const [start, end] of partsOf(statement, from, to, cuts)) {
        const counter: Variable = { name: statement.counter, from: start, to: end, step: 1 };
        counters.set(counter, statement);
        for (const cell of cells) {
          for (const name of carried.keys()) cell.values.set(name, { kind: 'number', value: null });
          cell.values.set(statement.counter, { kind: 'integer', form: variable(counter) });
        }
        const before = loops.length;
        around.push(statement);
        run(statement.body, cells);
        around.pop();
        loops.push({ statement, counter, carried, innermost: loops.length === before });
      }
    },
  };
  const at = (axis: Axis): Affine => (axes[axis].to !== null && axes[axis].to - axes[axis].from === 1 ? constant(axes[axis].from) : variable(axes[axis]));
  interpreter(call.code, call.inputs.length, call.constants, algebra).run([cellAt({ x: at('x'), y: at('y'), z: at('z') }, false)]);
  return { axes, loads, loops };
};

export interface Part {
  readonly box: Box;
  readonly analysis: Analysis;
}

/** The output in parts in which every condition on indices is known, and the cuts of the loops. */
export const analyse = (call: CallShape): { readonly parts: readonly Part[]; readonly cuts: Cuts } => {
  const cuts = new Map<ForLoop, number[]>();
  const visit = (box: Box): readonly Part[] => {
    const counters = new Map<Variable, ForLoop>();
    try {
      return [{ box, analysis: attempt(call, box, cuts, counters) }];
    } catch (error) {
      if (!(error instanceof Split)) throw error;
      const statement = counters.get(error.variable);
      if (statement) {
        cuts.set(statement, [...(cuts.get(statement) ?? []), error.point]);
        return visit(box);
      }
      const axis = error.variable.name as Axis;
      const [from, to] = box[axis];
      return [...visit({ ...box, [axis]: [from, error.point] }), ...visit({ ...box, [axis]: [error.point, to] })];
    }
  };
  return { parts: visit(fullBox(call)), cuts };
};

/** How much a place grows with an axis or a counter. */
export const slope = (place: Affine, v: Variable): number => place.terms.get(v) ?? 0;

