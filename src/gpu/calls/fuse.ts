/**
 * Several kernels that do not wait for each other as one, whose row holds their results side by side:
 * the column tells whose turn it is. Each result is then a slice of the row, which costs nothing.
 */
import { type Shape, type Sizes, sizeOf } from '../../program/signature.js';
import type { Axis, Expression, KernelCode, Statement } from '../source/ir.js';
import { binary, mapExpression, mapStatement, number, variable } from '../source/tree.js';

type Threads = Readonly<Record<Axis, Expression>>;

const thread = (axis: Axis): Expression => ({ kind: 'thread', axis });

/** Constants as numbers. */
export const withConstants = ({ parameters, body }: KernelCode, constants: Sizes): KernelCode => {
  const change = (value: Expression): Expression => (value.kind === 'constant' ? number(constants[value.name]!) : value);
  return { parameters, body: body.map((statement) => mapStatement(statement, (value) => mapExpression(value, change))) };
};

/** A kernel with other names for its variables and parameters, and other expressions for its thread. */
const renamed = (body: readonly Statement[], names: (name: string) => string, threads: Threads): Statement[] => {
  const change = (value: Expression): Expression => {
    if (value.kind === 'thread') return threads[value.axis];
    if (value.kind === 'variable') return variable(names(value.name));
    return value.kind === 'load' ? { ...value, array: names(value.array) } : value;
  };
  const rename = (statement: Statement): Statement => {
    switch (statement.kind) {
      case 'declare':
      case 'assign':
        return { ...statement, name: names(statement.name) };
      case 'for':
        return { ...statement, counter: names(statement.counter), body: statement.body.map(rename) };
      case 'if':
        return { ...statement, then: statement.then.map(rename), otherwise: statement.otherwise.map(rename) };
      default:
        return statement;
    }
  };
  return body.map((statement) => rename(mapStatement(statement, (value) => mapExpression(value, change))));
};

/** `names`: one for each parameter of `code`, by which the fused kernel knows it. */
export interface Part {
  readonly code: KernelCode;
  readonly names: readonly string[];
  /** Of the result, without the axis of rows. */
  readonly shape: Shape;
}

/** What a part has for its thread, in a row in which it begins at column `start`. */
const threadsOf = (shape: Shape, start: number, part: number): { readonly before: readonly Statement[]; readonly threads: Threads } => {
  const row = thread('y');
  const column = start === 0 ? thread('x') : binary('-', thread('x'), number(start));
  const [Y = 1, X = 1] = shape;
  if (shape.length === 0) return { before: [], threads: { x: row, y: number(0), z: number(0) } };
  if (shape.length === 1) return { before: [], threads: { x: column, y: row, z: number(0) } };
  if (Y === 1) return { before: [], threads: { x: column, y: number(0), z: row } };
  // Half a column more, so that no division falls short of a whole number.
  const y = variable(`row${part}`);
  const x = variable(`column${part}`);
  const before: Statement[] = [
    { kind: 'declare', name: `row${part}`, value: { kind: 'call', function: 'floor', arguments: [binary('/', binary('+', column, number(0.5)), number(X))] } },
    { kind: 'declare', name: `column${part}`, value: binary('-', column, binary('*', y, number(X))) },
  ];
  return { before, threads: { x, y, z: row } };
};

/** Of one part alone: the part. */
export const fuse = (parts: readonly Part[], parameters: readonly string[]): KernelCode => {
  const starts = parts.map((_, i) => parts.slice(0, i).reduce((sum, { shape }) => sum + sizeOf(shape), 0));
  const bodyOf = ({ code, names }: Part, i: number, threads: Threads): Statement[] => {
    const known = new Map(code.parameters.map((name, p) => [name, names[p]!]));
    return renamed(code.body, (name) => known.get(name) ?? `${name}_${i}`, threads);
  };
  if (parts.length === 1) return { parameters, body: bodyOf(parts[0]!, 0, { x: thread('x'), y: thread('y'), z: thread('z') }) };
  const turn = (part: Part, i: number): Statement[] => {
    const { before, threads } = threadsOf(part.shape, starts[i]!, i);
    const body = bodyOf(part, i, threads);
    return [...before, ...body.map((statement): Statement => (statement.kind === 'return' ? { kind: 'assign', name: 'result', operator: '=', value: statement.value } : statement))];
  };
  const from = (i: number): Statement[] => {
    const own = turn(parts[i]!, i);
    return i === parts.length - 1 ? own : [{ kind: 'if', test: binary('<', thread('x'), number(starts[i + 1]!)), then: own, otherwise: from(i + 1) }];
  };
  return { parameters, body: [{ kind: 'declare', name: 'result', value: number(0) }, ...from(0), { kind: 'return', value: variable('result') }] };
};
