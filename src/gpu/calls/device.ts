/**
 * A GPU.js backend that computes call by call: compiled kernels by what they were compiled for, and
 * arrays, counted while they are alive. An array is a texture or buffer on a GPU and an Input on the cpu;
 * in either it lies flat, row after row.
 */
import { type Shape, sizeOf } from '../../program/signature.js';
import { type GpuInstance, Input, type InputValue, type KernelRun } from '../gpujs.js';
import type { KernelCode } from '../source/ir.js';
import { printKernel } from '../source/print.js';
import { PRECISE_GLSL, PreciseWebGPUKernel } from './shaders.js';

/** `base` leaves the axis of rows out; `rows` null: there is none. */
export interface Layout {
  readonly base: Shape;
  readonly rows: number | null;
}

/** An array on the backend. */
export interface Held extends Layout {
  readonly handle: unknown;
}

export interface Device {
  /** Arrays that a kernel can read at once. */
  readonly mostArrays: number;
  /** A new array of this layout by a kernel; `key` stands for the code, which is asked for once. */
  readonly launch: (key: string, code: () => KernelCode, inputs: readonly Held[], numbers: readonly number[], layout: Layout) => Promise<Held>;
  readonly upload: (values: Float32Array, layout: Layout) => Promise<Held>;
  readonly download: (held: Held) => Promise<Float32Array>;
  readonly free: (held: Held) => void;
  /** Launches: since the device was opened. */
  readonly resources: () => { readonly arrays: number; readonly kernels: number; readonly launches: number };
}

interface Resident {
  readonly toArray: () => unknown;
  readonly delete?: () => void;
}

const COPY = 'function (v) { return v[this.thread.z][this.thread.y][this.thread.x]; }';

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
const dimensions = ({ base, rows }: Layout): number[] => [...[...base].reverse(), ...(rows === null ? [] : [rows])];
const pad = (dims: readonly number[]): number[] => [...dims, 1, 1, 1].slice(0, 3);

/** WebGPU promises eight arrays, with the one that is written. */
export const FEWEST_ARRAYS = 7;
const TEXTURES = 16;

export const openDevice = (gpu: GpuInstance): Device => {
  /** By text and shapes. */
  const kernels = new Map<string, KernelRun>();
  /** The same by the caller's key and shapes: to print a kernel costs as much as to launch it. */
  const known = new Map<string, KernelRun>();
  const onDevice = gpu.mode !== 'cpu';
  let alive = 0;
  let launched = 0;
  if (gpu.mode === 'webgpu') gpu.Kernel = PreciseWebGPUKernel;

  const compiled = (text: string, shapes: string, output: readonly number[]): KernelRun => {
    const existing = kernels.get(text + shapes);
    if (existing) return existing;
    const run = gpu.createKernel(text, {
      output,
      loopMaxIterations: 65536,
      precision: 'single',
      tactic: 'precision',
      ...(onDevice ? { pipeline: true, immutable: true } : {}),
      ...(gpu.mode === 'headlessgl' || gpu.mode.startsWith('webgl') ? { injectedNative: PRECISE_GLSL } : {}),
    });
    kernels.set(text + shapes, run);
    return run;
  };

  /** A compiled GL kernel takes its inputs in the shapes of its first call alone. */
  const kernelFor = (key: string, text: () => string, inputs: readonly Layout[], output: Layout): KernelRun => {
    const shapes = `${inputs.map(dimensions).join(' ')} ${dimensions(output).join()}`;
    const run = known.get(key + shapes) ?? compiled(text(), shapes, dimensions(output));
    known.set(key + shapes, run);
    return run;
  };

  const keep = (result: unknown, layout: Layout): Held => {
    alive++;
    if (onDevice) return { ...layout, handle: result };
    const flat = new Float32Array(sizeOf(dimensions(layout)));
    flatten(result, flat);
    return { ...layout, handle: new Input(flat, pad(dimensions(layout))) };
  };

  const run = async (kernel: KernelRun, inputs: readonly unknown[], layout: Layout): Promise<Held> => {
    launched++;
    const result = kernel(...inputs);
    return keep(result instanceof Promise ? await result : result, layout);
  };

  return {
    mostArrays: gpu.mode === 'webgpu' ? FEWEST_ARRAYS : TEXTURES,
    launch: (key, code, inputs, numbers, layout) => run(kernelFor(key, () => printKernel(code()), inputs, layout), [...inputs.map(({ handle }) => handle), ...numbers], layout),
    upload: async (values, layout) => (onDevice ? run(kernelFor('copy', () => COPY, [layout], layout), [new Input(values, pad(dimensions(layout)))], layout) : keep(values, layout)),
    download: async ({ handle, ...layout }) => {
      if (!onDevice) return (handle as InputValue).value.slice();
      const flat = new Float32Array(sizeOf(dimensions(layout)));
      flatten(await (handle as Resident).toArray(), flat);
      return flat;
    },
    free: ({ handle }) => {
      alive--;
      if (onDevice) (handle as Resident).delete?.();
    },
    resources: () => ({ arrays: alive, kernels: kernels.size, launches: launched }),
  };
};
