/** A kernel as the text that GPU.js compiles on every backend: one statement a line, no name twice. */
import type { BinaryOperator, Expression, KernelCode, Statement } from './ir.js';

const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = { '||': 1, '&&': 2, '===': 3, '!==': 3, '<': 4, '>': 4, '<=': 4, '>=': 4, '+': 5, '-': 5, '*': 6, '/': 6, '%': 6 };
const UNARY = 7;
const ASSOCIATIVE: ReadonlySet<string> = new Set(['&&', '||']);

const literal = (value: number): string => {
  if (Number.isNaN(value)) return '(0 / 0)';
  return Object.is(value, -0) ? '-0' : String(value);
};

const expression = (value: Expression, around = 0): string => {
  const enclosed = (precedence: number, text: string): string => (precedence < around ? `(${text})` : text);
  switch (value.kind) {
    case 'number':
      return enclosed(value.value < 0 || Object.is(value.value, -0) ? UNARY - 1 : UNARY + 1, literal(value.value));
    case 'variable':
      return value.name;
    case 'thread':
      return `this.thread.${value.axis}`;
    case 'constant':
      return `this.constants.${value.name}`;
    case 'load':
      return `${value.array}${value.indices.map((index) => `[${expression(index)}]`).join('')}`;
    case 'call':
      return `Math.${value.function}(${value.arguments.map((each) => expression(each)).join(', ')})`;
    case 'unary':
      return enclosed(UNARY - 1, `${value.operator}${expression(value.argument, UNARY + 1)}`);
    case 'binary': {
      const own = PRECEDENCE[value.operator];
      return enclosed(own, `${expression(value.left, own)} ${value.operator} ${expression(value.right, ASSOCIATIVE.has(value.operator) ? own : own + 1)}`);
    }
    case 'conditional':
      return `(${expression(value.test, 1)} ? ${expression(value.then, 1)} : ${expression(value.otherwise, 1)})`;
  }
};

const lines = (body: readonly Statement[], indent: string): string => body.map((statement) => line(statement, indent)).join('');

const line = (statement: Statement, indent: string): string => {
  const block = (body: readonly Statement[]): string => `{\n${lines(body, `${indent}  `)}${indent}}`;
  switch (statement.kind) {
    case 'declare':
      return `${indent}let ${statement.name} = ${expression(statement.value)};\n`;
    case 'assign':
      return `${indent}${statement.name} ${statement.operator} ${expression(statement.value)};\n`;
    case 'return':
      return `${indent}return ${expression(statement.value)};\n`;
    case 'if':
      return `${indent}if (${expression(statement.test)}) ${block(statement.then)}${statement.otherwise.length > 0 ? ` else ${block(statement.otherwise)}` : ''}\n`;
    case 'for': {
      const { counter, from, to, body } = statement;
      return `${indent}for (let ${counter} = ${expression(from)}; ${counter} < ${expression(to, 5)}; ${counter}++) ${block(body)}\n`;
    }
  }
};

export const printKernel = ({ parameters, body }: KernelCode): string => `function (${parameters.join(', ')}) {\n${lines(body, '  ')}}`;
