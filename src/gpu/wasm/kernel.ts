/**
 * GPU.js's WebAssembly kernel with our own code generator in place of its: a kernel is made by
 * `gpu.createKernel` as any other, and what no rule of ours fits is compiled by GPU.js itself.
 */
import { Input, integers, type GpuInstance, type ModuleLayout, type Region, WebAssemblyKernel } from '../gpujs.js';
import { printKernel } from '../source/print.js';
import type { CallShape, Operand } from './analyse.js';
import { type CompiledCall, compileCall } from './compile.js';

/** Computes the rows from … to; arrays without rows have one. */
export type Span = (from: number, to: number) => void;

/** Rows of an array that lies without gaps. */
export interface Dense {
  readonly operand: Operand;
  /** Outermost first, rows included. */
  readonly dims: readonly number[];
}

/** A module that GPU.js compiles needs its arrays without gaps, and finds the number of rows in memory. */
export interface DenseCall {
  readonly inputs: readonly Dense[];
  readonly output: Dense;
  readonly rowCounts: number;
  readonly rowCountAt: number;
}

const regionOf = ({ operand, dims }: Dense): Region => {
  const [x = 1, y = 1, z = 1] = [...dims].reverse();
  return { offset: operand.offset, dims: [x, y, z], flatLength: x * y * z };
};

export class RowKernel extends WebAssemblyKernel {
  /** Throws Unsupported (affine.ts) where no rule fits. */
  compileRows(call: CallShape): CompiledCall {
    return compileCall(call);
  }

  /** GPU.js's own translation. */
  assembleDense({ inputs, output, rowCounts, rowCountAt }: DenseCall, totalBytes: number): Uint8Array<ArrayBuffer> {
    const stand = new Input(new Float32Array(1), [1, 1, 1]);
    const values: unknown[] = [...inputs.map(() => stand), ...Array.from({ length: rowCounts }, () => 1)];
    this.setupConstants();
    this.setupArguments(values);
    this.validateSettings(values);
    this.threadDim = [...this.output, 1, 1].slice(0, 3);
    this.translateSource();
    const names = this.argumentNames;
    const layout: ModuleLayout = {
      arrays: Object.fromEntries(inputs.map((input, index) => [names[index]!, { index, ...regionOf(input) }])),
      scalars: Object.fromEntries(Array.from({ length: rowCounts }, (_, i) => [names[inputs.length + i]!, { index: inputs.length + i, offset: rowCountAt, type: 'Integer' }])),
      constantArrays: {},
      outputOffset: output.operand.offset,
      totalBytes,
    };
    return this._assembleModule(layout, output.dims.reduce((a, b) => a * b, 1), false).bytes as Uint8Array<ArrayBuffer>;
  }
}

/** What GPU.js makes a call's kernel from. */
const sourceOf = ({ code, constants, extents, rows: inRows, inputs }: CallShape, rows: number) => {
  const output = [...[...extents].reverse(), ...(inRows ? [rows] : [])];
  return [
    printKernel(code),
    {
      output: output.length > 0 ? output : [1],
      constants: { ...constants },
      constantTypes: integers(constants),
      loopMaxIterations: 2 ** 30,
      argumentTypes: code.parameters.map((_, i) => (i < inputs.length ? 'Input' : 'Integer')),
    },
  ] as const;
};

/** GPU.js's kernel for a call. */
export const createRowKernel = (gpu: GpuInstance, call: CallShape, rows: number): RowKernel => gpu.createKernel(...sourceOf(call, rows)).kernel as unknown as RowKernel;

/** The same, one for all calls that differ only in where their arrays lie. */
export const rowKernels = (gpu: GpuInstance, rows: number): ((call: CallShape) => RowKernel) => {
  const made = new Map<string, RowKernel>();
  return (call) => {
    const key = JSON.stringify(sourceOf(call, rows));
    const kernel = made.get(key) ?? createRowKernel(gpu, call, rows);
    made.set(key, kernel);
    return kernel;
  };
};

/** A module that GPU.js assembled: run(first cell, end). */
export const instantiate = (bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory, math: Iterable<string>): ((from: number, to: number, seed: number) => void) => {
  const environment: Record<string, WebAssembly.ImportValue> = { memory };
  for (const name of math) environment[`math_${name}`] = Math[name as 'pow'];
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: environment }).exports.run as Span;
};
