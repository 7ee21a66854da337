/** A kernel's text, checked against what its signature declares. */
import type { Kernel } from '../../../kernels/kernel.js';
import { signatureOf } from '../../program/signature.js';
import type { KernelCode } from './ir.js';
import { readKernel } from './read.js';
import { isSumOfParts } from './sums.js';
import { allOf, expressionsOf, partsOf } from './tree.js';

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
  for (const e of allOf(code.body).flatMap(expressionsOf).flatMap((each) => partsOf(each))) {
    if (e.kind === 'constant' && !symbols.has(e.name)) fail(`no shape in the signature gives the constant "${e.name}"`);
    if (e.kind !== 'load') continue;
    const input = inputs[code.parameters.indexOf(e.array)];
    if (!input) fail(`"${e.array}" is indexed, and is no array of the signature`);
    const axes = input!.axes.length + (input!.rows ? 1 : 0);
    if (e.indices.length !== axes) fail(`"${input!.name}" has ${counted(axes, 'axis', 'axes')} and is read with ${counted(e.indices.length, 'index', 'indices')}`);
  }
  if (sums && !isSumOfParts(code)) {
    const [first, rows] = [code.parameters[0]!, code.parameters.at(-1)!];
    fail(`it sums over all rows, and so has to return its first input and what one loop adds to it: let sum = ${first}[…]; for (let row = 0; row < ${rows}; row++) { sum += …; } return sum; – and to leave the rest to another kernel`);
  }
  checked.add(kernel);
  return code;
};
