/**
 * All mutants of a module: its text with one thing changed. Operators, signs, comparisons, constants, bounds,
 * conditions, indices, inputs that change places, and statements that are left out. Texts of messages and
 * types are left alone.
 */
import ts from 'typescript';

export interface Mutant {
  /** Relative to the repository. */
  readonly file: string;
  /** Of the text that is replaced. */
  readonly from: number;
  readonly to: number;
  readonly by: string;
  /** Line, and what becomes what. */
  readonly line: number;
  readonly what: string;
}

type Change = readonly [node: ts.Node, by: string];

const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  '+': ['-'], '-': ['+'], '*': ['/'], '/': ['*'], '%': ['*'], '**': ['*'],
  '<': ['<=', '>='], '<=': ['<', '>'], '>': ['>=', '<='], '>=': ['>', '<'],
  '===': ['!=='], '!==': ['==='], '&&': ['||'], '||': ['&&'],
  '+=': ['-='], '-=': ['+='], '*=': ['/='], '/=': ['*='],
};

const FUNCTIONS: Readonly<Record<string, string>> = { 'Math.max': 'Math.min', 'Math.min': 'Math.max', 'Math.floor': 'Math.ceil', 'Math.ceil': 'Math.floor', 'Math.abs': '', 'Math.sqrt': '', 'Math.exp': '', 'Math.log': '' };

const METHODS: Readonly<Record<string, string>> = { every: 'some', some: 'every' };

/** What numbers become: neighbours, and of small or broken ones others that are far off. */
const otherNumbers = (text: string): readonly string[] => {
  const value = Number(text);
  if (value === 0) return ['1'];
  if (value === 1) return ['0', '2'];
  return Number.isInteger(value) && value < 1000 ? [String(value - 1), String(value + 1)] : [`(${text} * 2)`];
};

const isText = (node: ts.Node): boolean => {
  for (let at: ts.Node | undefined = node.parent; at; at = at.parent) if (ts.isTemplateSpan(at) || ts.isTypeNode(at) || ts.isInterfaceDeclaration(at) || ts.isTypeAliasDeclaration(at) || ts.isImportDeclaration(at)) return true;
  return false;
};

/** Whether a + joins texts. */
const joinsText = ({ left, right }: ts.BinaryExpression): boolean => [left, right].some((side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side));

const binary = (node: ts.BinaryExpression): readonly Change[] => {
  const operator = node.operatorToken.getText();
  if (operator === '??') return [[node, node.right.getText()]];
  return joinsText(node) ? [] : (OPERATORS[operator] ?? []).map((by) => [node.operatorToken, by]);
};

/** `this.thread.x` → `this.thread.y`. */
const axis = (node: ts.PropertyAccessExpression): readonly Change[] => {
  if (!/^this\.thread\.[xyz]$/.test(node.getText())) return [];
  return [[node.name, node.name.text === 'x' ? 'y' : node.name.text === 'y' ? 'z' : 'y']];
};

/** A load from another input of a kernel. */
const otherInput = (node: ts.ElementAccessExpression): readonly Change[] => {
  if (!ts.isIdentifier(node.expression)) return [];
  const kernel = ts.findAncestor(node, ts.isFunctionDeclaration);
  const typeOf = (name: string): string | undefined => kernel?.parameters.find((parameter) => parameter.name.getText() === name)?.type?.getText();
  const name = node.expression.text;
  const others = (kernel?.parameters ?? []).map((parameter) => parameter.name.getText()).filter((other) => other !== name && other !== 'this' && typeOf(other) === typeOf(name));
  return typeOf(name) === undefined || others.length === 0 ? [] : [[node.expression, others[0]!]];
};

const argumentsSwapped = (node: ts.CallExpression): readonly Change[] => {
  const { expression, arguments: given } = node;
  const by = FUNCTIONS[expression.getText()];
  const functions: readonly Change[] = by === undefined ? [] : [[expression, by]];
  const method: readonly Change[] = ts.isPropertyAccessExpression(expression) && METHODS[expression.name.text] ? [[expression.name, METHODS[expression.name.text]!]] : [];
  const swaps = given.slice(1).flatMap((argument, i): readonly Change[] =>
    ts.isIdentifier(argument) && ts.isIdentifier(given[i]!) && given[i]!.getText() !== 'recorder' ? [[{ getStart: () => given[i]!.getStart(), end: argument.end, getText: () => `${given[i]!.getText()}, ${argument.getText()}` } as unknown as ts.Node, `${argument.getText()}, ${given[i]!.getText()}`]] : []);
  return [...functions, ...method, ...swaps];
};

/** { a, b } → { a: b, b: a }, of neighbours. */
const propertiesSwapped = (node: ts.ObjectLiteralExpression): readonly Change[] => {
  const short = node.properties.filter(ts.isShorthandPropertyAssignment);
  return short.slice(1).map((property, i): Change => {
    const [a, b] = [short[i]!.name.text, property.name.text];
    const texts = node.properties.map((each) => (each === short[i] ? `${a}: ${b}` : each === property ? `${b}: ${a}` : each.getText()));
    return [node, `{ ${texts.join(', ')} }`];
  });
};

const elementsSwapped = (node: ts.ArrayLiteralExpression): readonly Change[] =>
  ts.isBinaryExpression(node.parent) && node.parent.left === node ? [] : node.elements.slice(1).flatMap((element, i): readonly Change[] => {
    const before = node.elements[i]!;
    if (ts.isSpreadElement(element) || ts.isSpreadElement(before) || element.getText() === before.getText()) return [];
    const texts = node.elements.map((each) => (each === element ? before.getText() : each === before ? element.getText() : each.getText()));
    return [[node, `[${texts.join(', ')}]`]];
  });

const changesOf = (node: ts.Node): readonly Change[] => {
  if (ts.isBinaryExpression(node)) return binary(node);
  if (ts.isPropertyAccessExpression(node)) return axis(node);
  if (ts.isElementAccessExpression(node)) return otherInput(node);
  if (ts.isCallExpression(node)) return argumentsSwapped(node);
  if (ts.isObjectLiteralExpression(node)) return propertiesSwapped(node);
  if (ts.isArrayLiteralExpression(node)) return elementsSwapped(node);
  if (ts.isNumericLiteral(node)) return otherNumbers(node.getText()).map((by) => [node, by]);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [[node, 'false']];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [[node, 'true']];
  if (ts.isPrefixUnaryExpression(node) && (node.operator === ts.SyntaxKind.MinusToken || node.operator === ts.SyntaxKind.ExclamationToken)) return [[node, node.operand.getText()]];
  if (ts.isConditionalExpression(node)) return [[node, `(${node.condition.getText()} ? ${node.whenFalse.getText()} : ${node.whenTrue.getText()})`]];
  if (ts.isIfStatement(node)) return [[node.expression, 'true'], [node.expression, 'false']];
  if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) return [[node, ';']];
  return [];
};

/** Characters of what is replaced, and of what replaces it, in a list of mutants. */
const MOST_SHOWN = 60;

export const mutantsOf = (file: string, text: string): readonly Mutant[] => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    if (!isText(node)) {
      for (const [changed, by] of changesOf(node)) {
        const from = changed.getStart();
        const before = changed.getText();
        const shown = [before, by].map((each) => each.replace(/\s+/g, ' ').slice(0, MOST_SHOWN));
        found.push({ file, from, to: changed.end, by, line: source.getLineAndCharacterOfPosition(from).line + 1, what: `${shown[0]} → ${shown[1]}` });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
};

export const mutated = (text: string, { from, to, by }: Pick<Mutant, 'from' | 'to' | 'by'>): string => text.slice(0, from) + by + text.slice(to);
