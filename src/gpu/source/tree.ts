/** Questions about a kernel as data (ir.ts), and the few expressions that reading simplifies. */
import type { BinaryOperator, Expression, Statement } from './ir.js';

export const number = (value: number): Expression => ({ kind: 'number', value });
export const variable = (name: string): Expression => ({ kind: 'variable', name });

const MIRRORED: Partial<Record<BinaryOperator, BinaryOperator>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=', '===': '===', '!==': '!==' };

/** A comparison keeps its number on the right; a division by zero is the infinity that minifiers write so. */
export const binary = (operator: BinaryOperator, left: Expression, right: Expression): Expression => {
  const mirrored = MIRRORED[operator];
  if (mirrored && left.kind === 'number' && right.kind !== 'number') return { kind: 'binary', operator: mirrored, left: right, right: left };
  if (operator === '/' && left.kind === 'number' && right.kind === 'number' && right.value === 0) return number(left.value / right.value);
  return { kind: 'binary', operator, left, right };
};

export const isBoolean = (value: Expression): boolean => (value.kind === 'unary' && value.operator === '!') || (value.kind === 'binary' && (value.operator in MIRRORED || value.operator === '&&' || value.operator === '||'));

export const not = (test: Expression): Expression => {
  if (test.kind === 'number') return number(test.value ? 0 : 1);
  if (test.kind === 'unary' && test.operator === '!') return test.argument;
  if (test.kind === 'binary' && test.operator === '===') return { ...test, operator: '!==' };
  if (test.kind === 'binary' && test.operator === '!==') return { ...test, operator: '===' };
  return { kind: 'unary', operator: '!', argument: test };
};

/** Both or either of two tests; a number among them is one whose outcome is known. */
export const logical = (operator: '&&' | '||', left: Expression, right: Expression): Expression => {
  const neutral = operator === '&&' ? 1 : 0;
  if (left.kind === 'number') return left.value === neutral ? right : left;
  if (right.kind === 'number') return right.value === neutral ? left : right;
  return { kind: 'binary', operator, left, right };
};

export const conditional = (test: Expression, then: Expression, otherwise: Expression): Expression =>
  test.kind === 'number' ? (test.value ? then : otherwise) : { kind: 'conditional', test, then, otherwise };

/** Certainly no fraction and no NaN. */
const isWhole = (value: Expression): boolean => {
  if (value.kind === 'thread' || value.kind === 'constant') return true;
  if (value.kind === 'number') return Number.isInteger(value.value);
  if (value.kind === 'conditional') return isWhole(value.then) && isWhole(value.otherwise);
  return value.kind === 'binary' && ['+', '-', '*'].includes(value.operator) && isWhole(value.left) && isWhole(value.right);
};

/** What JavaScript takes a number for where it wants a condition. */
export const asTest = (value: Expression): Expression => {
  if (isBoolean(value)) return value;
  if (value.kind === 'number') return number(value.value ? 1 : 0);
  if (value.kind === 'conditional' && (value.then.kind === 'number' || value.otherwise.kind === 'number')) {
    const { test, then, otherwise } = value;
    if (otherwise.kind === 'number') return otherwise.value ? logical('||', not(test), asTest(then)) : logical('&&', test, asTest(then));
    return (then as { value: number }).value ? logical('||', test, asTest(otherwise)) : logical('&&', not(test), asTest(otherwise));
  }
  if (isWhole(value)) return binary('!==', value, number(0));
  return logical('||', binary('<', value, number(0)), binary('>', value, number(0)));
};

/** The number that a condition is where JavaScript wants one. */
export const asNumber = (value: Expression): Expression => (isBoolean(value) ? conditional(value, number(1), number(0)) : value);

export const children = (value: Expression): readonly Expression[] => {
  switch (value.kind) {
    case 'load':
      return value.indices;
    case 'unary':
      return [value.argument];
    case 'binary':
      return [value.left, value.right];
    case 'conditional':
      return [value.test, value.then, value.otherwise];
    case 'call':
      return value.arguments;
    default:
      return [];
  }
};

/** An expression with its parts replaced, innermost first. */
export const mapExpression = (value: Expression, change: (part: Expression) => Expression): Expression => {
  const inner = (part: Expression): Expression => mapExpression(part, change);
  switch (value.kind) {
    case 'load':
      return change({ ...value, indices: value.indices.map(inner) });
    case 'unary':
      return change({ ...value, argument: inner(value.argument) });
    case 'binary':
      return change({ ...value, left: inner(value.left), right: inner(value.right) });
    case 'conditional':
      return change({ ...value, test: inner(value.test), then: inner(value.then), otherwise: inner(value.otherwise) });
    case 'call':
      return change({ ...value, arguments: value.arguments.map(inner) });
    default:
      return change(value);
  }
};

/** Every expression of a statement, changed. */
export const mapStatement = (statement: Statement, change: (value: Expression) => Expression): Statement => {
  const list = (body: readonly Statement[]): Statement[] => body.map((each) => mapStatement(each, change));
  switch (statement.kind) {
    case 'if':
      return { ...statement, test: change(statement.test), then: list(statement.then), otherwise: list(statement.otherwise) };
    case 'for':
      return { ...statement, from: change(statement.from), to: change(statement.to), body: list(statement.body) };
    default:
      return { ...statement, value: change(statement.value) };
  }
};

export const variablesOf = (value: Expression): readonly string[] => (value.kind === 'variable' ? [value.name] : children(value).flatMap(variablesOf));

/** The expressions that a statement itself computes, and the lists of statements in it. */
export const expressionsOf = (statement: Statement): readonly Expression[] => {
  if (statement.kind === 'if') return [statement.test];
  return statement.kind === 'for' ? [statement.from, statement.to] : [statement.value];
};
export const bodiesOf = (statement: Statement): ReadonlyArray<readonly Statement[]> => {
  if (statement.kind === 'if') return [statement.then, statement.otherwise];
  return statement.kind === 'for' ? [statement.body] : [];
};

/** Statements and those nested in them. */
export const allOf = (statements: readonly Statement[]): readonly Statement[] => statements.flatMap((statement) => [statement, ...bodiesOf(statement).flatMap(allOf)]);

/** An expression and its parts; `into` says whose parts count. */
export const partsOf = (value: Expression, into: (part: Expression) => boolean = () => true): readonly Expression[] => [value, ...(into(value) ? children(value).flatMap((part) => partsOf(part, into)) : [])];

/** Variables that statements read, those in nested ones too. */
export const readBy = (statements: readonly Statement[]): readonly string[] =>
  statements.flatMap((statement) => [...expressionsOf(statement).flatMap(variablesOf), ...(statement.kind === 'assign' && statement.operator !== '=' ? [statement.name] : []), ...bodiesOf(statement).flatMap(readBy)]);

/** Variables that statements give a value. */
export const writtenBy = (statements: readonly Statement[]): readonly string[] =>
  statements.flatMap((statement) => [...(statement.kind === 'assign' || statement.kind === 'declare' ? [statement.name] : []), ...bodiesOf(statement).flatMap(writtenBy)]);
