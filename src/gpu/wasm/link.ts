/** The calls of a program as functions over one memory. */
import { type Apply, type Call, type Join, type Program, sizeOf, type Tensor } from '../../program/graph.js';
import { signatureOf } from '../../program/signature.js';
import { GPU } from '../gpujs.js';
import type { KernelCode } from '../source/ir.js';
import { readKernel } from '../source/read.js';
import { Unsupported } from './affine.js';
import type { CallShape, Operand } from './analyse.js';
import { createRowKernel, type Dense, instantiate, RowKernel, type Span } from './kernel.js';
import { layOut, type Layout, operandOf } from './layout.js';

export interface Linked {
  readonly call: Call;
  readonly name: string;
  readonly run: Span;
  /** Whether it may sum over some of the rows at a time. */
  readonly blocks: boolean;
  /** What each kernel's call got (compile.ts), or why GPU.js compiled it. */
  readonly schedule: readonly string[];
}

const INDEX_Y = { kind: 'thread', axis: 'y' } as const;
const INDEX_X = { kind: 'thread', axis: 'x' } as const;
/** Copies a part of a join: its row's numbers, or the same ones into every row. */
const copying = (rows: boolean): KernelCode => ({ parameters: ['part'], body: [{ kind: 'return', value: { kind: 'load', array: 'part', indices: rows ? [INDEX_Y, INDEX_X] : [INDEX_X] } }] });

const denseStrides = (dims: readonly number[]): readonly number[] => dims.map((_, i) => sizeOf(dims.slice(i + 1)));

export interface Memory {
  readonly memory: WebAssembly.Memory;
  readonly layout: Layout;
  /** By section and call. */
  readonly linked: ReadonlyMap<Call, readonly Linked[]>;
  readonly dispose: () => void;
}

/** Pages of 64 KiB that WebAssembly's 32-bit addresses reach. */
const MOST_PAGES = 65536;
const PAGE = 65536;

/** Where the number of rows lies for kernels that GPU.js compiles. */
export const ROW_COUNT = 0;

export const link = (program: Program, batch: number, capacity: number): Memory => {
  const gpu = new GPU({ mode: 'webasm' });
  gpu.Kernel = RowKernel;
  const rows = batch * Math.max(capacity, 1);
  const calls = Object.values(program.calls).flat();
  /** Calls that no rule fits, and why. */
  const foreign = new Map<Call, string>();

  const shapeOf = (layout: Layout, { kernel, inputs, output, constants }: Apply): CallShape => ({
    code: readKernel(kernel.source),
    constants,
    inputs: inputs.map((tensor) => operandOf(tensor, layout.placed.get(tensor.id)!, batch)),
    output: operandOf(output, layout.placed.get(output.id)!, batch),
    extents: output.shape,
    rows: output.domain !== 'single',
  });
  const copy = (from: Operand, to: Operand, size: number, toRows: boolean): CallShape => ({ code: copying(from.strides.length === 2), constants: {}, inputs: [from], output: to, extents: [size], rows: toRows });

  /** Throws Unsupported where a kernel that is not known to be foreign fits no rule. */
  const build = (): Memory => {
    const apart = new Set([...foreign.keys()].map(({ output }) => output.id));
    const layout = layOut(program, batch, capacity, (id) => !apart.has(id));
    const scratch = new Map<Call, number>();
    let end = layout.bytes;
    for (const call of foreign.keys()) {
      scratch.set(call, end);
      end += 64 * Math.ceil(([...call.inputs, call.output].reduce((sum, { shape }) => sum + 4 * sizeOf(shape) * rows, 0) + 256) / 64);
    }
    const pages = Math.ceil(end / PAGE) + 16;
    if (pages > MOST_PAGES) throw new Error(`${batch} sequences of ${capacity} steps need ${Math.ceil(pages / 16384)} GiB, of the 4 that WebAssembly reaches: fewer slots, a smaller width or batch, or shorter sequences`);
    const maximum = Math.max(pages, 4096);
    const memory = new WebAssembly.Memory({ initial: pages, maximum });
    const assemble = (shape: CallShape) => {
      const { bytes, schedule } = createRowKernel(gpu, shape, rows).assembleRows(shape, pages, maximum);
      return { run: instantiate(bytes, memory) as Span, schedule };
    };

    const joined = (call: Join): readonly Linked[] => {
      const { offset, stride } = layout.placed.get(call.output.id)!;
      const inRows = call.output.domain !== 'single';
      return layout.copies(call).map(({ part, column }) => {
        const size = sizeOf(part.shape);
        const from = operandOf({ ...part, shape: [size] }, layout.placed.get(part.id)!, batch);
        return { call, name: 'join', blocks: false, ...assemble(copy(from, { offset: offset + 4 * column, strides: [...(inRows ? [stride] : []), 1] }, size, inRows)) };
      });
    };
    /** By way of arrays without gaps, which is what GPU.js can address. */
    const applied = (call: Apply, reason: string): Linked => {
      const shape = shapeOf(layout, call);
      let at = scratch.get(call)!;
      const dense = (tensor: Tensor, operand: Operand): Dense & { readonly copies: boolean } => {
        const inRows = tensor.domain !== 'single';
        const dims = [...(inRows ? [rows] : []), ...tensor.shape];
        const strides = denseStrides(dims);
        const copies = strides.join() !== operand.strides.join();
        const offset = copies ? at : operand.offset;
        if (copies) at += 64 * Math.ceil((4 * sizeOf(dims)) / 64);
        return { operand: { offset, strides }, dims: dims.length > 0 ? dims : [1], copies };
      };
      const flatten = (operand: Operand, inRows: boolean): Operand => ({ offset: operand.offset, strides: inRows ? [operand.strides[0]!, 1] : [1] });
      const move = (tensor: Tensor, from: Operand, to: Operand): Span => {
        const inRows = tensor.domain !== 'single';
        const size = sizeOf(tensor.shape);
        return assemble(copy(flatten(from, inRows), flatten(to, inRows), size, inRows)).run;
      };
      const inputs = call.inputs.map((tensor, i) => dense(tensor, shape.inputs[i]!));
      const output = dense(call.output, shape.output);
      const before = inputs.flatMap((input, i) => (input.copies ? [move(call.inputs[i]!, shape.inputs[i]!, input.operand)] : []));
      const after = output.copies ? [move(call.output, output.operand, shape.output)] : [];
      const kernel = createRowKernel(gpu, shape, rows);
      const counts = signatureOf(call.kernel).sums ? 1 : 0;
      const bytes = kernel.assembleDense({ inputs, output, rowCounts: counts, rowCountAt: ROW_COUNT }, end);
      const compute = instantiate(bytes, memory, kernel.usedMathImports);
      const integers = new Int32Array(memory.buffer);
      const cells = sizeOf(call.output.shape);
      const run: Span = (from, to) => {
        for (const span of before) span(from, to);
        integers[ROW_COUNT / 4] = to;
        if (shape.rows) compute(from * cells, to * cells, 0);
        else compute(0, cells, 0);
        for (const span of after) span(from, to);
      };
      return { call, name: call.kernel.name, run, blocks: false, schedule: [`compiled by GPU.js: ${reason}`] };
    };

    const linked = new Map<Call, readonly Linked[]>();
    for (const call of calls) {
      if (call.kind === 'join') {
        linked.set(call, joined(call));
        continue;
      }
      const reason = foreign.get(call);
      if (reason !== undefined) {
        linked.set(call, [applied(call, reason)]);
        continue;
      }
      try {
        linked.set(call, [{ call, name: call.kernel.name, blocks: true, ...assemble(shapeOf(layout, call)) }]);
      } catch (error) {
        if (error instanceof Unsupported) foreign.set(call, error.message);
        throw error;
      }
    }
    return { memory, layout, linked, dispose: () => void gpu.destroy() };
  };

  for (;;) {
    try {
      return build();
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
    }
  }
};
