/**
 * The machine of the backends that compute call by call (headlessgl, webgl, webgl2, webgpu, cpu):
 * every call of a program is one GPU.js kernel call whose result is a new array, a texture on a GPU.
 * Kernels are compiled once for their shapes, so their number does not depend on the number of steps.
 * Calls that need no order over steps run once over the rows of all steps, for which arrays have room
 * for as many steps as the machine was made for. Arrays are freed as soon as no later call reads them.
 */
import { type Call, type Program, type Section, sizeOf, type Tensor } from '../../program/graph.js';
import type { Machine, Run } from '../../program/machine.js';
import { signatureOf } from '../../program/signature.js';
import type { GpuInstance } from '../gpujs.js';
import { profiler } from '../profile.js';
import { arraysOf } from './arrays.js';
import { type Held, openDevice, type View } from './device.js';
import { planOf, readsOwnRows } from './plan.js';

export interface CallsOptions {
  readonly batch: number;
  readonly capacity: number;
  readonly profiling?: boolean;
  readonly now?: () => number;
}

/** The part of each of `rows` rows that a tensor is. */
const cut = (values: Float32Array, stride: number, { at, shape }: Tensor, rows: number): Float32Array => {
  const size = sizeOf(shape);
  const result = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++) result.set(values.subarray(row * stride + at, row * stride + at + size), row * size);
  return result;
};

/** A machine that owns `gpu` and destroys it when disposed of. */
export const callsMachine = async (program: Program, gpu: GpuInstance, options: CallsOptions): Promise<Machine> => {
  const { batch, profiling = false, now = () => performance.now() } = options;
  const device = openDevice(gpu);
  const arrays = arraysOf(program, device, batch);
  const plans = { forward: planOf(program, 'forward'), backward: planOf(program, 'backward') };
  const exposed = new Set(Object.values(program.named).map(({ id }) => id));
  const carried = new Set(program.carries.map(({ current }) => current.id));
  const { add, take } = profiler();
  /** Steps for which arrays of all rows have room. */
  let capacity = options.capacity;

  const sizeOfWhole = ({ id }: Tensor): number => sizeOf(program.tensors[id]!.shape);

  const compute = (call: Call, inputs: readonly View[], rows: number | null, count: number): Promise<Held> =>
    call.kind === 'join' ? device.join(inputs, rows) : device.apply(call.kernel, inputs, call.output.shape, rows, call.constants, signatureOf(call.kernel).sums ? [count] : []);

  const timed = async (section: Section, call: Call, run: () => Promise<void>): Promise<void> => {
    const start = profiling ? now() : 0;
    await run();
    if (profiling) add(section, call.kind === 'join' ? 'join' : call.kernel.name, now() - start);
  };

  const execute = (section: Section, call: Call, step: number, steps: number): Promise<void> =>
    timed(section, call, async () => {
      const { output } = call;
      const inputs = await Promise.all(call.inputs.map((tensor) => arrays.view(tensor, step, steps)));
      const held = await compute(call, inputs, output.domain === 'single' ? null : batch, batch);
      if (output.domain === 'single') arrays.setSingle(output, held);
      else arrays.setStep(output, step, held);
    });

  /** Over the rows of all steps at once. */
  const executeAll = (section: Section, call: Call, steps: number): Promise<void> =>
    timed(section, call, async () => {
      const { output } = call;
      const inputs: View[] = [];
      for (const tensor of call.inputs) inputs.push(await arrays.viewAll(tensor, steps, capacity));
      const held = await compute(call, inputs, output.domain === 'single' ? null : capacity * batch, steps * batch);
      if (output.domain === 'single') arrays.setSingle(output, held);
      else arrays.setStack(output, held);
    });

  /** Tensors of a section that a later section, or somebody outside, reads. */
  const readLater = (section: Section, sections: readonly Section[]): ReadonlySet<number> =>
    new Set([...exposed, ...sections.slice(sections.indexOf(section) + 1).flatMap((later) => program.calls[later].flatMap(({ inputs }) => inputs.map(({ id }) => id)))]);

  const runSteps = async (section: 'forward' | 'backward', steps: number, sections: readonly Section[]): Promise<void> => {
    const { before, loop, after } = plans[section];
    const read = readLater(section, sections);
    const gathered = new Set(after.flatMap(({ inputs }) => inputs.map(({ id }) => id)));
    const passing = loop.map(({ output }) => output.id).filter((id) => !read.has(id) && !gathered.has(id));
    for (const call of before) await executeAll(section, call, steps);
    for (let i = 0; i < steps; i++) {
      const step = section === 'forward' ? i : steps - 1 - i;
      for (const call of loop) await execute(section, call, step, steps);
      const previous = section === 'forward' ? step - 1 : step + 1;
      for (const id of passing) arrays.freeStep(id, carried.has(id) ? previous : step);
    }
    for (const call of after) await executeAll(section, call, steps);
    for (const { output: { id } } of program.calls[section]) {
      if (read.has(id)) continue;
      arrays.freeStack(id);
      for (let step = 0; step < steps; step++) if (!(carried.has(id) && step === (section === 'forward' ? steps - 1 : 0))) arrays.freeStep(id, step);
    }
  };

  const runSection = async (section: Section, steps: number, sections: readonly Section[]): Promise<void> => {
    if (section === 'forward' || section === 'backward') return runSteps(section, steps, sections);
    if (section === 'gradients') program.tensors.filter(({ role }) => role === 'gradient').forEach(({ id }) => arrays.clear(id));
    for (const call of program.calls[section]) {
      if (call.kind !== 'apply' || call.sumOver !== 'step') await execute(section, call, 0, steps);
      else if (readsOwnRows(call)) await executeAll(section, call, steps);
      else for (let step = 0; step < steps; step++) await execute(section, call, step, steps);
    }
  };

  const named = (name: string): Tensor => {
    const tensor = program.named[name];
    if (!tensor) throw new Error(`no array named "${name}" in the program`);
    return tensor;
  };

  /** All of a single array, also of one that nothing has set. */
  const entire = async (tensor: Tensor): Promise<Float32Array> => {
    const held = arrays.single(tensor);
    return held === undefined ? new Float32Array(sizeOfWhole(tensor)) : device.download(held);
  };

  return {
    batch,
    capacity: options.capacity,
    set: async (name, values) => {
      const tensor = named(name);
      const all = sizeOf(tensor.shape) === sizeOfWhole(tensor) ? values : await entire(tensor);
      if (all !== values) all.set(values, tensor.at);
      arrays.setSingle(tensor, await device.upload(all, program.tensors[tensor.id]!.shape, null));
    },
    get: async (name) => cut(await entire(named(name)), 0, named(name), 1),
    run: async ({ steps, inputs, sections, resume = false }: Run) => {
      if (steps > capacity) capacity = Math.max(steps, 2 * capacity);
      arrays.freeRows(resume);
      for (const [name, tensor] of Object.entries(program.named)) {
        if (tensor.role !== 'input') continue;
        const all = new Float32Array(capacity * batch * sizeOf(tensor.shape));
        all.set(inputs[name] ?? []);
        arrays.setStack(tensor, await device.upload(all, tensor.shape, capacity * batch));
      }
      for (const section of sections) await runSection(section, steps, sections);
    },
    rows: async (name, steps) => cut(await arrays.rows(named(name), steps), sizeOfWhole(named(name)), named(name), steps * batch),
    profile: take,
    resources: device.resources,
    dispose: async () => {
      arrays.freeRows();
      await arrays.freeSingles();
      await gpu.destroy();
    },
  };
};
