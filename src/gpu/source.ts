/**
 * The text of a kernel as GPU.js can compile it on every backend, whatever a minifier did to it.
 *
 * GPU.js undoes most of that itself, but not three things, which are undone here: statements that were
 * folded into the condition of the `if` or the head of the `for` that follows; one name for the counters
 * of several loops, which GPU.js moves in front of their loops, where they clash; and a variable that has
 * the name of a constant, which the cpu backend then reads instead.
 */
import { type AstNode, FunctionNode, type KernelSource } from './gpujs.js';

/** GPU.js's parser, without the analysis of types that follows it. */
class Parser extends FunctionNode {
  override traceFunctionAST(): void {}
}

type Names = ReadonlyMap<string, string>;

const isNode = (value: unknown): value is AstNode => typeof value === 'object' && value !== null && 'type' in value;
const node = (value: unknown): AstNode => value as AstNode;
const nodes = (value: unknown): readonly AstNode[] => value as readonly AstNode[];
const nameOf = (identifier: unknown): string => node(identifier).name as string;

/** The nodes right below, except the name of a property, which is no variable. */
const children = (parent: AstNode): AstNode[] =>
  Object.entries(parent)
    .filter(([key]) => !(key === 'property' && parent.type === 'MemberExpression' && !parent.computed))
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);

const isDeclaration = (value: unknown): value is AstNode => isNode(value) && value.type === 'VariableDeclaration';

const declaredOutsideLoopHeads = (parent: AstNode): string[] => {
  const below = children(parent).filter((child) => !(parent.type === 'ForStatement' && child === parent.init)).flatMap(declaredOutsideLoopHeads);
  return parent.type === 'VariableDeclarator' ? [nameOf(parent.id), ...below] : below;
};

export const kernelText = (source: KernelSource | string): string => {
  const text = source.toString();
  const root = new Parser(text, { isRootKernel: true, output: [1] }).getJsAST();
  const parameters = nodes(root.params).map(nameOf);
  const variables = new Set([...parameters, ...declaredOutsideLoopHeads(node(root.body))]);
  const constants = new Set([...text.matchAll(/constants\.([\w$]+)/g)].map(([, name]) => name!));
  const taken = new Set([...variables, ...constants]);
  const words = new Set(text.match(/[\w$]+/g));

  const unused = (name: string, count = 2): string => {
    if (words.has(`${name}${count}`)) return unused(name, count + 1);
    words.add(`${name}${count}`);
    return `${name}${count}`;
  };

  const identifiers = (parent: AstNode): AstNode[] => (parent.type === 'Identifier' ? [parent] : children(parent).flatMap(identifiers));
  /** The text of an expression with its variables renamed. */
  const expression = (value: unknown, names: Names): string => {
    // GPU.js puts this one in itself, for `a || b`, without a place in the text.
    if (node(value).type === 'UnaryExpression' && node(value).operator === '!') return `!(${expression(node(value).argument, names)})`;
    const at = (position: unknown): number => (position as number) - (root.start as number);
    const [from, to] = [at(node(value).start), at(node(value).end)];
    const found = identifiers(node(value)).sort((a, b) => at(a.start) - at(b.start));
    const starts = [...found.map(({ start }) => at(start)), to];
    return found.reduce((result, { name, end }, i) => `${result}${names.get(name as string) ?? (name as string)}${text.slice(at(end), starts[i + 1])}`, text.slice(from, starts[0]));
  };

  /** Splits `a, b, c` into the statements a and b and the expression c. */
  const split = (value: unknown, names: Names): readonly [before: string, last: AstNode] => {
    if (node(value).type !== 'SequenceExpression') return ['', node(value)];
    const list = nodes(node(value).expressions);
    return [list.slice(0, -1).map((each) => discarded(each, names)).join('\n'), list.at(-1)!];
  };

  /** An expression of which only the effect counts. */
  const discarded = (value: AstNode, names: Names): string => {
    const { type, operator, left, right, test, consequent, alternate, expressions } = value;
    if (type === 'SequenceExpression') return nodes(expressions).map((each) => discarded(each, names)).join('\n');
    if (type === 'LogicalExpression') return `if (${operator === '&&' ? expression(left, names) : `!(${expression(left, names)})`}) {\n${discarded(node(right), names)}\n}`;
    if (type === 'ConditionalExpression') return `if (${expression(test, names)}) {\n${discarded(node(consequent), names)}\n} else {\n${discarded(node(alternate), names)}\n}`;
    return `${expression(value, names)};`;
  };

  const declarators = (value: AstNode, names: Names): string[] =>
    nodes(value.declarations).map(({ id, init }) => `${expression(id, names)}${init ? ` = ${expression(init, names)}` : ''}`);

  const loop = ({ init, test, update, body }: AstNode, outer: Names): string => {
    const counters = isDeclaration(init) ? nodes(init.declarations).map(({ id }) => nameOf(id)) : [];
    const names = new Map([...outer, ...counters.filter((name) => taken.has(name)).map((name) => [name, unused(name)] as const)]);
    counters.forEach((name) => taken.add(name));
    const before = isNode(init) && !isDeclaration(init) ? discarded(init, names) : '';
    return `${before}\nfor (${isDeclaration(init) ? `${init.kind as string} ${declarators(init, names).join(', ')}` : ''}; ${test ? expression(test, names) : ''}; ${update ? expression(update, names) : ''}) {\n${statement(node(body), names)}\n}`;
  };

  const statement = (value: AstNode, names: Names): string => {
    switch (value.type) {
      case 'BlockStatement':
        return nodes(value.body).map((each) => statement(each, names)).join('\n');
      case 'VariableDeclaration':
        return declarators(value, names).map((each) => `${value.kind as string} ${each};`).join('\n');
      case 'ExpressionStatement':
        return discarded(node(value.expression), names);
      case 'ForStatement':
        return loop(value, names);
      case 'IfStatement': {
        const [before, test] = split(value.test, names);
        const otherwise = value.alternate ? ` else {\n${statement(node(value.alternate), names)}\n}` : '';
        return `${before}\nif (${expression(test, names)}) {\n${statement(node(value.consequent), names)}\n}${otherwise}`;
      }
      case 'ReturnStatement': {
        const [before, result] = split(value.argument, names);
        return `${before}\nreturn ${expression(result, names)};`;
      }
      default:
        return expression(value, names);
    }
  };
  const renamed = new Map([...variables].filter((name) => constants.has(name)).map((name) => [name, unused(name)] as const));
  return `function (${parameters.map((name) => renamed.get(name) ?? name).join(', ')}) {\n${statement(node(root.body), renamed)}\n}`;
};
