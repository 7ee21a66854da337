/** The calls of a program as functions of one WebAssembly module over one memory. */
import { type Apply, type Call, type Join, type Program, sizeOf } from '../../program/graph.js';
import { GPU } from '../gpujs.js';
import type { KernelCode } from '../source/ir.js';
import { readDeclared } from '../source/declared.js';
import { Unsupported } from './affine.js';
import type { CallShape, Operand } from './analyse.js';
import type { CompiledCall, Scheduled } from './compile.js';
import { moduleOf } from './encoding.js';
import { foreignCall, scratchBytes } from './foreign.js';
import { RowKernel, rowKernels, type Span } from './kernel.js';
import { layOut, type Layout, operandOf } from './layout.js';

export interface Linked {
  readonly call: Call;
  readonly name: string;
  readonly run: Span;
  /** Whether it may sum over some of the rows at a time. */
  readonly blocks: boolean;
  readonly schedule: readonly Scheduled[];
  /** Why GPU.js compiled it; null where we did. */
  readonly foreign: string | null;
}

export interface LinkedProgram {
  readonly memory: WebAssembly.Memory;
  readonly layout: Layout;
  readonly linked: ReadonlyMap<Call, readonly Linked[]>;
  readonly dispose: () => void;
}

const INDEX_Y = { kind: 'thread', axis: 'y' } as const;
const INDEX_X = { kind: 'thread', axis: 'x' } as const;
/** Copies a part of a join: its row's numbers, or the same ones into every row. */
const copying = (rows: boolean): KernelCode => ({ parameters: ['part'], body: [{ kind: 'return', value: { kind: 'load', array: 'part', indices: rows ? [INDEX_Y, INDEX_X] : [INDEX_X] } }] });

const copyCall = (from: Operand, to: Operand, size: number, inRows: boolean): CallShape => ({ code: copying(from.strides.length === 2), constants: {}, inputs: [from], output: to, extents: [size], rows: inRows });

/** Pages of 64 KiB that WebAssembly's 32-bit addresses reach, and some more than are laid out, for what loops prefetch. */
const PAGE = 65536;
const MOST_PAGES = 65536;
const SPARE_PAGES = 16;

/** Where the number of rows lies for kernels that GPU.js compiles. */
const ROW_COUNT = 0;

/** As GPU.js declares it in the modules that it assembles. */
const maximumOf = (pages: number): number => Math.max(pages, 4096);

const memoryOf = (bytes: number, batch: number, capacity: number): WebAssembly.Memory => {
  const pages = Math.ceil(bytes / PAGE) + SPARE_PAGES;
  if (pages > MOST_PAGES) throw new Error(`${batch} sequences of ${capacity} steps need ${Math.ceil(pages / 16384)} GiB, of the 4 that WebAssembly reaches: fewer slots, a smaller width or batch, or shorter sequences`);
  return new WebAssembly.Memory({ initial: pages, maximum: maximumOf(pages) });
};

/** Links all calls but those in `foreign` by our rules; adds to `foreign` what none fits, and returns null. */
const attempt = (program: Program, batch: number, capacity: number, foreign: Map<Call, string>): LinkedProgram | null => {
  const gpu = new GPU({ mode: 'webasm' });
  gpu.Kernel = RowKernel;
  const rows = batch * Math.max(capacity, 1);
  const apart = new Set([...foreign.keys()].map(({ output }) => output.id));
  const layout = layOut(program, batch, capacity, (id) => !apart.has(id));
  let end = layout.bytes;
  const scratch = new Map([...foreign.keys()].map((call) => {
    const at = end;
    end += scratchBytes(call as Apply, rows);
    return [call, at] as const;
  }));
  const memory = memoryOf(end, batch, capacity);
  const compiled: CompiledCall[] = [];
  let functions: readonly Span[] = [];

  const kernelOf = rowKernels(gpu, rows);
  const compile = (shape: CallShape): { readonly index: number; readonly schedule: readonly Scheduled[] } => {
    const code = kernelOf(shape).compileRows(shape);
    return { index: compiled.push(code) - 1, schedule: code.schedule };
  };
  /** Of a function that is there once all are compiled. */
  const later = (index: number): Span => (from, to) => functions[index]!(from, to);

  const shapeOf = ({ kernel, inputs, output, constants }: Apply): CallShape => ({
    code: readDeclared(kernel),
    constants,
    inputs: inputs.map((tensor) => operandOf(tensor, layout.placed.get(tensor.id)!, batch)),
    output: operandOf(output, layout.placed.get(output.id)!, batch),
    extents: output.shape,
    rows: output.domain !== 'single',
  });
  const join = (call: Join) => {
    const { offset, stride } = layout.placed.get(call.output.id)!;
    const inRows = call.output.domain !== 'single';
    return layout.copies(call).map(({ part, column }) => {
      const size = sizeOf(part.shape);
      const from = operandOf({ ...part, shape: [size] }, layout.placed.get(part.id)!, batch);
      return { call, name: 'join', blocks: false, foreign: null, ...compile(copyCall(from, { offset: offset + 4 * column, strides: [...(inRows ? [stride] : []), 1] }, size, inRows)) };
    });
  };
  const apply = (call: Apply) => {
    const reason = foreign.get(call);
    const shared = { call, name: call.kernel.name };
    if (reason === undefined) return { ...shared, blocks: true, foreign: null, ...compile(shapeOf(call)) };
    const move = (from: Operand, to: Operand, size: number, inRows: boolean): Span => later(compile(copyCall(from, to, size, inRows)).index);
    const run = foreignCall(call, shapeOf(call), { gpu, memory, rows, scratch: scratch.get(call)!, end, rowCount: ROW_COUNT, move });
    return { ...shared, blocks: false, run, schedule: [], foreign: reason };
  };

  const known = foreign.size;
  const links = new Map<Call, ReadonlyArray<ReturnType<typeof join>[number] | ReturnType<typeof apply>>>();
  for (const call of Object.values(program.calls).flat()) {
    try {
      links.set(call, call.kind === 'join' ? join(call) : [apply(call)]);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      foreign.set(call, error.message);
    }
  }
  if (foreign.size > known) return null;
  const pages = memory.buffer.byteLength / PAGE;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleOf(compiled, pages, maximumOf(pages))), { env: { memory } });
  functions = compiled.map((_, i) => exports[`run${i}`] as Span);
  const linked = new Map([...links].map(([call, list]) => [call, list.map((link): Linked => ('run' in link ? link : { ...link, run: functions[link.index]! }))] as const));
  return { memory, layout, linked, dispose: () => void gpu.destroy() };
};

export const link = (program: Program, batch: number, capacity: number): LinkedProgram => {
  const foreign = new Map<Call, string>();
  for (;;) {
    const linked = attempt(program, batch, capacity, foreign);
    if (linked) return linked;
  }
};
