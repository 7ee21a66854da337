/**
 * The machine of the backends that compute call by call (headlessgl, webgl, webgl2, webgpu, cpu):
 * every call of a program is one GPU.js kernel call whose result is a new array, a texture on a GPU.
 * Kernels are compiled once for their shapes, so their number does not depend on the number of steps. Arrays
 * live in one table and are freed as soon as no later call reads them.
 */
import { type Call, type Program, rowCounts, type Section, sizeOf, type Tensor } from '../program/graph.js';
import type { Machine, Profile, Run } from '../program/machine.js';
import { type GpuInstance, Input, integers, type KernelRun, type KernelSource } from './gpujs.js';
import { PRECISE_GLSL, PreciseWebGPUKernel } from './shaders.js';
import { kernelText } from './source.js';

/** An array on the backend: a texture or buffer on a GPU, an Input on the cpu. */
type Handle = unknown;

interface Resident {
  readonly toArray?: () => unknown;
  readonly delete?: () => void;
}

const copy = function (this: { thread: { x: number; y: number; z: number } }, v: number[][][]): number {
  return v[this.thread.z]![this.thread.y]![this.thread.x]!;
};

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

const pad = (dims: readonly number[]): number[] => [...dims, 1, 1, 1].slice(0, 3);

/** Kernels by source and shape, and arrays with a count of those alive. */
const backend = (gpu: GpuInstance) => {
  const kernels = new Map<string, KernelRun>();
  const sources = new Map<KernelSource, number>();
  const onDevice = gpu.mode !== 'cpu';
  let alive = 0;
  if (gpu.mode === 'webgpu') gpu.Kernel = PreciseWebGPUKernel;

  /** A compiled GL kernel takes its inputs in the shapes of its first call alone. */
  const compiled = (source: KernelSource, inputs: ReadonlyArray<readonly number[]>, output: readonly number[], constants: Readonly<Record<string, number>>): KernelRun => {
    if (!sources.has(source)) sources.set(source, sources.size);
    const key = `${sources.get(source)} ${inputs.join(' ')} ${output.join()} ${Object.entries(constants).join()}`;
    const existing = kernels.get(key);
    if (existing) return existing;
    const run = gpu.createKernel(kernelText(source), {
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

  return {
    call: async (source: KernelSource, inputs: readonly unknown[], shapes: ReadonlyArray<readonly number[]>, dims: readonly number[], constants: Readonly<Record<string, number>>): Promise<Handle> => {
      const result = compiled(source, shapes, dims, constants)(...inputs);
      return keep(result instanceof Promise ? await result : result, dims);
    },
    upload: async (values: Float32Array, dims: readonly number[]): Promise<Handle> => {
      const input = new Input(values, pad(dims));
      if (!onDevice) return keep(values, dims);
      const result = compiled(copy as never, [dims], dims, {})(input);
      return keep(result instanceof Promise ? await result : result, dims);
    },
    download: async (handle: Handle, size: number): Promise<Float32Array> => {
      if (!onDevice) return (handle as { value: Float32Array }).value.slice();
      const flat = new Float32Array(size);
      flatten(await (handle as Required<Resident>).toArray(), flat);
      return flat;
    },
    free: (handle: Handle): void => {
      alive--;
      if (onDevice) (handle as Resident).delete?.();
    },
    resources: () => ({ arrays: alive, kernels: kernels.size }),
  };
};

export interface StepwiseOptions {
  readonly batch: number;
  readonly profiling?: boolean;
  readonly now?: () => number;
}

/** A machine that owns `gpu` and destroys it when disposed of. */
export const stepwiseMachine = async (program: Program, gpu: GpuInstance, options: StepwiseOptions): Promise<Machine> => {
  const { batch, profiling = false, now = () => performance.now() } = options;
  const device = backend(gpu);
  const singles = new Map<number, Handle>();
  const initials = new Map<number, Handle>();
  /** By tensor, then by step. */
  const rows = new Map<number, Map<number, Handle>>();
  const startOf = new Map(program.carries.map(({ current, initial }) => [current.id, initial]));
  const exposed = new Set(Object.values(program.named).map(({ id }) => id));
  const times = new Map<string, Profile>();

  const dims = (tensor: Tensor): number[] => [...[...tensor.shape].reverse(), ...(tensor.domain === 'single' ? [] : [batch])];

  const put = (tensor: Tensor, step: number, handle: Handle): void => {
    if (tensor.domain === 'single') {
      const old = singles.get(tensor.id);
      singles.set(tensor.id, handle);
      if (old !== undefined) device.free(old);
    } else if (tensor.domain === 'initial') {
      initials.set(tensor.id, handle);
    } else {
      const steps = rows.get(tensor.id) ?? new Map<number, Handle>();
      rows.set(tensor.id, steps.set(step, handle));
    }
  };

  /** Promises, so that two inputs of one call share an array that is still on its way. */
  const zeros = new Map<string, Promise<Handle>>();
  const zero = (shape: readonly number[]): Promise<Handle> => {
    const key = shape.join();
    const handle = zeros.get(key) ?? device.upload(new Float32Array(sizeOf(shape)), shape);
    zeros.set(key, handle);
    return handle;
  };

  const value = async (tensor: Tensor, step: number, steps: number): Promise<Handle> => {
    if (tensor.domain === 'single') return singles.get(tensor.id) ?? zero(dims(tensor));
    if (tensor.domain === 'initial') return initials.get(tensor.id)!;
    const at = step + tensor.offset;
    if (at < 0) return initials.get(startOf.get(tensor.id)!.id)!;
    return at < steps ? rows.get(tensor.id)!.get(at)! : zero(dims(tensor));
  };

  const execute = async (section: Section, call: Call, step: number, steps: number): Promise<void> => {
    const start = profiling ? now() : 0;
    const inputs = await Promise.all(call.inputs.map((tensor) => value(tensor, step, steps)));
    const counts = [batch, batch - (batch % 4)].slice(0, rowCounts(call));
    put(call.output, step, await device.call(call.kernel.source as KernelSource, [...inputs, ...counts], call.inputs.map(dims), dims(call.output), call.constants));
    if (!profiling) return;
    const key = `${section} ${call.kernel.name}`;
    const { calls, milliseconds } = times.get(key) ?? { calls: 0, milliseconds: 0 };
    times.set(key, { kernel: call.kernel.name, section, calls: calls + 1, milliseconds: milliseconds + now() - start });
  };

  /** Tensors of a section that a later section, or somebody outside, reads. */
  const readLater = (section: Section, sections: readonly Section[]): ReadonlySet<number> =>
    new Set([...exposed, ...sections.slice(sections.indexOf(section) + 1).flatMap((later) => program.calls[later].flatMap(({ inputs }) => inputs.map(({ id }) => id)))]);

  const freeStep = (id: number, step: number): void => {
    const steps = rows.get(id);
    if (!steps?.has(step)) return;
    device.free(steps.get(step));
    steps.delete(step);
  };

  const runSteps = async (section: 'forward' | 'backward', steps: number, sections: readonly Section[]): Promise<void> => {
    const kept = readLater(section, sections);
    const carried = new Set(program.carries.map(({ current }) => current.id));
    const passing = program.calls[section].map(({ output }) => output.id).filter((id) => !kept.has(id));
    for (let i = 0; i < steps; i++) {
      const step = section === 'forward' ? i : steps - 1 - i;
      for (const call of program.calls[section]) await execute(section, call, step, steps);
      const before = section === 'forward' ? step - 1 : step + 1;
      for (const id of passing) freeStep(id, carried.has(id) ? before : step);
    }
  };

  const runSection = async (section: Section, steps: number, sections: readonly Section[]): Promise<void> => {
    if (section === 'forward' || section === 'backward') return runSteps(section, steps, sections);
    if (section === 'gradients') {
      for (const tensor of program.tensors.filter(({ role }) => role === 'gradient')) {
        const old = singles.get(tensor.id);
        if (old !== undefined) device.free(old);
        singles.delete(tensor.id);
      }
    }
    for (const call of program.calls[section]) {
      if (call.sumOver === 'step') for (let step = 0; step < steps; step++) await execute(section, call, step, steps);
      else await execute(section, call, 0, steps);
    }
  };

  const freeRows = (): void => {
    rows.forEach((handles) => handles.forEach((handle) => device.free(handle)));
    initials.forEach((handle) => device.free(handle));
    rows.clear();
    initials.clear();
  };

  const named = (name: string): Tensor => {
    const tensor = program.named[name];
    if (!tensor) throw new Error(`no array named "${name}" in the program`);
    return tensor;
  };

  return {
    batch,
    set: async (name, values) => put(named(name), 0, await device.upload(values, dims(named(name)))),
    get: async (name) => {
      const handle = singles.get(named(name).id);
      return handle === undefined ? new Float32Array(sizeOf(named(name).shape)) : device.download(handle, sizeOf(named(name).shape));
    },
    run: async ({ steps, inputs, sections }: Run) => {
      freeRows();
      for (const [name, tensor] of Object.entries(program.named)) {
        const size = sizeOf(tensor.shape) * batch;
        const values = inputs[name];
        if (tensor.role !== 'input') continue;
        for (let step = 0; step < steps; step++) {
          put(tensor, step, await device.upload(values ? values.slice(step * size, (step + 1) * size) : new Float32Array(size), dims(tensor)));
        }
      }
      for (const section of sections) await runSection(section, steps, sections);
    },
    rows: async (name, steps) => {
      const size = sizeOf(named(name).shape) * batch;
      const all = new Float32Array(steps * size);
      const handles = rows.get(named(name).id);
      for (let step = 0; step < steps; step++) all.set(await device.download(handles?.get(step), size), step * size);
      return all;
    },
    profile: () => {
      const list = [...times.values()];
      times.clear();
      return list;
    },
    resources: device.resources,
    dispose: async () => {
      freeRows();
      singles.forEach(device.free);
      for (const handle of zeros.values()) device.free(await handle);
      singles.clear();
      zeros.clear();
      await gpu.destroy();
    },
  };
};
