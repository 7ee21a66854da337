/**
 * What a kernel's source may say (kernels/kernel.ts): the equation, and nothing of how it is computed.
 * Each rule gives a line for every place that breaks it.
 */
import ts from 'typescript';
import type { Kernel } from '../../kernels/kernel.js';
import { type Parameter, signatureOf } from '../../src/program/signature.js';

type Rule = (source: ts.FunctionExpression, kernel: Kernel) => readonly string[];

const nodesIn = (root: ts.Node): readonly ts.Node[] => {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
};

/** `this.constants.N` → N, `this.thread.x` → x */
const member = (node: ts.Node, of: 'constants' | 'thread'): string | null => {
  const text = node.getText();
  return ts.isPropertyAccessExpression(node) && text.startsWith(`this.${of}.`) ? node.name.text : null;
};

const constantsIn = (node: ts.Node): readonly string[] => nodesIn(node).flatMap((each) => member(each, 'constants') ?? []);

const isAssignment = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && node.operatorToken.kind <= ts.SyntaxKind.LastAssignment;

const declaredIn = (node: ts.Node): ReadonlySet<string> => new Set(nodesIn(node).flatMap((each) => (ts.isVariableDeclaration(each) ? [each.name.getText()] : [])));

/** Its text stands alone: no name from outside, nothing that a tool put in, nothing nested. */
const standsAlone = (source: ts.FunctionExpression): readonly string[] => {
  const nodes = nodesIn(source);
  const known = new Set(['Math', ...nodes.flatMap((node) => ((ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isFunctionExpression(node)) && node.name ? [node.name.getText()] : []))]);
  const used = new Set(nodes.flatMap((node) => (ts.isIdentifier(node) && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) ? [node.text] : [])));
  return [
    ...[...used].filter((name) => /^__name|^__vite/.test(name)).map((name) => `left by a tool: ${name}`),
    ...[...used].filter((name) => !known.has(name)).map((name) => `free identifier: ${name}`),
    ...nodes.filter((node) => ts.isFunctionLike(node) && node !== source).map((node) => `nested function: ${node.getText()}`),
    ...nodes.filter((node) => ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskToken).map((node) => `exponent operator: ${node.getText()}`),
  ];
};

/** Parameters are the signature's inputs, in their order; a sum over rows takes their number last. */
const parametersAreDeclared: Rule = (source, kernel) => {
  const { inputs, sums } = signatureOf(kernel);
  const [wanted, actual] = [[...inputs.map(({ name }) => name), ...(sums ? ['rows'] : [])], source.parameters.map(({ name }) => name.getText())];
  return wanted.join() === actual.join() ? [] : [`parameters: ${actual.join(', ')}; the signature says ${wanted.join(', ')}`];
};

/** What WebGPU promises a kernel, less the array that it writes. */
const MOST_INPUTS = 7;

const fewInputs: Rule = (_source, kernel) => {
  const { length } = signatureOf(kernel).inputs;
  return length > MOST_INPUTS ? [`more arrays than WebGPU promises: ${length}`] : [];
};

/** Symbols are single capitals: a rounded size, a second row count and the like would be named after one. */
const constantsAreSymbols: Rule = (source, kernel) => {
  const { inputs, output } = signatureOf(kernel);
  const symbols = new Set([...inputs, output].flatMap(({ axes }) => axes.flat(2)).filter((factor) => !/^\d+$/.test(factor)));
  return [
    ...[...symbols].filter((symbol) => !/^[A-Z]$/.test(symbol) || symbol === 'B').map((symbol) => `not a symbol: ${symbol}`),
    ...[...new Set(constantsIn(source))].filter((name) => !symbols.has(name)).map((name) => `constant that is no symbol of the signature: ${name}`),
  ];
};

const loopsIn = (source: ts.Node): readonly ts.ForStatement[] => nodesIn(source).filter(ts.isForStatement);

/** Loops go through everything, one by one: from a whole number, by 1; `while` is no sum. */
const loopsCount: Rule = (source) => [
  ...nodesIn(source).filter((node) => ts.isWhileStatement(node) || ts.isDoStatement(node)).map(() => 'a loop that does not count'),
  ...loopsIn(source).flatMap(({ initializer, incrementor }) => {
    const [counter] = initializer && ts.isVariableDeclarationList(initializer) ? initializer.declarations : [];
    const from = counter?.initializer?.getText() ?? 'nothing';
    const step = incrementor?.getText() ?? 'nothing';
    const name = counter?.name.getText();
    return [
      ...(/^\d+$/.test(from) ? [] : [`a remainder: a loop from ${from}`]),
      ...([`${name}++`, `++${name}`, `${name} += 1`].includes(step) ? [] : [`stride: ${step}`]),
    ];
  }),
  ...nodesIn(source).flatMap((node) => (ts.isBinaryExpression(node) && ['%', '&', '|', '>>', '<<', '>>>'].includes(node.operatorToken.getText()) ? [`a size is rounded: ${node.getText()}`] : [])),
  ...nodesIn(source).flatMap((node) => (/^Math\.(floor|ceil|round|trunc)$/.test(node.getText()) ? [`a size is rounded: ${node.getText()}`] : [])),
];

/** What a loop changes outside itself, its own counter aside. */
const accumulatorsOf = (loop: ts.ForStatement): readonly string[] => {
  const own = declaredIn(loop);
  const changed = nodesIn(loop.statement).flatMap((node) => (isAssignment(node) ? [node.left.getText()] : []));
  return [...new Set(changed.filter((name) => !own.has(name)))];
};

const loopOf = (node: ts.Node): ts.ForStatement | undefined => {
  for (let at = node.parent as ts.Node | undefined; at; at = at.parent) if (ts.isForStatement(at)) return at;
  return undefined;
};

/** One accumulator a result: each loop adds to one variable and once, and loops one after the other to the same. */
const oneAccumulator: Rule = (source) => {
  const loops = loopsIn(source);
  const each = loops.map(accumulatorsOf).filter(({ length }) => length > 1);
  const behind = loops.map(({ parent }) => new Set(loops.filter((other) => other.parent === parent).flatMap(accumulatorsOf)));
  const several = new Set(behind.filter(({ size }, i) => size > 1 && accumulatorsOf(loops[i]!).length === 1).map((names) => [...names].join(', ')));
  const twice = loops.flatMap((loop) => {
    const added = nodesIn(loop.statement).flatMap((node) => (isAssignment(node) && loopOf(node) === loop ? [node.left.getText()] : []));
    return accumulatorsOf(loop).filter((name) => added.filter((other) => other === name).length > 1);
  });
  return [
    ...each.map((names) => `accumulators of one loop: ${names.join(', ')}`),
    ...[...several].map((names) => `accumulators of one result: ${names}`),
    ...twice.map((name) => `unrolled: ${name} is added to twice`),
  ];
};

/** The half width of the taps: w̃[n] is made of w_g[n + j − C]. */
const OFFSETS = ['C'];

/** No column arithmetic: an index is a thread, a counter or a tap's neighbour, never a place behind other columns. */
const noColumnSums: Rule = (source) => {
  const indices = nodesIn(source).filter(ts.isElementAccessExpression).map(({ argumentExpression }) => argumentExpression);
  const names = new Set(indices.flatMap((index) => nodesIn(index).filter(ts.isIdentifier).map(({ text }) => text)));
  /** Wrapping round, `if (i < 0) { i += N }`, is no column sum. */
  const wraps = (node: ts.Node, name: string): boolean => {
    for (let at: ts.Node | undefined = node.parent; at; at = at.parent) if (ts.isIfStatement(at) && ts.isBinaryExpression(at.expression) && at.expression.left.getText() === name) return true;
    return false;
  };
  const made = nodesIn(source).flatMap((node) => {
    if (ts.isVariableDeclaration(node)) return names.has(node.name.getText()) && node.initializer && !ts.isForStatement(node.parent.parent) ? [node.initializer] : [];
    return isAssignment(node) && names.has(node.left.getText()) && !wraps(node, node.left.getText()) ? [node] : [];
  });
  const sums = [...indices, ...made].filter((index) => nodesIn(index).some((node) => ts.isBinaryExpression(node) && constantsIn(node).some((name) => !OFFSETS.includes(name))));
  return sums.map((index) => `column arithmetic: ${index.getText()}`);
};

const AXES = ['x', 'y', 'z'];

/** Arrays are loaded as declared: with all their axes, and of rows only the cell's own, or all in a sum. */
const loadsAsDeclared: Rule = (source, kernel) => {
  const { inputs, output, sums } = signatureOf(kernel);
  const row = AXES[output.axes.length];
  const whole = nodesIn(source).filter((node): node is ts.ElementAccessExpression => ts.isElementAccessExpression(node) && !(ts.isElementAccessExpression(node.parent) && node.parent.expression === node));
  const faultOf = (load: ts.ElementAccessExpression): string | null => {
    const indices: ts.Expression[] = [];
    let array: ts.Expression = load;
    for (; ts.isElementAccessExpression(array); array = array.expression) indices.unshift(array.argumentExpression);
    const input: Parameter | undefined = inputs.find(({ name }) => name === array.getText());
    if (!input) return `not an input: ${load.getText()}`;
    if (indices.length !== input.axes.length + (input.rows ? 1 : 0)) return `another number of axes than declared: ${load.getText()}`;
    const first = indices[0]!;
    const summed = sums && ts.isIdentifier(first) && loopOf(load)?.condition?.getText() === `${first.text} < rows`;
    return !input.rows || summed || (!sums && member(first, 'thread') === row) ? null : `another row than its own: ${load.getText()}`;
  };
  return whole.map(faultOf).filter((fault) => fault !== null);
};

const RULES = { standsAlone, parametersAreDeclared, fewInputs, constantsAreSymbols, loopsCount, oneAccumulator, noColumnSums, loadsAsDeclared } as const satisfies Readonly<Record<string, Rule>>;

const parse = (text: string): ts.FunctionExpression => {
  const file = ts.createSourceFile('kernel.js', `(${text})`, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
  const [statement] = file.statements;
  return ((statement as ts.ExpressionStatement).expression as ts.ParenthesizedExpression).expression as ts.FunctionExpression;
};

/** Every way in which a kernel breaks the rules; none for a good one. */
export const faultsOf = (kernel: Kernel): readonly string[] => {
  const source = parse(kernel.source.toString());
  return Object.values(RULES).flatMap((rule) => rule(source, kernel));
};

/** What keeps a text from standing alone. */
export const looseEnds = (text: string): readonly string[] => standsAlone(parse(text));
