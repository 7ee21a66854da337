/**
 * A GPU.js backend that computes call by call: compiled kernels by what they were compiled for, and
 * arrays, counted while they are alive. An array is a texture or buffer on a GPU and an Input on the cpu;
 * in either it lies flat, row after row.
 */
import type { Kernel } from '../../../kernels/kernel.js';
import { type Shape, type Sizes, sizeOf } from '../../program/graph.js';
import { type GpuInstance, Input, type InputValue, integers, type KernelRun } from '../gpujs.js';
import type { KernelCode } from '../source/ir.js';
import { printKernel } from '../source/print.js';
import { readKernel } from '../source/read.js';
import { overSlices, type Slice } from '../source/slices.js';
import { joinKernel } from './join.js';
import { PRECISE_GLSL, PreciseWebGPUKernel } from './shaders.js';

/** An array on the backend. */
export type Handle = unknown;

/** A slice of each row of an array, in a shape of its own; `rows` null: an array without rows. */
export interface View {
  readonly handle: Handle;
  /** The whole array's, without the axis of rows. */
  readonly base: Shape;
  readonly at: number;
  readonly shape: Shape;
  readonly rows: number | null;
}

export interface Device {
  /** The result of a kernel, which may take the number of rows as its last parameter. */
  readonly apply: (kernel: Kernel, inputs: readonly View[], output: Shape, constants: Sizes, rows: readonly number[]) => Promise<Handle>;
  /** Rows one behind the other, as [sum of the parts' sizes]. */
  readonly join: (parts: readonly View[]) => Promise<Handle>;
  readonly upload: (values: Float32Array, dims: Shape) => Promise<Handle>;
  readonly download: (handle: Handle, size: number) => Promise<Float32Array>;
  readonly free: (handle: Handle) => void;
  /** Kernels launched since the device was opened. */
  readonly launches: () => number;
  readonly resources: () => { readonly arrays: number; readonly kernels: number };
}

interface Resident {
  readonly toArray: () => unknown;
  readonly delete?: () => void;
}

const copy = 'function (v) { return v[this.thread.z][this.thread.y][this.thread.x]; }';

const flatten = (value: unknown, into: Float32Array, at = 0): number => {
  if (value instanceof Float32Array) {
    into.set(value, at);
    return at + value.length;
  }
  if (typeof value === 'number') {
    into[at] = value;
    return at + 1;
  }
  return (value as readonly unknown[]).reduce<number>((end, part) => flatten(part, into, end), at);
};

/** As GPU.js counts: innermost axis first, rows last. */
export const dimensions = (shape: Shape, rows: number | null): number[] => [...[...shape].reverse(), ...(rows === null ? [] : [rows])];
const pad = (dims: readonly number[]): number[] => [...dims, 1, 1, 1].slice(0, 3);

/** Arrays that one kernel can read and write on every backend: WebGPU promises eight. */
const MOST_PARTS = 7;

const sliceOf = ({ base, at, shape, rows }: View): Slice => ({ base, at, shape, rows: rows !== null });
const widthOf = (parts: readonly View[]): number => parts.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/** The values of a view, row after row. */
export const cut = (values: Float32Array, { base, at, shape, rows }: Omit<View, 'handle'>): Float32Array => {
  const [stride, size] = [sizeOf(base), sizeOf(shape)];
  const result = new Float32Array((rows ?? 1) * size);
  for (let row = 0; row < (rows ?? 1); row++) result.set(values.subarray(row * stride + at, row * stride + at + size), row * size);
  return result;
};

export const openDevice = (gpu: GpuInstance): Device => {
  const kernels = new Map<string, KernelRun>();
  const onDevice = gpu.mode !== 'cpu';
  let alive = 0;
  let launched = 0;
  if (gpu.mode === 'webgpu') gpu.Kernel = PreciseWebGPUKernel;

  /** A compiled GL kernel takes its inputs in the shapes of its first call alone. */
  const compiled = (text: string, inputs: ReadonlyArray<readonly number[]>, output: readonly number[], constants: Sizes = {}): KernelRun => {
    const key = `${text} ${inputs.join(' ')} ${output.join()} ${Object.entries(constants).join()}`;
    const existing = kernels.get(key);
    if (existing) return existing;
    const run = gpu.createKernel(text, {
      output,
      constants: { ...constants },
      constantTypes: integers(constants),
      loopMaxIterations: 65536,
      precision: 'single',
      ...(onDevice ? { pipeline: true, immutable: true } : {}),
      ...(gpu.mode === 'headlessgl' || gpu.mode.startsWith('webgl') ? { injectedNative: PRECISE_GLSL } : {}),
    });
    kernels.set(key, run);
    return run;
  };

  const keep = (result: unknown, dims: readonly number[]): Handle => {
    alive++;
    if (onDevice) return result;
    const flat = new Float32Array(sizeOf(dims));
    flatten(result, flat);
    return new Input(flat, pad(dims));
  };

  const free = (handle: Handle): void => {
    alive--;
    if (onDevice) (handle as Resident).delete?.();
  };

  const launch = async (run: KernelRun, inputs: readonly unknown[], dims: readonly number[]): Promise<Handle> => {
    launched++;
    const result = run(...inputs);
    return keep(result instanceof Promise ? await result : result, dims);
  };

  const run = (code: KernelCode, inputs: readonly View[], output: readonly number[], constants?: Sizes, rows: readonly number[] = []): Promise<Handle> =>
    launch(compiled(printKernel(code), inputs.map(({ base, rows: count }) => dimensions(base, count)), output, constants), [...inputs.map(({ handle }) => handle), ...rows], output);

  const join = async (parts: readonly View[]): Promise<Handle> => {
    const rows = parts[0]!.rows;
    if (parts.length <= MOST_PARTS) return run(joinKernel(parts.map(sliceOf)), parts, dimensions([widthOf(parts)], rows));
    const groups = Array.from({ length: Math.ceil(parts.length / MOST_PARTS) }, (_, i) => parts.slice(i * MOST_PARTS, (i + 1) * MOST_PARTS));
    const joined: View[] = [];
    for (const group of groups) joined.push({ handle: await join(group), base: [widthOf(group)], at: 0, shape: [widthOf(group)], rows });
    const result = await join(joined);
    joined.forEach(({ handle }) => free(handle));
    return result;
  };

  return {
    apply: (kernel, inputs, output, constants, rows) => run(overSlices(readKernel(kernel.source, kernel.name), inputs.map(sliceOf)), inputs, output, constants, rows),
    join,
    upload: async (values, dims) => {
      if (!onDevice) return keep(values, dims);
      return launch(compiled(copy, [dims], dims), [new Input(values, pad(dims))], dims);
    },
    download: async (handle, size) => {
      if (!onDevice) return (handle as InputValue).value.slice();
      const flat = new Float32Array(size);
      flatten(await (handle as Resident).toArray(), flat);
      return flat;
    },
    free,
    launches: () => launched,
    resources: () => ({ arrays: alive, kernels: kernels.size }),
  };
};

