/**
 * Runs a kernel's statements on symbols, for several cells at once: integers are affine forms, numbers
 * whatever the `Algebra` makes of them (nothing but a record of loads in analyse.ts, nodes in
 * compile.ts). Conditions on integers must be known from the ranges (affine.ts throws a Split where
 * they are not); under a condition on numbers, assignments select.
 */
import type { Axis, BinaryOperator, Expression, KernelCode, MathFunction, Statement } from '../source/ir.js';
import { addScaled, type Affine, compare, type Comparison, constant, isConstant, scaled, Unsupported } from './affine.js';

export interface Truth<B> {
  readonly kind: 'truth';
  readonly value: B | boolean;
}

export type Value<F, B> =
  | { readonly kind: 'integer'; readonly form: Affine }
  | { readonly kind: 'number'; readonly value: F }
  /** The number of rows that a kernel sums over. */
  | { readonly kind: 'rows' }
  | Truth<B>;

/** One cell of the output, or four neighbours in lanes. */
export interface Cell<F, B> {
  readonly thread: Readonly<Record<Axis, Affine>>;
  readonly lanes: boolean;
  readonly values: Map<string, Value<F, B>>;
  condition: B | null;
  result: Value<F, B> | null;
}

export type ForLoop = Extract<Statement, { kind: 'for' }>;

export interface Algebra<F, B> {
  readonly number: (value: number) => F;
  readonly fromInteger: (form: Affine) => F;
  readonly load: (array: string, indices: readonly Affine[], cell: Cell<F, B>) => F;
  readonly negate: (a: F) => F;
  readonly binary: (operator: '+' | '-' | '*' | '/', a: F, b: F) => F;
  readonly compare: (operator: Comparison, a: F, b: F) => B;
  readonly both: (operator: '&&' | '||', a: B, b: B) => B;
  readonly not: (a: B) => B;
  readonly select: (test: B, a: F, b: F) => F;
  readonly call: (name: MathFunction, args: readonly F[]) => F;
  /** Runs a loop whose number of iterations is large or unknown; `to` null: all rows. */
  readonly loop: (statement: ForLoop, from: number, to: number | null, cells: ReadonlyArray<Cell<F, B>>, run: Run<F, B>) => void;
}

export type Run<F, B> = (statements: readonly Statement[], cells: ReadonlyArray<Cell<F, B>>) => void;

/** Loops of fewer iterations are written out. */
export const WRITTEN_OUT = 8;
/** Inside another loop, which can run in lanes then. */
const WRITTEN_OUT_INSIDE = 17;

const COMPARISONS: ReadonlySet<BinaryOperator> = new Set(['<', '>', '<=', '>=', '===', '!==']);
const isComparison = (operator: BinaryOperator): operator is Comparison => COMPARISONS.has(operator);

export const cellAt = <F, B>(thread: Cell<F, B>['thread'], lanes: boolean): Cell<F, B> => ({ thread, lanes, values: new Map(), condition: null, result: null });

export const interpreter = <F, B>({ parameters, body }: KernelCode, inputs: number, constants: Readonly<Record<string, number>>, algebra: Algebra<F, B>) => {
  type V = Value<F, B>;
  type C = Cell<F, B>;
  let around = 0;
  const rowCounts = new Set(parameters.slice(inputs));
  const integer = (form: Affine): V => ({ kind: 'integer', form });
  const number = (value: F): V => ({ kind: 'number', value });

  const toNumber = (value: V): F => {
    if (value.kind === 'number') return value.value;
    if (value.kind !== 'integer') throw new Unsupported(`${value.kind === 'rows' ? 'the number of rows' : 'a truth'} in arithmetic`);
    return isConstant(value.form) ? algebra.number(value.form.constant) : algebra.fromInteger(value.form);
  };

  const arithmetic = (operator: '+' | '-' | '*' | '/', a: V, b: V): V => {
    if (a.kind === 'integer' && b.kind === 'integer') {
      if (operator === '+' || operator === '-') return integer(addScaled(a.form, b.form, operator === '+' ? 1 : -1));
      if (operator === '*' && isConstant(a.form)) return integer(scaled(b.form, a.form.constant));
      if (operator === '*' && isConstant(b.form)) return integer(scaled(a.form, b.form.constant));
    }
    return number(algebra.binary(operator, toNumber(a), toNumber(b)));
  };

  const truth = (value: V): B | boolean => {
    if (value.kind !== 'truth') throw new Unsupported('a number as a condition');
    return value.value;
  };
  const both = (operator: '&&' | '||', a: B | boolean, b: B | boolean): B | boolean => {
    const decisive = operator === '||';
    if (typeof a === 'boolean') return a === decisive ? a : b;
    if (typeof b === 'boolean') return b === decisive ? b : a;
    return algebra.both(operator, a, b);
  };

  const choose = (test: B, a: V, b: V): V => {
    if (a === b) return a;
    if (a.kind === 'integer' && b.kind === 'integer' && isConstant(a.form) && isConstant(b.form) && a.form.constant === b.form.constant) return a;
    return number(algebra.select(test, toNumber(a), toNumber(b)));
  };

  const evaluate = (e: Expression, cell: C): V => {
    switch (e.kind) {
      case 'number':
        return Number.isInteger(e.value) && !Object.is(e.value, -0) ? integer(constant(e.value)) : number(algebra.number(e.value));
      case 'variable': {
        const value = cell.values.get(e.name);
        if (value) return value;
        if (rowCounts.has(e.name)) return { kind: 'rows' };
        throw new Unsupported(`"${e.name}", which has no value`);
      }
      case 'thread':
        return integer(cell.thread[e.axis]);
      case 'constant':
        return integer(constant(constants[e.name]!));
      case 'load': {
        const indices = e.indices.map((index) => evaluate(index, cell));
        return number(
          algebra.load(
            e.array,
            indices.map((index) => {
              if (index.kind !== 'integer') throw new Unsupported(`an index of "${e.array}" that is no sum of indices`);
              return index.form;
            }),
            cell,
          ),
        );
      }
      case 'unary': {
        const a = evaluate(e.argument, cell);
        if (e.operator === '!') {
          const value = truth(a);
          return { kind: 'truth', value: typeof value === 'boolean' ? !value : algebra.not(value) };
        }
        return a.kind === 'integer' && !(isConstant(a.form) && a.form.constant === 0) ? integer(scaled(a.form, -1)) : number(algebra.negate(toNumber(a)));
      }
      case 'binary': {
        const [a, b] = [evaluate(e.left, cell), evaluate(e.right, cell)];
        if (e.operator === '&&' || e.operator === '||') return { kind: 'truth', value: both(e.operator, truth(a), truth(b)) };
        if (isComparison(e.operator)) {
          if (a.kind === 'integer' && b.kind === 'integer') return { kind: 'truth', value: compare(e.operator, a.form, b.form) };
          return { kind: 'truth', value: algebra.compare(e.operator, toNumber(a), toNumber(b)) };
        }
        if (e.operator === '%') throw new Unsupported('a remainder');
        return arithmetic(e.operator, a, b);
      }
      case 'conditional': {
        const test = truth(evaluate(e.test, cell));
        if (typeof test === 'boolean') return evaluate(test ? e.then : e.otherwise, cell);
        return choose(test, evaluate(e.then, cell), evaluate(e.otherwise, cell));
      }
      case 'call':
        return number(algebra.call(e.function, e.arguments.map((each) => toNumber(evaluate(each, cell)))));
    }
  };

  const assign = (statement: Extract<Statement, { kind: 'assign' }>, cell: C): void => {
    const { name, operator } = statement;
    const old = cell.values.get(name);
    const given = evaluate(statement.value, cell);
    const { condition } = cell;
    if (operator === '=') return void cell.values.set(name, condition === null || !old ? given : choose(condition, given, old));
    if (!old) throw new Unsupported(`"${name}", which has no value`);
    const sign = operator.charAt(0) as '+' | '-' | '*' | '/';
    const neutral = integer(constant(sign === '+' || sign === '-' ? 0 : 1));
    cell.values.set(name, arithmetic(sign, old, condition === null ? given : choose(condition, given, neutral)));
  };

  const branch = (statement: Extract<Statement, { kind: 'if' }>, cells: readonly C[]): void => {
    const tests = cells.map((cell) => truth(evaluate(statement.test, cell)));
    for (const wanted of [true, false]) {
      const statements = wanted ? statement.then : statement.otherwise;
      if (statements.length === 0) continue;
      const chosen = cells.filter((_, i) => typeof tests[i] !== 'boolean' || tests[i] === wanted);
      const before = chosen.map(({ condition }) => condition);
      for (const cell of chosen) {
        const test = tests[cells.indexOf(cell)]!;
        if (typeof test === 'boolean') continue;
        const own = wanted ? test : algebra.not(test);
        cell.condition = cell.condition === null ? own : algebra.both('&&', cell.condition, own);
      }
      if (chosen.length > 0) run(statements, chosen);
      chosen.forEach((cell, i) => {
        cell.condition = before[i]!;
      });
    }
  };

  const loop = (statement: ForLoop, cells: readonly C[]): void => {
    const bounds = (e: Expression): ReadonlyArray<number | null> =>
      cells.map((cell) => {
        const value = evaluate(e, cell);
        if (value.kind === 'rows') return null;
        if (value.kind !== 'integer' || !isConstant(value.form)) throw new Unsupported('a loop whose bounds vary');
        return value.form.constant;
      });
    const [froms, tos] = [bounds(statement.from), bounds(statement.to)];
    const [from, to] = [froms[0]!, tos[0]!];
    if (froms.some((each) => each !== from) || tos.some((each) => each !== to)) throw new Unsupported('a loop whose bounds differ from cell to cell');
    if (to === null || to - from >= (around > 0 ? WRITTEN_OUT_INSIDE : WRITTEN_OUT)) {
      around++;
      algebra.loop(statement, from, to, cells, run);
      around--;
      return;
    }
    for (let i = from; i < to; i++) {
      for (const cell of cells) cell.values.set(statement.counter, integer(constant(i)));
      run(statement.body, cells);
    }
  };

  const run: Run<F, B> = (statements, cells) => {
    for (const statement of statements) {
      if (statement.kind === 'declare') for (const cell of cells) cell.values.set(statement.name, evaluate(statement.value, cell));
      else if (statement.kind === 'assign') for (const cell of cells) assign(statement, cell);
      else if (statement.kind === 'if') branch(statement, cells);
      else if (statement.kind === 'for') loop(statement, cells);
      else {
        for (const cell of cells) {
          if (cell.condition !== null) throw new Unsupported('a return under a condition');
          cell.result = evaluate(statement.value, cell);
        }
      }
    }
  };

  return { run: (cells: readonly C[]): void => run(body, cells), toNumber };
};
