/**
 * The arrays of a program while it runs: singles, the states before the first step, and rows, of which
 * the device holds one array a step or one for all steps (with room for `capacity`), or both.
 */
import type { Program, Tensor } from '../../program/graph.js';
import { sizeOf } from '../../program/signature.js';
import type { View } from './compute.js';
import type { Device, Held } from './device.js';
import type { Group } from './plan.js';

/** Where the rows of a tensor lie: in those of an array, from `at` on. */
interface Placed {
  readonly held: Held;
  readonly at: number;
}

/** The part of each of `rows` rows that begins at `at`. */
const cut = (values: Float32Array, stride: number, at: number, size: number, rows: number): Float32Array => {
  const result = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++) result.set(values.subarray(row * stride + at, row * stride + at + size), row * size);
  return result;
};

/** `groups`: of the calls that run in one launch, whose results share an array. */
export const arraysOf = (program: Program, device: Device, stack: (parts: readonly View[], count: number) => Promise<Held>, batch: number, groups: () => readonly Group[]) => {
  const singles = new Map<number, Held>();
  const initials = new Map<number, Placed>();
  /** By tensor, then by step. */
  const steps = new Map<number, Map<number, Placed>>();
  /** By tensor: the rows of all steps. */
  const stacks = new Map<number, Placed>();
  /** Tensors in an array, where they are several. */
  const shares = new Map<Held, number>();
  const startOf = new Map(program.carries.map(({ current, initial }) => [current.id, initial]));
  const whole = ({ id }: Tensor): Tensor => program.tensors[id]!;

  /** Zeros in the layout that a tensor's rows have after the last step, as its call will give them. */
  const zeros = new Map<string, Held>();
  const zero = async (tensor: Tensor): Promise<Placed> => {
    const { id, shape, domain } = whole(tensor);
    const group = groups().find((calls) => calls.some(({ output }) => output.id === id))?.map(({ output }) => output) ?? [];
    const base = group.length > 1 ? [group.reduce((sum, output) => sum + sizeOf(output.shape), 0)] : shape;
    const at = group.slice(0, Math.max(0, group.findIndex((output) => output.id === id))).reduce((sum, output) => sum + sizeOf(output.shape), 0);
    const rows = domain === 'single' ? null : batch;
    const key = `${group[0]?.id ?? id} ${base.join()}`;
    const held = zeros.get(key) ?? (await device.upload(new Float32Array(sizeOf(base) * (rows ?? 1)), { base, rows }));
    zeros.set(key, held);
    return { held, at };
  };

  const release = ({ held }: Placed): void => {
    const others = (shares.get(held) ?? 1) - 1;
    if (others > 0) shares.set(held, others);
    else {
      shares.delete(held);
      device.free(held);
    }
  };

  const freeStep = (id: number, step: number): void => {
    const placed = steps.get(id)?.get(step);
    if (!placed) return;
    release(placed);
    steps.get(id)!.delete(step);
  };

  const clear = (id: number): void => {
    const held = singles.get(id);
    if (held) device.free(held);
    singles.delete(id);
  };

  return {
    /** A single array; the old one is given back. */
    setSingle: ({ id }: Tensor, held: Held): void => {
      clear(id);
      singles.set(id, held);
    },
    single: ({ id }: Tensor): Held | undefined => singles.get(id),
    clear,

    /** What a launch left: the tensors' rows one behind the other, of one step (before the first, for those of the state) or of all. */
    setRows: (tensors: readonly Tensor[], step: number | 'all', held: Held): void => {
      if (tensors.length > 1) shares.set(held, tensors.length);
      tensors.reduce((at, tensor) => {
        const placed = { held, at };
        if (step === 'all') stacks.set(tensor.id, placed);
        else if (tensor.domain === 'initial') initials.set(tensor.id, placed);
        else steps.set(tensor.id, (steps.get(tensor.id) ?? new Map<number, Placed>()).set(step, placed));
        return at + sizeOf(tensor.shape);
      }, 0);
    },
    freeStep,
    freeStack: (id: number): void => {
      const placed = stacks.get(id);
      if (placed) release(placed);
      stacks.delete(id);
    },

    /** What a call at `step` of `count` reads. */
    view: async (tensor: Tensor, step: number, count: number): Promise<View> => {
      const { id, domain, at, shape, offset } = tensor;
      const of = ({ held, at: begin }: Placed, from: number | null = null): View => ({ ...held, at: begin + at, shape, from });
      const single = singles.get(id);
      if (domain === 'single') return of(single ? { held: single, at: 0 } : await zero(tensor));
      if (domain === 'initial') return of(initials.get(id)!);
      const read = step + offset;
      if (read < 0) return of(initials.get(startOf.get(id)!.id)!);
      if (read >= count) return of(await zero(tensor));
      const placed = steps.get(id)?.get(read);
      return placed ? of(placed) : of(stacks.get(id)!, read * batch);
    },
    /** What a call over the rows of all steps reads; rows that lie apart are brought together first. */
    viewAll: async (tensor: Tensor, count: number, capacity: number): Promise<View> => {
      const { id, domain, at, shape } = tensor;
      if (domain === 'single') return { ...(singles.get(id) ?? (await zero(tensor)).held), at, shape, from: null };
      const base = whole(tensor).shape;
      const part = (step: number): View => {
        const placed = steps.get(id)!.get(step)!;
        return { ...placed.held, at: placed.at, shape: base, from: null };
      };
      const placed = stacks.get(id) ?? { held: await stack(Array.from({ length: count }, (_, step) => part(step)), capacity), at: 0 };
      stacks.set(id, placed);
      return { ...placed.held, at: placed.at + at, shape, from: null };
    },
    /** The rows [count · batch, …] of a tensor, copied. */
    rows: async ({ id, at, shape }: Tensor, count: number): Promise<Float32Array> => {
      const size = sizeOf(shape);
      const read = async ({ held, at: begin }: Placed, rows: number): Promise<Float32Array> => cut(await device.download(held), sizeOf(held.base), begin + at, size, rows);
      const stacked = stacks.get(id);
      if (stacked) return read(stacked, count * batch);
      const all = new Float32Array(count * batch * size);
      for (let step = 0; step < count; step++) all.set(await read(steps.get(id)!.get(step)!, batch), step * batch * size);
      return all;
    },

    /** Gives all rows back; with `resume` the states that the last step left are those before the first. */
    freeRows: (resume = false): void => {
      const states = new Map<number, Placed>();
      for (const { direction, initial, current } of resume ? program.carries : []) {
        const found = steps.get(current.id);
        const last = found && Math.max(...found.keys());
        if (direction !== 'forward' || !initial || last === undefined) continue;
        states.set(initial.id, found!.get(last)!);
        found!.delete(last);
      }
      steps.forEach((found) => found.forEach(release));
      stacks.forEach(release);
      initials.forEach(release);
      [steps, stacks, initials].forEach((map) => map.clear());
      states.forEach((placed, id) => initials.set(id, placed));
    },
    freeSingles: (): void => {
      singles.forEach(device.free);
      zeros.forEach(device.free);
      singles.clear();
      zeros.clear();
    },
  };
};
