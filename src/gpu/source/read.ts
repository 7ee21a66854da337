/**
 * Reads a kernel's text into data (ir.ts), whatever a bundler or minifier made of the text: it means what
 * JavaScript means by it, and what cannot be meant by a kernel is refused in one line.
 */
import { type AnyNode, type ArrowFunctionExpression, type FunctionExpression, parseExpressionAt } from 'acorn';
import type { Expression, KernelCode, Statement } from './ir.js';
import { type Binding, hoisted, open, openBlock } from './scope.js';
import { statementReader } from './statements.js';
import { tidy } from './tidy.js';
import { number, variable } from './tree.js';

type FunctionNode = FunctionExpression | ArrowFunctionExpression;

const parse = (text: string, fail: (what: string) => never): FunctionNode => {
  const attempt = (source: string): AnyNode | null => {
    try {
      return parseExpressionAt(source, 0, { ecmaVersion: 'latest' });
    } catch {
      return null;
    }
  };
  const found = attempt(`(${text})`);
  if (found?.type === 'FunctionExpression' || found?.type === 'ArrowFunctionExpression') return found;
  // A method's text has no "function" in front.
  const holder = attempt(`({${text}})`);
  const property = holder?.type === 'ObjectExpression' ? holder.properties[0] : null;
  if (property?.type === 'Property' && property.value.type === 'FunctionExpression') return property.value;
  return fail('its text is no function that can be read');
};

/** Names that GPU.js and every shading language accept. */
const plain = (name: string): string => name.replace(/[^A-Za-z0-9]/g, '').replace(/^(?=\d|$)/, 'v');

/** Reads the text; parameters in `copied` are read as variables that begin with their values. */
const translate = (text: string, fail: (what: string) => never, copied: ReadonlySet<string>, reassigned: (parameter: Binding) => never): KernelCode => {
  const root = parse(text, fail);
  if (root.async || root.generator) fail('it is no plain function');
  const constants = [...text.matchAll(/constants(?:\.|\[["'])([\w$]+)/g)].map(([, name]) => name!);
  const taken = new Set(constants);
  const fresh = (name: string): string => {
    const base = plain(name);
    let unused = base;
    for (let count = 2; taken.has(unused); count++) unused = `${base}${count}`;
    taken.add(unused);
    return unused;
  };
  const late = new Set<string>();
  const declareLater = (name: string, out: Statement[]): string => {
    late.add(name);
    out.push({ kind: 'declare', name, value: number(0) });
    return name;
  };

  const names = root.params.map((parameter) => (parameter.type === 'Identifier' ? parameter.name : fail('it has a parameter that is no plain name')));
  const parameters = names.map(fresh);
  const scope = open(null, names, 'parameter');
  const body: Statement[] = [];
  names.forEach((name, i) => {
    const binding = scope.names.get(name)!;
    binding.value = variable(parameters[i]!);
  });
  const inner = open(scope, names.filter((name) => copied.has(name)));
  inner.names.forEach((binding, name) => {
    const value: Expression = variable(parameters[names.indexOf(name)]!);
    const local = fresh(name);
    body.push({ kind: 'declare', name: local, value });
    binding.value = variable(local);
  });

  if (root.body.type !== 'BlockStatement') {
    const read = statementReader({ fail, fresh, reassigned, declareLater });
    return { parameters, body: tidy(read([{ type: 'ReturnStatement', argument: root.body, start: 0, end: 0 }], inner, body), late) };
  }
  const variables = [...new Set(hoisted(root.body))].filter((name) => !names.includes(name));
  const functionScope = open(inner, variables);
  functionScope.names.forEach((binding, name) => {
    binding.value = variable(declareLater(fresh(name), body));
  });
  const read = statementReader({ fail, fresh, reassigned, declareLater });
  return { parameters, body: tidy(read(root.body.body, openBlock(functionScope, root.body.body), body), late) };
};

/** Thrown to read once more with one more parameter copied into a variable. */
interface Reassigned {
  readonly parameter: string;
}
const isReassigned = (error: unknown): error is Reassigned => typeof error === 'object' && error !== null && 'parameter' in error;

const attemptWith = (text: string, fail: (what: string) => never, copied: ReadonlySet<string>): KernelCode => {
  try {
    return translate(text, fail, copied, ({ name }) => {
      throw { parameter: name } satisfies Reassigned;
    });
  } catch (error) {
    if (!isReassigned(error)) throw error;
    return attemptWith(text, fail, new Set([...copied, error.parameter]));
  }
};

const known = new Map<string, KernelCode>();

/**
 * A kernel as data. Throws one line that names the kernel and says what in it cannot be read: a name
 * from outside, a function, a loop that does not count upwards, code that was instrumented.
 */
export const readKernel = (source: string | ((...inputs: never[]) => number), name = typeof source === 'string' ? '' : source.name): KernelCode => {
  const text = source.toString();
  const fail = (what: string): never => {
    throw new Error(`kernel "${name}" cannot be read: ${what}`);
  };
  const found = known.get(text) ?? attemptWith(text, fail, new Set());
  known.set(text, found);
  return found;
};
