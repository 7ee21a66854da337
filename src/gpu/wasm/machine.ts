/**
 * The webasm machine: every array of a program lies in one WebAssembly memory, and each call is one
 * function run(from, to) over the rows of all steps. Step t of a call is the rows t·B … (t+1)·B, a read
 * of step t−1 the same code over a region that starts one step earlier; so there is no compilation per
 * length, and calls that need no order over steps run over all rows at once.
 */
import type { Call, Program, Section, Tensor } from '../../program/graph.js';
import { sizeOf } from '../../program/graph.js';
import type { Machine, Run } from '../../program/machine.js';
import { scheduleOf } from '../../program/schedule.js';
import { profiler } from '../profile.js';
import { link, type Linked, type LinkedProgram } from './link.js';

export interface WasmOptions {
  readonly batch: number;
  /** Longest run that fits without building anew; a longer one doubles it. */
  readonly capacity: number;
  readonly clock?: () => number;
}

/** Bytes of rows that a sum over all rows reads before it goes on to the next cells: half a second-level cache. */
const BLOCK_BYTES = 2 ** 18;

const blockOf = (call: Call): number => {
  const floats = call.inputs.filter(({ domain }) => domain !== 'single').reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return Math.max(16, Math.floor(BLOCK_BYTES / (4 * Math.max(1, floats))));
};

export const wasmMachine = (program: Program, options: WasmOptions): Machine => {
  const { batch, clock } = options;
  const { add, take } = profiler();
  let capacity = options.capacity;
  const build = () => {
    const memory = link(program, batch, capacity);
    const of = (calls: readonly Call[]): readonly Linked[] => calls.flatMap((call) => memory.linked.get(call)!);
    const loop = (section: 'forward' | 'backward') => {
      const { before, loop: inside, after } = scheduleOf(program, section);
      return { before: of(before), inside: of(inside), after: of(after) };
    };
    const { initialise, gradients, combine, update } = program.calls;
    return { ...memory, floats: new Float32Array(memory.memory.buffer), forward: loop('forward'), backward: loop('backward'), initialise: of(initialise), gradients: of(gradients), combine: of(combine), update: of(update) };
  };
  /** Null once disposed of: a browser reserves gigabytes of addresses for each memory that something still refers to. */
  let live: (LinkedProgram & ReturnType<typeof build>) | null = build();
  const built = (): NonNullable<typeof live> => {
    if (!live) throw new Error('this machine was disposed of');
    return live;
  };

  const execute = (section: Section, { name, run }: Linked, from: number, to: number): void => {
    if (!clock) return run(from, to);
    const start = clock();
    run(from, to);
    add(section, name, clock() - start);
  };

  const place = ({ id, at }: Tensor): { readonly start: number; readonly stride: number } => {
    const { offset, stride } = built().layout.placed.get(id)!;
    return { start: offset / 4 + at, stride };
  };
  /** Each row of a tensor from the row `from` on, as it lies in memory. */
  const eachRow = (tensor: Tensor, from: number, rows: number, visit: (row: Float32Array, index: number) => void): void => {
    const { start, stride } = place(tensor);
    const size = sizeOf(tensor.shape);
    const { floats } = built();
    if (stride === size) return visit(floats.subarray(start + from * stride, start + (from + rows) * stride), 0);
    for (let i = 0; i < rows; i++) visit(floats.subarray(start + (from + i) * stride, start + (from + i) * stride + size), i);
  };
  const write = (tensor: Tensor, rows: number, values: Float32Array): void => {
    const size = sizeOf(tensor.shape);
    eachRow(tensor, 0, rows, (row, i) => row.set(values.subarray(i * size, i * size + row.length)));
  };
  const read = (tensor: Tensor, rows: number, from = 0): Float32Array => {
    const size = sizeOf(tensor.shape);
    const values = new Float32Array(rows * size);
    eachRow(tensor, from, rows, (row, i) => values.set(row, i * size));
    return values;
  };
  const named = (name: string): Tensor => {
    const tensor = program.named[name];
    if (!tensor) throw new Error(`no array named "${name}" in the program`);
    return tensor;
  };

  /** Steps of the last run. */
  let before = 0;
  /** The states that the last step of the run before left, and where the first step of this one looks for them. */
  const lastStates = (): ReadonlyArray<readonly [Tensor, Float32Array]> =>
    program.carries.flatMap(({ direction, initial, current }) => (direction === 'forward' && initial ? [[initial, read(current, batch, (before - 1) * batch)] as const] : []));

  const grow = (steps: number): void => {
    if (steps <= capacity) return;
    const kept = program.tensors.filter(({ id, domain, role }) => domain === 'single' && role !== 'computed' && built().layout.placed.has(id)).map((tensor) => [tensor, read(tensor, 1)] as const);
    built().dispose();
    capacity = Math.max(steps, 2 * capacity);
    live = build();
    kept.forEach(([tensor, values]) => write(tensor, 1, values));
  };

  const runSteps = (section: 'forward' | 'backward', steps: number): void => {
    const { before, inside, after } = built()[section];
    const rows = steps * batch;
    for (const linked of before) execute(section, linked, 0, rows);
    for (let i = 0; i < steps; i++) {
      const from = (section === 'forward' ? i : steps - 1 - i) * batch;
      for (const linked of inside) execute(section, linked, from, from + batch);
    }
    for (const linked of after) execute(section, linked, 0, rows);
  };

  const sumOver = (linked: Linked, rows: number): void => {
    const block = linked.blocks ? blockOf(linked.call) : rows;
    for (let from = 0; from < rows; from += block) execute('gradients', linked, from, Math.min(rows, from + block));
  };

  const runSection: Record<Section, (steps: number) => void> = {
    initialise: () => built().initialise.forEach((linked) => execute('initialise', linked, 0, batch)),
    forward: (steps) => runSteps('forward', steps),
    backward: (steps) => {
      for (const { direction, current } of program.carries) if (direction === 'backward') eachRow(current, steps * batch, batch, (row) => row.fill(0));
      runSteps('backward', steps);
    },
    gradients: (steps) => {
      program.tensors.filter(({ id, role }) => role === 'gradient' && built().layout.placed.has(id)).forEach((tensor) => eachRow(tensor, 0, 1, (row) => row.fill(0)));
      for (const linked of built().gradients) {
        const { call } = linked;
        if (call.kind === 'apply' && call.sumOver) sumOver(linked, call.sumOver === 'step' ? steps * batch : batch);
        else execute('gradients', linked, 0, call.output.domain === 'single' ? 1 : batch);
      }
    },
    combine: () => built().combine.forEach((linked) => execute('combine', linked, 0, 1)),
    update: () => built().update.forEach((linked) => execute('update', linked, 0, 1)),
  };

  return {
    batch,
    capacity: options.capacity,
    set: async (name, values) => write(named(name), 1, values),
    get: async (name) => read(named(name), 1),
    run: async ({ steps, inputs, sections, resume = false }: Run) => {
      const states = resume ? lastStates() : [];
      grow(steps);
      before = steps;
      for (const [name, tensor] of Object.entries(program.named)) {
        if (tensor.role !== 'input') continue;
        const values = inputs[name];
        if (values) write(tensor, steps * batch, values);
        else eachRow(tensor, 0, steps * batch, (row) => row.fill(0));
      }
      for (const [initial, values] of states) write(program.tensors[initial.id]!, batch, values);
      for (const section of sections) runSection[section](steps);
    },
    rows: async (name, steps) => read(named(name), steps * batch),
    profile: take,
    resources: () => ({ arrays: live ? 1 : 0, kernels: Object.values(program.calls).flat().length }),
    dispose: async () => {
      live?.dispose();
      live = null;
    },
  };
};
