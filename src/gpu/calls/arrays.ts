/**
 * The arrays of a program while it runs: singles, the states before the first step, and rows, of which
 * the device holds one array a step or one for all steps (with room for `capacity`), or both.
 */
import type { Program, Tensor } from '../../program/graph.js';
import { sizeOf } from '../../program/signature.js';
import type { Device, Held, View } from './device.js';

export const arraysOf = (program: Program, device: Device, batch: number) => {
  const singles = new Map<number, Held>();
  const initials = new Map<number, Held>();
  /** By tensor, then by step. */
  const steps = new Map<number, Map<number, Held>>();
  /** By tensor: the rows of all steps. */
  const stacks = new Map<number, Held>();
  const startOf = new Map(program.carries.map(({ current, initial }) => [current.id, initial]));
  const whole = ({ id }: Tensor): Tensor => program.tensors[id]!;

  /** Promises, so that two inputs of one call share an array that is still on its way. */
  const zeros = new Map<string, Promise<Held>>();
  const zero = (tensor: Tensor): Promise<Held> => {
    const { shape, domain } = whole(tensor);
    const rows = domain === 'single' ? null : batch;
    const key = `${shape.join()} ${rows}`;
    const held = zeros.get(key) ?? device.upload(new Float32Array(sizeOf(shape) * (rows ?? 1)), shape, rows);
    zeros.set(key, held);
    return held;
  };

  const freeStep = (id: number, step: number): void => {
    const held = steps.get(id)?.get(step);
    if (!held) return;
    device.free(held);
    steps.get(id)!.delete(step);
  };

  const rowsOf = (tensor: Tensor): Map<number, Held> => {
    const found = steps.get(tensor.id) ?? new Map<number, Held>();
    steps.set(tensor.id, found);
    return found;
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

    setStep: (tensor: Tensor, step: number, held: Held): void => {
      if (tensor.domain === 'initial') initials.set(tensor.id, held);
      else rowsOf(tensor).set(step, held);
    },
    setStack: ({ id }: Tensor, held: Held): void => void stacks.set(id, held),
    freeStep,
    freeStack: (id: number): void => {
      const held = stacks.get(id);
      if (held) device.free(held);
      stacks.delete(id);
    },

    /** What a call at `step` of `count` reads. */
    view: async (tensor: Tensor, step: number, count: number): Promise<View> => {
      const { id, domain, at, shape, offset } = tensor;
      const of = (held: Held, from: number | null = null, begin = at): View => ({ ...held, at: begin, shape, from });
      if (domain === 'single') return of(singles.get(id) ?? (await zero(tensor)));
      if (domain === 'initial') return of(initials.get(id)!);
      const read = step + offset;
      const start = startOf.get(id);
      if (read < 0) return of(initials.get(start!.id)!, null, start!.at + at);
      if (read >= count) return of(await zero(tensor));
      const held = steps.get(id)?.get(read);
      return held ? of(held) : of(stacks.get(id)!, read * batch);
    },
    /** What a call over the rows of all steps reads; rows that lie apart are brought together first. */
    viewAll: async (tensor: Tensor, count: number, capacity: number): Promise<View> => {
      const { id, domain, at, shape } = tensor;
      const of = (held: Held): View => ({ ...held, at, shape, from: null });
      if (domain === 'single') return of(singles.get(id) ?? (await zero(tensor)));
      const held = stacks.get(id) ?? (await device.stack(Array.from({ length: count }, (_, step) => steps.get(id)!.get(step)!), capacity));
      stacks.set(id, held);
      return of(held);
    },
    /** The rows of `count` steps, as they lie. */
    rows: async ({ id }: Tensor, count: number): Promise<Float32Array> => {
      const stacked = stacks.get(id);
      if (stacked) return device.download(stacked);
      const parts: Float32Array[] = [];
      for (let step = 0; step < count; step++) parts.push(await device.download(steps.get(id)!.get(step)!));
      const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
      parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
      return all;
    },

    /** Gives all rows back; with `resume` the states that the last step left are those before the first. */
    freeRows: (resume = false): void => {
      const states = new Map<number, Held>();
      for (const { direction, initial, current } of resume ? program.carries : []) {
        const found = steps.get(current.id);
        const last = found && Math.max(...found.keys());
        if (direction !== 'forward' || !initial || last === undefined) continue;
        states.set(initial.id, found!.get(last)!);
        found!.delete(last);
      }
      steps.forEach((found) => found.forEach(device.free));
      stacks.forEach(device.free);
      initials.forEach(device.free);
      [steps, stacks, initials].forEach((map) => map.clear());
      states.forEach((held, id) => initials.set(id, held));
    },
    freeSingles: async (): Promise<void> => {
      singles.forEach(device.free);
      for (const held of zeros.values()) device.free(await held);
      singles.clear();
      zeros.clear();
    },
  };
};
