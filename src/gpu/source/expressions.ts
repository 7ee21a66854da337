/**
 * Expressions of a kernel's text as data. What an expression does beside giving a value (assignments,
 * counting, commas) becomes statements in front of it, in JavaScript's order.
 */
import type { AnyNode, AssignmentExpression, Expression as Node, MemberExpression, Super, UpdateExpression } from 'acorn';
import type { Axis, BinaryOperator, Expression, MathFunction, Statement } from './ir.js';
import { type Binding, bindingOf, type Scope } from './scope.js';
import { asNumber, asTest, binary, conditional, isBoolean, logical, not, number, variable, variablesOf, writtenBy } from './tree.js';

export interface Reading {
  /** Throws one line that names the kernel. */
  readonly fail: (what: string) => never;
  /** A name that nothing in the kernel has yet. */
  readonly fresh: (name: string) => string;
  /** The parameter is assigned to: it must be read anew as a variable. */
  readonly reassigned: (parameter: Binding) => never;
}

type Out = Statement[];
type Read = (node: Node | Super, scope: Scope, out: Out) => Expression;

const FUNCTIONS: ReadonlySet<string> = new Set(['abs', 'exp', 'floor', 'log', 'max', 'min', 'pow', 'sqrt'] satisfies MathFunction[]);
const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '<', '>', '<=', '>=', '===', '!==']);
/** Left in a kernel by what measures coverage or mutates code. */
const INSTRUMENTS = /^(cov_|__cov|_\$jscov|__coverage|stry(Cov|Mut)|_{0,2}cover)/i;

export const assign = (name: string, operator: '=' | '+=' | '-=' | '*=' | '/=', value: Expression): Statement => {
  if (operator === '=' && value.kind === 'binary' && ['+', '-', '*', '/'].includes(value.operator)) {
    const { left, right } = value;
    const itself = (side: Expression): boolean => side.kind === 'variable' && side.name === name;
    if (itself(left)) return { kind: 'assign', name, operator: `${value.operator as '+'}=`, value: right };
    if (itself(right) && (value.operator === '+' || value.operator === '*')) return { kind: 'assign', name, operator: `${value.operator}=`, value: left };
  }
  return { kind: 'assign', name, operator, value };
};

export const expressionReader = ({ fail, fresh, reassigned }: Reading) => {
  const unknown = (name: string): never =>
    INSTRUMENTS.test(name)
      ? fail(`its code was instrumented ("${name}"), and GPU.js compiles a kernel's text, in which counters cannot run: leave kernels out, or measure coverage by V8, which changes no code`)
      : fail(`"${name}" is no parameter, variable or constant of it; a kernel's text stands alone`);

  const propertyOf = (node: MemberExpression): string | null => {
    if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : null;
    return node.property.type === 'Literal' && typeof node.property.value === 'string' ? node.property.value : null;
  };
  /** `thread` of `this.thread`, `abs` of `Math.abs`. */
  const memberOf = (node: AnyNode, object: string): string | null => {
    if (node.type !== 'MemberExpression') return null;
    const { object: owner } = node;
    return (owner.type === 'ThisExpression' ? object === 'this' : owner.type === 'Identifier' && owner.name === object) ? propertyOf(node) : null;
  };

  /** Several expressions, of which a later one may change a variable that an earlier one reads. */
  const inOrder = (nodes: ReadonlyArray<Node | Super>, scope: Scope, out: Out, read: Read = value): Expression[] =>
    nodes.reduce<Expression[]>((found, node) => {
      const own: Out = [];
      const next = read(node, scope, own);
      const written = new Set(writtenBy(own));
      const kept = found.map((earlier) => {
        if (!variablesOf(earlier).some((name) => written.has(name))) return earlier;
        const name = fresh('before');
        out.push({ kind: 'declare', name, value: asNumber(earlier) });
        return isBoolean(earlier) ? asTest(variable(name)) : variable(name);
      });
      out.push(...own);
      return [...kept, next];
    }, []);

  const target = (node: AnyNode, scope: Scope): Binding => {
    if (node.type !== 'Identifier') {
      // An instrumented kernel counts in an object: cov_1().s[0]++.
      let root: AnyNode = node;
      while (root.type === 'MemberExpression' || root.type === 'CallExpression') root = (root.type === 'CallExpression' ? root.callee : root.object) as AnyNode;
      if (root.type === 'Identifier' && !bindingOf(scope, root.name)) unknown(root.name);
      return fail('it assigns to something that is no variable');
    }
    const binding = bindingOf(scope, node.name) ?? unknown(node.name);
    if (binding.kind === 'parameter') reassigned(binding);
    if (binding.counting) fail(`it changes "${node.name}", the counter of a loop, inside the loop`);
    return binding;
  };
  const nameOf = (binding: Binding): string => (binding.value?.kind === 'variable' ? binding.value.name : fail(`it uses "${binding.name}" before declaring it`));

  const assignment = (node: AssignmentExpression, scope: Scope, out: Out): Expression => {
    const name = nameOf(target(node.left, scope));
    const { operator } = node;
    if (operator === '&&=' || operator === '||=') {
      const then: Out = [];
      then.push({ kind: 'assign', name, operator: '=', value: value(node.right, scope, then) });
      const test = asTest(variable(name));
      out.push({ kind: 'if', test: operator === '&&=' ? test : not(test), then, otherwise: [] });
      return variable(name);
    }
    const own: Out = [];
    const right = value(node.right, scope, own);
    // JavaScript reads the old value before the right side runs.
    const changed = operator !== '=' && writtenBy(own).includes(name);
    const old = changed ? fresh(name) : name;
    if (changed) out.push({ kind: 'declare', name: old, value: variable(name) });
    out.push(...own);
    if (operator === '=') out.push(assign(name, '=', right));
    else if (operator === '**=') out.push(assign(name, '=', { kind: 'call', function: 'pow', arguments: [variable(old), right] }));
    else if (ARITHMETIC.has(operator.slice(0, -1))) out.push(assign(name, '=', binary(operator.slice(0, -1) as BinaryOperator, variable(old), right)));
    else fail(`it holds the operator ${operator}`);
    return variable(name);
  };

  const update = (node: UpdateExpression, scope: Scope, out: Out): Expression => {
    const name = nameOf(target(node.argument, scope));
    const old = node.prefix ? name : fresh(name);
    if (!node.prefix) out.push({ kind: 'declare', name: old, value: variable(name) });
    out.push({ kind: 'assign', name, operator: node.operator === '++' ? '+=' : '-=', value: number(1) });
    return variable(old);
  };

  const member = (node: MemberExpression, scope: Scope, out: Out): Expression => {
    const axis = memberOf(node.object, 'this') === 'thread' ? propertyOf(node) : null;
    if (axis !== null) return 'xyz'.includes(axis) ? { kind: 'thread', axis: axis as Axis } : fail(`this.thread has no "${axis}"`);
    const constant = memberOf(node.object, 'this') === 'constants' ? propertyOf(node) : null;
    if (constant !== null) return { kind: 'constant', name: constant };
    const known = bindingOf(scope, 'Math') ? null : memberOf(node, 'Math');
    if (known !== null) return typeof Math[known as 'PI'] === 'number' ? number(Math[known as 'PI']) : fail(`it uses Math.${known} as a number`);
    const indices: Node[] = [];
    let root: Node | Super = node;
    while (root.type === 'MemberExpression') {
      if (!root.computed) return fail(`it reads ".${propertyOf(root)}"; only this.thread, this.constants and Math have names in them`);
      indices.unshift(root.property as Node);
      root = root.object;
    }
    if (root.type !== 'Identifier') return fail('it reads from something that is no parameter');
    const array = bindingOf(scope, root.name) ?? unknown(root.name);
    if (array.kind !== 'parameter') return fail(`it indexes "${array.name}", which is no parameter`);
    return { kind: 'load', array: nameOf(array), indices: inOrder(indices, scope, out) };
  };

  /** A branch on its own, and what it does first. */
  const branch = (node: Node, scope: Scope, read: Read): readonly [Expression, Out] => {
    const own: Out = [];
    return [read(node, scope, own), own];
  };

  /** `test ? then : otherwise`, as a variable where the branches do something. */
  const choice = (given: Expression, then: readonly [Expression, Out], otherwise: readonly [Expression, Out], out: Out): Expression => {
    if (then[1].length + otherwise[1].length === 0) return conditional(given, asNumber(then[0]), asNumber(otherwise[0]));
    if (given.kind === 'number') {
      const [chosen, own] = given.value ? then : otherwise;
      out.push(...own);
      return chosen;
    }
    const name = fresh('choice');
    const set = ([result, own]: readonly [Expression, Out]): Out => [...own, { kind: 'assign', name, operator: '=', value: asNumber(result) }];
    out.push({ kind: 'declare', name, value: number(0) }, { kind: 'if', test: given, then: set(then), otherwise: set(otherwise) });
    return variable(name);
  };

  const call = (node: AnyNode & { type: 'CallExpression' }, scope: Scope, out: Out): Expression => {
    const name = bindingOf(scope, 'Math') ? null : memberOf(node.callee, 'Math');
    if (name === null) return node.callee.type === 'Identifier' ? unknown(node.callee.name) : target(node.callee, scope) && fail('it calls something that is no function of Math');
    if (!FUNCTIONS.has(name)) return fail(`it calls Math.${name}; there are ${[...FUNCTIONS].join(', ')}`);
    const [first, ...others] = inOrder(node.arguments as Node[], scope, out).map(asNumber);
    const apply = (...values: Expression[]): Expression => ({ kind: 'call', function: name as MathFunction, arguments: values });
    if (name === 'max' || name === 'min') return others.reduce((left, right) => apply(left, right), first ?? fail(`it calls Math.${name} of nothing`));
    return first && others.length === (name === 'pow' ? 1 : 0) ? apply(first, ...others) : fail(`it calls Math.${name} with ${node.arguments.length} values`);
  };

  const any: Read = (node, scope, out) => {
    switch (node.type) {
      case 'Literal':
        return typeof node.value === 'number' || typeof node.value === 'boolean' ? number(Number(node.value)) : fail(`it holds ${node.raw}, which is no number`);
      case 'Identifier': {
        const binding = bindingOf(scope, node.name);
        if (!binding && (node.name === 'Infinity' || node.name === 'NaN' || node.name === 'undefined')) return number(node.name === 'Infinity' ? Infinity : NaN);
        return (binding ?? unknown(node.name)).value ?? fail(`it uses "${node.name}" before declaring it`);
      }
      case 'MemberExpression':
        return member(node, scope, out);
      case 'SequenceExpression':
        node.expressions.slice(0, -1).forEach((each) => effect(each, scope, out));
        return any(node.expressions.at(-1)!, scope, out);
      case 'AssignmentExpression':
        return assignment(node, scope, out);
      case 'UpdateExpression':
        return update(node, scope, out);
      case 'UnaryExpression': {
        const { operator, argument } = node;
        if (operator === '!') return not(test(argument, scope, out));
        if (operator === 'void') return effect(argument, scope, out), number(NaN);
        if (operator !== '-' && operator !== '+') return fail(`it holds the operator ${operator}`);
        const given = value(argument, scope, out);
        if (operator === '+') return given;
        return given.kind === 'number' ? number(-given.value) : { kind: 'unary', operator: '-', argument: given };
      }
      case 'BinaryExpression': {
        const [left, right] = inOrder([node.left as Node, node.right], scope, out).map(asNumber) as [Expression, Expression];
        if (node.operator === '**') return { kind: 'call', function: 'pow', arguments: [left, right] };
        const operator = node.operator === '==' || node.operator === '!=' ? (`${node.operator}=` as const) : node.operator;
        return ARITHMETIC.has(operator) ? binary(operator as BinaryOperator, left, right) : fail(`it holds the operator ${operator}`);
      }
      case 'LogicalExpression': {
        if (node.operator === '??') return fail('it holds the operator ??');
        const left = any(node.left, scope, out);
        const right = branch(node.right, scope, any);
        if (isBoolean(left) && isBoolean(right[0]) && right[1].length === 0) return logical(node.operator, left, right[0]);
        return node.operator === '&&' ? choice(asTest(left), right, [left, []], out) : choice(asTest(left), [left, []], right, out);
      }
      case 'ConditionalExpression': {
        const given = test(node.test, scope, out);
        return choice(given, branch(node.consequent, scope, any), branch(node.alternate, scope, any), out);
      }
      case 'CallExpression':
        return call(node, scope, out);
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return fail('it holds a function of its own');
      default:
        return fail(`it holds a ${node.type}`);
    }
  };

  const value: Read = (node, scope, out) => asNumber(any(node, scope, out));

  /** A condition: a comparison, or several, or a number 0 or 1 where it is known. */
  const test: Read = (node, scope, out) => {
    if (node.type !== 'LogicalExpression' || node.operator === '??') return asTest(any(node, scope, out));
    const left = test(node.left, scope, out);
    const [right, own] = branch(node.right, scope, test);
    if (own.length === 0) return logical(node.operator, left, right);
    const known = number(node.operator === '&&' ? 0 : 1);
    return asTest(node.operator === '&&' ? choice(left, [right, own], [known, []], out) : choice(left, [known, []], [right, own], out));
  };

  /** An expression of which only the effect counts. */
  const effect = (node: Node, scope: Scope, out: Out): void => {
    const list = (each: Node): Out => {
      const own: Out = [];
      effect(each, scope, own);
      return own;
    };
    const choose = (given: Expression, then: Out, otherwise: Out): void => {
      if (given.kind === 'number') out.push(...(given.value ? then : otherwise));
      else if (then.length > 0) out.push({ kind: 'if', test: given, then, otherwise });
      else if (otherwise.length > 0) out.push({ kind: 'if', test: not(given), then: otherwise, otherwise: [] });
    };
    if (node.type === 'SequenceExpression') node.expressions.forEach((each) => effect(each, scope, out));
    else if (node.type === 'LogicalExpression') choose(test(node.left, scope, out), node.operator === '&&' ? list(node.right) : [], node.operator === '&&' ? [] : list(node.right));
    else if (node.type === 'ConditionalExpression') choose(test(node.test, scope, out), list(node.consequent), list(node.alternate));
    // What swc leaves of an expression that nobody reads: its operands, also in a list.
    else if (node.type === 'BinaryExpression') [node.left, node.right].forEach((each) => each.type !== 'PrivateIdentifier' && effect(each, scope, out));
    else if (node.type === 'ArrayExpression') node.elements.forEach((each) => each && each.type !== 'SpreadElement' && effect(each, scope, out));
    else if (node.type === 'UnaryExpression') effect(node.argument, scope, out);
    else if (node.type === 'UpdateExpression') update({ ...node, prefix: true }, scope, out);
    else if (!(node.type === 'Literal' && typeof node.value === 'string')) any(node, scope, out);
  };

  return { value, test, effect };
};
