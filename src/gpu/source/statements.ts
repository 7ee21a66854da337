/**
 * Statements of a kernel's text as data: blocks and their scopes, loops with one counter, and returns
 * wherever they stand as one at the end.
 */
import type { AnyNode, Expression as Node, ForStatement, IfStatement, VariableDeclaration } from 'acorn';
import { expressionReader, type Reading } from './expressions.js';
import type { Expression, Statement } from './ir.js';
import { type Binding, bindingOf, openBlock, type Scope } from './scope.js';
import { binary, conditional, not, number, readBy, variable, variablesOf, writtenBy } from './tree.js';

type Out = Statement[];
/** What follows a list of statements; tells whether the kernel (or a loop's turn) surely ends there. */
type Next = (out: Out) => boolean;

export interface StatementReading extends Reading {
  /** A variable that has no value yet, so that its declaration may move to where it gets one. */
  readonly declareLater: (name: string, out: Out) => string;
}

const leaves = (node: AnyNode | null | undefined): boolean => {
  if (node?.type === 'ReturnStatement' || node?.type === 'ContinueStatement') return true;
  if (node?.type === 'BlockStatement') return node.body.some(leaves);
  return node?.type === 'IfStatement' && (leaves(node.consequent) || leaves(node.alternate));
};

const fallThrough: Next = () => false;

export const statementReader = (reading: StatementReading) => {
  const { fail, fresh, declareLater } = reading;
  const { value, test, effect } = expressionReader(reading);

  const declare = ({ kind, declarations }: VariableDeclaration, scope: Scope, out: Out): void => {
    for (const { id, init } of declarations) {
      if (id.type !== 'Identifier') return fail('it takes an array or object apart in a declaration');
      const binding = bindingOf(scope, id.name)!;
      const given = init ? value(init, scope, out) : null;
      const unset = given === null || (given.kind === 'number' && Number.isNaN(given.value));
      if (kind === 'var' && (unset || binding.value !== null)) {
        if (binding.kind === 'parameter' && !unset) reading.reassigned(binding);
        if (!unset) out.push({ kind: 'assign', name: (binding.value as { name: string }).name, operator: '=', value: given });
      } else if (unset) {
        binding.value = variable(declareLater(fresh(id.name), out));
      } else {
        const name = fresh(id.name);
        out.push({ kind: 'declare', name, value: given });
        binding.value = variable(name);
      }
    }
  };

  /** The step of `i++`, `i += 2`, `i = i + 2`, `i -= -1`; null where the expression does something else. */
  const strideOf = (node: Node, binding: Binding, scope: Scope): Expression | null => {
    const own: Out = [];
    effect(node, scope, own);
    const [only] = own;
    if (own.length !== 1 || only!.kind !== 'assign' || only!.name !== (binding.value as { name: string }).name) return null;
    if (only!.operator === '+=') return only!.value;
    return only!.operator === '-=' && only!.value.kind === 'number' ? number(-only!.value.value) : null;
  };

  /** The value that a variable surely has at the end of `out`. */
  const lastValue = (name: string, out: Out): Expression => {
    const at = out.findLastIndex((statement) => writtenBy([statement]).includes(name));
    const found = out[at];
    const plain = found && (found.kind === 'declare' || (found.kind === 'assign' && found.operator === '=')) ? found.value : null;
    const since = new Set(writtenBy(out.slice(at + 1)));
    return plain && !variablesOf(plain).some((each) => since.has(each) || each === name) ? plain : variable(name);
  };

  /** Takes back the declaration of a counter whose first value is known; false where something else reads it. */
  const forget = (name: string, from: Expression, out: Out): boolean => {
    if (from.kind === 'variable' && from.name === name) return false;
    if (out.filter((statement) => writtenBy([statement]).includes(name)).length > 1 || readBy(out).includes(name)) return false;
    out.splice(out.findIndex((statement) => statement.kind === 'declare' && statement.name === name), 1);
    return true;
  };

  const splitUpdate = (node: Node | null | undefined): readonly [readonly Node[], Node] => {
    if (!node) return fail('it has a loop that does not count in its head');
    const list = node.type === 'SequenceExpression' ? node.expressions : [node];
    return [list.slice(0, -1), list.at(-1)!];
  };

  const loop = (node: ForStatement, outer: Scope, out: Out): void => {
    const scope = openBlock(outer, node.init ? [node.init] : []);
    if (node.init?.type === 'VariableDeclaration') declare(node.init, scope, out);
    else if (node.init) effect(node.init, scope, out);
    const [others, last] = splitUpdate(node.update);
    const counted = last.type === 'UpdateExpression' ? last.argument : last.type === 'AssignmentExpression' ? last.left : null;
    const counter = (counted?.type === 'Identifier' ? bindingOf(scope, counted.name) : null) ?? fail('it has a loop whose head does not end in counting a variable');
    const own: Out = [];
    const condition = node.test ? test(node.test, scope, own) : fail('it has a loop without an end');
    const name = counter.value?.kind === 'variable' ? counter.value.name : fail(`it counts with "${counter.name}" before declaring it`);
    const stride = strideOf(last, counter, scope);
    if (stride?.kind !== 'number' || !(stride.value >= 1)) return fail(`it has a loop over "${counter.name}" that does not count upwards by a number`);
    const inHead = node.init?.type === 'VariableDeclaration' && node.init.kind !== 'var';
    const from = lastValue(name, out);
    const end = own.length === 0 ? endOf(condition, name) : null;
    if (end === null) return fail(`it has a loop over "${counter.name}" that does not end by comparing the counter`);

    const previous = counter.value;
    const turn = inHead && forget(name, from, out) ? name : fresh(counter.name);
    const steps: Expression = stride.value === 1 ? end : { kind: 'call', function: 'floor', arguments: [binary('/', binary('+', binary('-', end, from), number(stride.value - 1)), number(stride.value))] };
    counter.value = stride.value === 1 ? variable(turn) : binary('+', from, binary('*', number(stride.value), variable(turn)));
    counter.counting = true;
    const body: Out = [];
    run([node.body, ...others.map((expression): AnyNode => ({ type: 'ExpressionStatement', expression, start: 0, end: 0 }))], 0, openBlock(scope, []), body, fallThrough, true);
    counter.counting = false;
    counter.value = previous;
    const written = new Set(writtenBy(body));
    if ([...variablesOf(steps), ...(stride.value === 1 ? [] : variablesOf(from))].some((each) => written.has(each))) fail(`it changes the end of the loop over "${counter.name}" inside the loop`);
    out.push({ kind: 'for', counter: turn, from: stride.value === 1 ? from : number(0), to: steps, body });
    if (inHead) return;
    const after = stride.value === 1 ? end : binary('+', from, binary('*', number(stride.value), steps));
    out.push({ kind: 'assign', name, operator: '=', value: conditional(binary('>', after, from), after, from) });
  };

  const endOf = (condition: Expression, name: string): Expression | null => {
    if (condition.kind !== 'binary') return null;
    const { operator, left, right } = condition;
    const [upper, relation] = left.kind === 'variable' && left.name === name ? [right, operator] : right.kind === 'variable' && right.name === name ? [left, { '>': '<', '>=': '<=', '!==': '!==' }[operator as '>']] : [null, null];
    if (upper === null || variablesOf(upper).includes(name)) return null;
    if (relation === '<' || relation === '!==') return upper;
    return relation === '<=' ? (upper.kind === 'number' ? number(Math.floor(upper.value) + 1) : binary('+', upper, number(1))) : null;
  };

  const choose = (node: IfStatement, scope: Scope, out: Out, next: Next, inLoop: boolean): boolean => {
    const given = test(node.test, scope, out);
    const side = (branch: AnyNode | null | undefined, into: Out): boolean => run(branch ? [branch] : [], 0, openBlock(scope, []), into, next, inLoop);
    if (given.kind === 'number') return side(given.value ? node.consequent : node.alternate, out);
    const [then, otherwise]: [Out, Out] = [[], []];
    const ends = [side(node.consequent, then), side(node.alternate, otherwise)];
    if (then.length > 0) out.push({ kind: 'if', test: given, then, otherwise });
    else if (otherwise.length > 0) out.push({ kind: 'if', test: not(given), then: otherwise, otherwise: [] });
    return ends.every(Boolean);
  };

  /** The statements from `at` on, then what follows them. */
  const run = (list: readonly AnyNode[], at: number, scope: Scope, out: Out, next: Next, inLoop = false): boolean => {
    const node = list[at];
    if (!node) return next(out);
    const rest: Next = (into) => run(list, at + 1, scope, into, next, inLoop);
    switch (node.type) {
      case 'VariableDeclaration':
        declare(node, scope, out);
        return rest(out);
      case 'ExpressionStatement':
        effect(node.expression, scope, out);
        return rest(out);
      case 'EmptyStatement':
        return rest(out);
      case 'BlockStatement':
        return run(node.body, 0, openBlock(scope, node.body), out, rest, inLoop);
      case 'ForStatement':
        loop(node, scope, out);
        return rest(out);
      case 'IfStatement':
        // What follows a branch that leaves early is part of the other branch.
        if (leaves(node)) return choose(node, scope, out, rest, inLoop);
        choose(node, scope, out, fallThrough, inLoop);
        return rest(out);
      case 'ContinueStatement':
        return node.label ? fail('it jumps to a label') : true;
      case 'ReturnStatement':
        if (inLoop) return fail('it returns from inside a loop');
        out.push({ kind: 'return', value: node.argument ? value(node.argument, scope, out) : fail('it returns nothing') });
        return true;
      default:
        return fail(`it holds a ${node.type}`);
    }
  };

  /** A list that ends in a return on every path, as statements and the value. */
  const resultOf = (list: readonly Statement[]): readonly [readonly Statement[], Expression] | null => {
    const last = list.at(-1);
    if (last?.kind === 'return') return [list.slice(0, -1), last.value];
    if (last?.kind !== 'if') return null;
    const [then, otherwise] = [resultOf(last.then), resultOf(last.otherwise)];
    return then && otherwise && then[0].length + otherwise[0].length === 0 ? [list.slice(0, -1), conditional(last.test, then[1], otherwise[1])] : null;
  };
  const into = (name: string, list: readonly Statement[]): Statement[] => {
    const found = resultOf(list);
    if (found) return [...found[0], { kind: 'assign', name, operator: '=', value: found[1] }];
    const last = list.at(-1)!;
    return last.kind === 'if' ? [...list.slice(0, -1), { ...last, then: into(name, last.then), otherwise: into(name, last.otherwise) }] : [...list];
  };

  return (list: readonly AnyNode[], scope: Scope, out: Out): Statement[] => {
    if (!run(list, 0, scope, out, fallThrough)) fail('it can end without returning a number');
    const found = resultOf(out);
    if (found) return [...found[0], { kind: 'return', value: found[1] }];
    const result: Out = [];
    const name = declareLater(fresh('result'), result);
    return [...result, ...into(name, out), { kind: 'return', value: variable(name) }];
  };
};

