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
import { readDeclared } from '../source/declared.js';
import { arraysOf } from './arrays.js';
import { computeOn, type View, type Work } from './compute.js';
import { openDevice } from './device.js';
import { sumInBlocks } from './blocks.js';
import { withConstants } from './fuse.js';
import { type Group, planOf, readsOwnRows } from './plan.js';

export interface CallsOptions {
  readonly batch: number;
  readonly capacity: number;
  readonly clock?: () => number;
}

/** A machine that owns `gpu` and destroys it when disposed of. */
export const callsMachine = async (program: Program, gpu: GpuInstance, options: CallsOptions): Promise<Machine> => {
  const { batch, clock } = options;
  const device = openDevice(gpu);
  const { compute, stack } = computeOn(device);
  const exposed = new Set(Object.values(program.named).map(({ id }) => id));
  const carried = new Set(program.carries.map(({ current }) => current.id));
  const { add, take } = profiler();
  /** Steps for which arrays of all rows have room. */
  let capacity = Math.max(1, options.capacity);
  const planned = () => ({ forward: planOf(program, 'forward', capacity * batch), backward: planOf(program, 'backward', capacity * batch) });
  let plans = planned();
  const arrays = arraysOf(program, device, stack, batch, () => plans.backward.loop);

  const sizeOfWhole = ({ id }: Tensor): number => sizeOf(program.tensors[id]!.shape);

  /** Each kernel's code, with the sizes of its call. */
  const codes = new Map<Call, Work['code']>(
    Object.values(program.calls)
      .flat()
      .map((call) => [call, call.kind === 'join' ? null : sumInBlocks(withConstants(readDeclared(call.kernel), call.constants))]),
  );
  const workOf = (call: Call, inputs: readonly View[], count: number): Work => ({
    code: codes.get(call)!,
    inputs,
    shape: call.output.shape,
    numbers: call.kind === 'apply' && signatureOf(call.kernel).sums ? [count] : [],
  });

  /** One launch, at one step or over the rows of all. */
  const execute = async (section: Section, group: Group, step: number | 'all', steps: number): Promise<void> => {
    const start = clock?.() ?? 0;
    const works: Work[] = [];
    for (const call of group) {
      const inputs: View[] = [];
      for (const tensor of call.inputs) inputs.push(step === 'all' ? await arrays.viewAll(tensor, steps, capacity) : await arrays.view(tensor, step, steps));
      works.push(workOf(call, inputs, (step === 'all' ? steps : 1) * batch));
    }
    const outputs = group.map(({ output }) => output);
    const single = outputs[0]!.domain === 'single';
    const held = await compute(works, single ? null : (step === 'all' ? capacity : 1) * batch);
    if (single) arrays.setSingle(outputs[0]!, held);
    else arrays.setRows(outputs, step, held);
    if (clock) add(section, group.map((call) => (call.kind === 'join' ? 'join' : call.kernel.name)).join(' | '), clock() - start);
  };

  /** Tensors of a section that a later section, or somebody outside, reads. */
  const readLater = (section: Section, sections: readonly Section[]): ReadonlySet<number> =>
    new Set([...exposed, ...sections.slice(sections.indexOf(section) + 1).flatMap((later) => program.calls[later].flatMap(({ inputs }) => inputs.map(({ id }) => id)))]);

  const runSteps = async (section: 'forward' | 'backward', steps: number, sections: readonly Section[]): Promise<void> => {
    const { before, loop, after } = plans[section];
    const read = readLater(section, sections);
    const gathered = new Set(after.flat().flatMap(({ inputs }) => inputs.map(({ id }) => id)));
    const passing = loop.flat().map(({ output }) => output.id).filter((id) => !read.has(id) && !gathered.has(id));
    for (const group of before) await execute(section, group, 'all', steps);
    for (let i = 0; i < steps; i++) {
      const step = section === 'forward' ? i : steps - 1 - i;
      for (const group of loop) await execute(section, group, step, steps);
      const previous = section === 'forward' ? step - 1 : step + 1;
      for (const id of passing) arrays.freeStep(id, carried.has(id) ? previous : step);
    }
    for (const group of after) await execute(section, group, 'all', steps);
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
      if (call.kind !== 'apply' || call.sumOver !== 'step') await execute(section, [call], 0, steps);
      else if (readsOwnRows(call)) await execute(section, [call], 'all', steps);
      else for (let step = 0; step < steps; step++) await execute(section, [call], step, steps);
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
      arrays.setSingle(tensor, await device.upload(all, { base: program.tensors[tensor.id]!.shape, rows: null }));
    },
    get: async (name) => {
      const { at, shape } = named(name);
      return (await entire(named(name))).slice(at, at + sizeOf(shape));
    },
    run: async ({ steps, inputs, sections, resume = false }: Run) => {
      if (steps > capacity) {
        capacity = Math.max(steps, 2 * capacity);
        plans = planned();
      }
      arrays.freeRows(resume);
      for (const [name, tensor] of Object.entries(program.named)) {
        if (tensor.role !== 'input') continue;
        const all = new Float32Array(capacity * batch * sizeOf(tensor.shape));
        all.set(inputs[name] ?? []);
        arrays.setRows([tensor], 'all', await device.upload(all, { base: tensor.shape, rows: capacity * batch }));
      }
      for (const section of sections) await runSection(section, steps, sections);
    },
    rows: (name, steps) => arrays.rows(named(name), steps),
    profile: take,
    resources: device.resources,
    dispose: async () => {
      arrays.freeRows();
      arrays.freeSingles();
      await gpu.destroy();
    },
  };
};
