/** A kernel's text, checked against what its signature declares. */
import type { Kernel } from '../../../kernels/kernel.js';
import { signatureOf } from '../../program/signature.js';
import type { Expression, KernelCode, Statement } from './ir.js';
import { readKernel } from './read.js';
import { children } from './tree.js';

const expressionsIn = (e: Expression): readonly Expression[] => [e, ...children(e).flatMap(expressionsIn)];

const expressionsOf = (statement: Statement): readonly Expression[] => {
  switch (statement.kind) {
    case 'if':
      return [...expressionsIn(statement.test), ...[...statement.then, ...statement.otherwise].flatMap(expressionsOf)];
    case 'for':
      return [...expressionsIn(statement.from), ...expressionsIn(statement.to), ...statement.body.flatMap(expressionsOf)];
    default:
      return expressionsIn(statement.value);
  }
};

const statementsIn = (statements: readonly Statement[]): readonly Statement[] =>
  statements.flatMap((statement) => {
    if (statement.kind === 'if') return [statement, ...statementsIn(statement.then), ...statementsIn(statement.otherwise)];
    return statement.kind === 'for' ? [statement, ...statementsIn(statement.body)] : [statement];
  });

const isVariable = (e: Expression, name: string): boolean => e.kind === 'variable' && e.name === name;

/** Whether all it returns is its first input and what one loop over the rows adds to it, so that rows may be summed in parts. */
const addsToItsFirst = ({ parameters, body }: KernelCode): boolean => {
  const [first, rows] = [parameters[0]!, parameters.at(-1)!];
  const all = statementsIn(body);
  const returned = all.filter((statement) => statement.kind === 'return');
  const [only] = returned;
  if (returned.length !== 1 || only!.value.kind !== 'variable') return false;
  const sum = only!.value.name;
  const count = (is: (e: Expression) => boolean): number => body.flatMap(expressionsOf).filter(is).length;
  const begins = all.filter((statement) => statement.kind === 'declare' && statement.name === sum && statement.value.kind === 'load' && statement.value.array === first);
  const changes = all.filter((statement) => statement.kind === 'assign' && statement.name === sum);
  const overRows = body.filter((statement) => statement.kind === 'for' && isVariable(statement.to, rows));
  const inLoop = statementsIn(overRows);
  return (
    begins.length === 1 && overRows.length === 1 &&
    changes.every((statement) => inLoop.includes(statement) && statement.kind === 'assign' && ['+=', '-='].includes(statement.operator)) &&
    count((e) => isVariable(e, sum)) === 1 && count((e) => isVariable(e, rows)) === 1 && count((e) => e.kind === 'load' && e.array === first) === 1
  );
};

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const checked = new Set<Kernel>();

/**
 * Reads a kernel. Throws one line that names it where the text cannot be read, where it has other
 * parameters than its signature, an array with more or fewer indices than axes, a constant that the
 * signature's shapes do not give, or where a sum over all rows is not what its first input is added to.
 */
export const readDeclared = (kernel: Kernel): KernelCode => {
  const code = readKernel(kernel.source, kernel.name);
  if (checked.has(kernel)) return code;
  const { inputs, output, sums } = signatureOf(kernel);
  const fail = (fault: string): never => {
    throw new Error(`kernel "${kernel.name}" (${kernel.signature}): ${fault}`);
  };
  const wanted = inputs.length + (sums ? 1 : 0);
  if (code.parameters.length !== wanted) fail(`its function takes ${counted(code.parameters.length, 'parameter', 'parameters')}, the signature wants ${wanted}${sums ? ', the number of rows being the last' : ''}`);
  const symbols = new Set([...inputs, output].flatMap(({ axes }) => axes.flat(2)));
  for (const e of code.body.flatMap(expressionsOf)) {
    if (e.kind === 'constant' && !symbols.has(e.name)) fail(`no shape in the signature gives the constant "${e.name}"`);
    if (e.kind !== 'load') continue;
    const input = inputs[code.parameters.indexOf(e.array)];
    if (!input) fail(`"${e.array}" is indexed, and is no array of the signature`);
    const axes = input!.axes.length + (input!.rows ? 1 : 0);
    if (e.indices.length !== axes) fail(`"${input!.name}" has ${counted(axes, 'axis', 'axes')} and is read with ${counted(e.indices.length, 'index', 'indices')}`);
  }
  if (sums && !addsToItsFirst(code)) {
    const [first, rows] = [code.parameters[0]!, code.parameters.at(-1)!];
    fail(`it sums over all rows, and so has to return its first input and what one loop adds to it: let sum = ${first}[…]; for (let row = 0; row < ${rows}; row++) { sum += …; } return sum; – and to leave the rest to another kernel`);
  }
  checked.add(kernel);
  return code;
};
