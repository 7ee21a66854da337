/**
 * A GPU.js backend that computes call by call: compiled kernels by what they were compiled for, and
 * arrays, counted while they are alive. An array is a texture or buffer on a GPU and an Input on the cpu;
 * in either it lies flat, row after row.
 */
import type { Kernel } from '../../../kernels/kernel.js';
import { type Shape, type Sizes, sizeOf } from '../../program/graph.js';
import { type GpuInstance, Input, type InputValue, integers, type KernelRun, type KernelSource } from '../gpujs.js';
import { printKernel } from '../source/print.js';
import { readKernel } from '../source/read.js';
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
  const compiled = (source: KernelSource | string, inputs: ReadonlyArray<readonly number[]>, output: readonly number[], constants: Sizes): KernelRun => {
    const text = typeof source === 'string' ? source : printKernel(readKernel(source));
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

  const launch = async (run: KernelRun, inputs: readonly unknown[], dims: readonly number[]): Promise<Handle> => {
    launched++;
    const result = run(...inputs);
    return keep(result instanceof Promise ? await result : result, dims);
  };

  const isWhole = ({ base, at, shape }: View): boolean => at === 0 && base.join() === shape.join();
  /** The view as an array of its own. */
  const alone = (view: View): Handle => (isWhole(view) ? view.handle : new Input(cut((view.handle as InputValue).value, view), pad(dimensions(view.shape, view.rows))));

  return {
    apply: (kernel, inputs, output, constants, rows) => {
      const run = compiled(kernel.source as KernelSource, inputs.map(({ shape, rows: count }) => dimensions(shape, count)), output, constants);
      return launch(run, [...inputs.map(alone), ...rows], output);
    },
    join: async (parts) => {
      const cuts = parts.map((part) => cut((part.handle as InputValue).value, part));
      const rows = parts[0]!.rows ?? 1;
      const sizes = parts.map(({ shape }) => sizeOf(shape));
      const width = sizes.reduce((a, b) => a + b, 0);
      const result = new Float32Array(rows * width);
      for (let row = 0, end = 0; row < rows; row++) {
        cuts.forEach((values, i) => {
          result.set(values.subarray(row * sizes[i]!, (row + 1) * sizes[i]!), end);
          end += sizes[i]!;
        });
      }
      return keep(result, dimensions([width], parts[0]!.rows));
    },
    upload: async (values, dims) => {
      if (!onDevice) return keep(values, dims);
      return launch(compiled(copy, [dims], dims, {}), [new Input(values, pad(dims))], dims);
    },
    download: async (handle, size) => {
      if (!onDevice) return (handle as InputValue).value.slice();
      const flat = new Float32Array(size);
      flatten(await (handle as Resident).toArray(), flat);
      return flat;
    },
    free: (handle) => {
      alive--;
      if (onDevice) (handle as Resident).delete?.();
    },
    launches: () => launched,
    resources: () => ({ arrays: alive, kernels: kernels.size }),
  };
};

