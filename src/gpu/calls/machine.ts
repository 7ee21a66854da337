/**
 * The machine of the backends that compute call by call (headlessgl, webgl, webgl2, webgpu, cpu):
 * every call of a program is one GPU.js kernel call whose result is a new array, a texture on a GPU.
 * Kernels are compiled once for their shapes, so their number does not depend on the number of steps.
 * Arrays live in one table and are freed as soon as no later call reads them.
 */
import { type Call, type Program, type Section, sizeOf, type Tensor } from '../../program/graph.js';
import type { Machine, Run } from '../../program/machine.js';
import { signatureOf } from '../../program/signature.js';
import type { GpuInstance } from '../gpujs.js';
import { profiler } from '../profile.js';
import { cut, dimensions, type Handle, openDevice, type View } from './device.js';

export interface CallsOptions {
  readonly batch: number;
  readonly capacity: number;
  readonly profiling?: boolean;
  readonly now?: () => number;
}

/** A machine that owns `gpu` and destroys it when disposed of. */
export const callsMachine = async (program: Program, gpu: GpuInstance, options: CallsOptions): Promise<Machine> => {
  const { batch, capacity, profiling = false, now = () => performance.now() } = options;
  const device = openDevice(gpu);
  const singles = new Map<number, Handle>();
  const initials = new Map<number, Handle>();
  /** By tensor, then by step. */
  const rows = new Map<number, Map<number, Handle>>();
  const startOf = new Map(program.carries.map(({ current, initial }) => [current.id, initial]));
  const exposed = new Set(Object.values(program.named).map(({ id }) => id));
  const { add, take } = profiler();

  const rowsOf = ({ domain }: Tensor): number | null => (domain === 'single' ? null : batch);
  const whole = ({ id }: Tensor): Tensor => program.tensors[id]!;
  const dims = (tensor: Tensor): number[] => dimensions(whole(tensor).shape, rowsOf(tensor));

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
  const zero = (tensor: Tensor): Promise<Handle> => {
    const key = dims(tensor).join();
    const handle = zeros.get(key) ?? device.upload(new Float32Array(sizeOf(dims(tensor))), dims(tensor));
    zeros.set(key, handle);
    return handle;
  };

  const value = async (tensor: Tensor, step: number, steps: number): Promise<View> => {
    const { id, domain, at, shape, offset } = tensor;
    const view = (handle: Handle, base = whole(tensor).shape, begin = at): View => ({ handle, base, at: begin, shape, rows: rowsOf(tensor) });
    if (domain === 'single') return view(singles.get(id) ?? (await zero(tensor)));
    if (domain === 'initial') return view(initials.get(id)!);
    const start = startOf.get(id);
    if (step + offset < 0) return view(initials.get(start!.id)!, whole(start!).shape, start!.at + at);
    return view(step + offset < steps ? rows.get(id)!.get(step + offset)! : await zero(tensor));
  };

  const compute = async (call: Call, step: number, steps: number): Promise<Handle> => {
    const inputs = await Promise.all(call.inputs.map((tensor) => value(tensor, step, steps)));
    if (call.kind === 'join') return device.join(inputs);
    return device.apply(call.kernel, inputs, dims(call.output), call.constants, signatureOf(call.kernel).sums ? [batch] : []);
  };

  const execute = async (section: Section, call: Call, step: number, steps: number): Promise<void> => {
    const start = profiling ? now() : 0;
    put(call.output, step, await compute(call, step, steps));
    if (profiling) add(section, call.kind === 'join' ? 'join' : call.kernel.name, now() - start);
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
      if (call.kind === 'apply' && call.sumOver === 'step') for (let step = 0; step < steps; step++) await execute(section, call, step, steps);
      else await execute(section, call, 0, steps);
    }
  };

  /** The states that the last step left, which are no longer among the rows. */
  const takeStates = (): ReadonlyMap<number, Handle> => {
    const states = new Map<number, Handle>();
    for (const { direction, initial, current } of program.carries) {
      const steps = rows.get(current.id);
      const last = steps && Math.max(...steps.keys());
      if (direction !== 'forward' || !initial || last === undefined) continue;
      states.set(initial.id, steps!.get(last)!);
      steps!.delete(last);
    }
    return states;
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

  /** All of a single array, also of one that nothing has set. */
  const entire = async (tensor: Tensor): Promise<Float32Array> => {
    const size = sizeOf(whole(tensor).shape);
    const handle = singles.get(tensor.id);
    return handle === undefined ? new Float32Array(size) : device.download(handle, size);
  };

  return {
    batch,
    capacity,
    set: async (name, values) => {
      const tensor = named(name);
      const { at, shape } = tensor;
      if (sizeOf(shape) === sizeOf(whole(tensor).shape)) return put(tensor, 0, await device.upload(values, dims(tensor)));
      const all = await entire(tensor);
      all.set(values, at);
      put(tensor, 0, await device.upload(all, dims(tensor)));
    },
    get: async (name) => {
      const { at, shape } = named(name);
      return (await entire(named(name))).slice(at, at + sizeOf(shape));
    },
    run: async ({ steps, inputs, sections, resume = false }: Run) => {
      const states = resume ? takeStates() : new Map<number, Handle>();
      freeRows();
      states.forEach((handle, id) => initials.set(id, handle));
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
      const tensor = named(name);
      const { at, shape } = tensor;
      const base = whole(tensor).shape;
      const size = sizeOf(shape) * batch;
      const all = new Float32Array(steps * size);
      const handles = rows.get(tensor.id);
      for (let step = 0; step < steps; step++) all.set(cut(await device.download(handles?.get(step), sizeOf(base) * batch), { base, at, shape, rows: batch }), step * size);
      return all;
    },
    profile: take,
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
