/** Runs a kernel that is data (src/gpu/source/ir.ts), cell by cell, in JavaScript's numbers. */
import type { Expression, KernelCode, Statement } from '../../../src/gpu/source/ir.js';

export interface Setting {
  readonly thread: { readonly x: number; readonly y: number; readonly z: number };
  readonly constants: Readonly<Record<string, number>>;
}

type Variables = Map<string, number>;

const BINARY: Readonly<Record<string, (a: number, b: number) => number | boolean>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
  '===': (a, b) => a === b,
  '!==': (a, b) => a !== b,
};

/** The value at one cell; a name that was not declared in a block around is an error. */
export const interpret = ({ parameters, body }: KernelCode, { thread, constants }: Setting, inputs: readonly unknown[]): number => {
  const given = new Map(parameters.map((name, i) => [name, inputs[i]] as const));

  const expression = (value: Expression, variables: Variables): number | boolean => {
    const number = (part: Expression): number => {
      const found = expression(part, variables);
      if (typeof found !== 'number') throw new Error(`a condition where a number must be: ${JSON.stringify(part)}`);
      return found;
    };
    const condition = (part: Expression): boolean => {
      const found = expression(part, variables);
      if (typeof found !== 'boolean') throw new Error(`a number where a condition must be: ${JSON.stringify(part)}`);
      return found;
    };
    switch (value.kind) {
      case 'number':
        return value.value;
      case 'variable': {
        const found = variables.get(value.name) ?? given.get(value.name);
        if (typeof found !== 'number') throw new Error(`no number "${value.name}"`);
        return found;
      }
      case 'thread':
        return thread[value.axis];
      case 'constant':
        return constants[value.name]!;
      case 'load':
        return value.indices.reduce<unknown>((array, index) => (array as number[])[number(index)], given.get(value.array)) as number;
      case 'unary':
        return value.operator === '-' ? -number(value.argument) : !condition(value.argument);
      case 'binary':
        if (value.operator === '&&') return condition(value.left) && condition(value.right);
        if (value.operator === '||') return condition(value.left) || condition(value.right);
        return BINARY[value.operator]!(number(value.left), number(value.right));
      case 'conditional':
        return condition(value.test) ? number(value.then) : number(value.otherwise);
      case 'call':
        return Math[value.function](...(value.arguments.map(number) as [number, number]));
    }
  };

  const run = (list: readonly Statement[], outer: Variables): number | null => {
    const variables = new Map(outer);
    const number = (value: Expression): number => expression(value, variables) as number;
    /** What a block did to the variables around it. */
    const inner = (block: readonly Statement[], extra: ReadonlyArray<readonly [string, number]> = []): number | null => {
      const own = new Map([...variables, ...extra]);
      const result = run(block, own);
      for (const name of variables.keys()) variables.set(name, own.get(name)!);
      return result;
    };
    for (const statement of list) {
      switch (statement.kind) {
        case 'declare':
          variables.set(statement.name, number(statement.value));
          break;
        case 'assign': {
          const old = variables.get(statement.name);
          if (old === undefined) throw new Error(`"${statement.name}" is assigned to where it is not declared`);
          const value = number(statement.value);
          variables.set(statement.name, statement.operator === '=' ? value : (BINARY[statement.operator[0]!]!(old, value) as number));
          break;
        }
        case 'if': {
          const result = inner(expression(statement.test, variables) ? statement.then : statement.otherwise);
          if (result !== null) return result;
          break;
        }
        case 'for':
          for (let i = number(statement.from); i < number(statement.to); i++) inner(statement.body, [[statement.counter, i]]);
          break;
        case 'return':
          return number(statement.value);
      }
    }
    outer.forEach((_, name) => outer.set(name, variables.get(name)!));
    return null;
  };
  return run(body, new Map())!;
};

/** The same cell as JavaScript itself computes it. */
export const evaluate = (source: string, setting: Setting, inputs: readonly unknown[]): number =>
  Number((new Function(`return (${source})`)() as (this: Setting, ...inputs: readonly unknown[]) => number).apply(setting, [...inputs]));
