/**
 * Calls that no rule of ours fits, compiled by GPU.js: right, and slower. GPU.js addresses arrays
 * without gaps alone, so slices and parts of joins are copied to and from such arrays.
 */
import { type Apply, sizeOf, type Tensor } from '../../program/graph.js';
import { signatureOf } from '../../program/signature.js';
import type { GpuInstance } from '../gpujs.js';
import type { CallShape, Operand } from './analyse.js';
import { createRowKernel, type Dense, instantiate, type Span } from './kernel.js';

const GAP = 64;
const align = (bytes: number): number => GAP * Math.ceil(bytes / GAP);

/** Bytes that the copies of a call's arrays take at most. */
export const scratchBytes = ({ inputs, output }: Apply, rows: number): number => [...inputs, output].reduce((sum, { shape }) => sum + align(4 * sizeOf(shape) * rows), 0);

export interface ForeignOptions {
  readonly gpu: GpuInstance;
  readonly memory: WebAssembly.Memory;
  readonly rows: number;
  /** Where the call's copies begin, and where all memory in use ends. */
  readonly scratch: number;
  readonly end: number;
  /** Where the number of rows lies. */
  readonly rowCount: number;
  /** Copies rows of `size` numbers. */
  readonly move: (from: Operand, to: Operand, size: number, inRows: boolean) => Span;
}

const denseStrides = (dims: readonly number[]): readonly number[] => dims.map((_, i) => sizeOf(dims.slice(i + 1)));

const flat = ({ offset, strides }: Operand, inRows: boolean): Operand => ({ offset, strides: inRows ? [strides[0]!, 1] : [1] });

export const foreignCall = (call: Apply, shape: CallShape, { gpu, memory, rows, scratch, end, rowCount, move }: ForeignOptions): Span => {
  let free = scratch;
  const dense = (tensor: Tensor, operand: Operand): Dense & { readonly copied: boolean } => {
    const dims = [...(tensor.domain === 'single' ? [] : [rows]), ...tensor.shape];
    const strides = denseStrides(dims);
    const copied = strides.join() !== operand.strides.join();
    const offset = copied ? free : operand.offset;
    if (copied) free += align(4 * sizeOf(dims));
    return { operand: { offset, strides }, dims: dims.length > 0 ? dims : [1], copied };
  };
  const copy = (tensor: Tensor, from: Operand, to: Operand): Span => {
    const inRows = tensor.domain !== 'single';
    return move(flat(from, inRows), flat(to, inRows), sizeOf(tensor.shape), inRows);
  };
  const inputs = call.inputs.map((tensor, i) => dense(tensor, shape.inputs[i]!));
  const output = dense(call.output, shape.output);
  const before = inputs.flatMap((input, i) => (input.copied ? [copy(call.inputs[i]!, shape.inputs[i]!, input.operand)] : []));
  const after = output.copied ? [copy(call.output, output.operand, shape.output)] : [];
  const kernel = createRowKernel(gpu, shape, rows);
  const rowCounts = signatureOf(call.kernel).sums ? 1 : 0;
  const compute = instantiate(kernel.assembleDense({ inputs, output, rowCounts, rowCountAt: rowCount }, end), memory, kernel.usedMathImports);
  const integers = new Int32Array(memory.buffer);
  const cells = sizeOf(call.output.shape);
  return (from, to) => {
    for (const span of before) span(from, to);
    integers[rowCount / 4] = to;
    if (shape.rows) compute(from * cells, to * cells, 0);
    else compute(0, cells, 0);
    for (const span of after) span(from, to);
  };
};
