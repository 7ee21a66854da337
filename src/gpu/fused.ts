/**
 * The webasm machine: every array of a program lies in one WebAssembly memory, with one region for
 * the rows of all steps, and GPU.js compiles each call once, whatever the number of steps.
 *
 * GPU.js's generated module exports run(start, end): it computes the cells start … end of the output.
 * Rows being the slowest axis, step t of a call is the cells of the rows t·B … (t+1)·B. A read of step
 * t−1 is the same code over a region that starts one step earlier. So there is no copying between
 * calls, no compilation per length, and calls that need no order over steps run over all rows at once.
 */
import type { Apply, Call, Program, Section, Tensor } from '../program/graph.js';
import { sizeOf } from '../program/graph.js';
import type { Machine, Profile, Run } from '../program/machine.js';
import { type Schedule, scheduleOf } from '../program/schedule.js';
import { GPU, Input, integers, type ModuleLayout, type Region } from './gpujs.js';
import { LaneKernel } from './lanes.js';
import { kernelText } from './source.js';

interface Placed {
  /** Byte offset of the value at step 0, or of the only value. */
  readonly offset: number;
}

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Byte offsets of all tensors for `batch` sequences and up to `capacity` steps, and where scalars and the end lie. */
const place = (program: Program, batch: number, capacity: number) => {
  const roles = ['parameter', 'optimiser', 'setting', 'gradient', 'other gradient', 'computed', 'input'] as const;
  const carried = new Map(program.carries.map((carry) => [carry.current.id, carry]));
  const initials = new Map(program.carries.flatMap(({ initial, current }) => (initial ? [[initial.id, current.id] as const] : [])));
  const placed = new Map<number, Placed>();
  let end = 64;
  const take = (floats: number): number => {
    const at = end;
    end = align(end + 4 * floats);
    return at;
  };
  const called = Object.values(program.calls).flat().flatMap(({ inputs, output }) => [output, ...inputs]);
  const used = new Set([...called, ...Object.values(program.named)].map(({ id }) => id));
  for (const role of roles) {
    for (const tensor of program.tensors.filter((t) => t.role === role && used.has(t.id) && !initials.has(t.id))) {
      const size = sizeOf(tensor.shape);
      const carry = carried.get(tensor.id);
      if (tensor.domain === 'single') placed.set(tensor.id, { offset: take(size) });
      else if (tensor.domain === 'initial') placed.set(tensor.id, { offset: take(size * batch) });
      else {
        const base = take(size * batch * (capacity + (carry ? 1 : 0)));
        placed.set(tensor.id, { offset: base + (carry?.direction === 'forward' ? 4 * size * batch : 0) });
      }
    }
  }
  for (const [initial, current] of initials) {
    placed.set(initial, { offset: placed.get(current)!.offset - 4 * batch * sizeOf(program.tensors[current]!.shape) });
  }
  return { placed, bytes: end };
};

type Step = (from: number, to: number) => void;

interface Compiled {
  readonly call: Apply;
  /** Runs the rows from … to; single outputs have one row. */
  readonly run: Step;
}

/** Where the number of rows lies. */
const ROWS = 0;

export interface FusedOptions {
  readonly batch: number;
  /** Longest run that fits without building anew; a longer one doubles it. */
  readonly capacity: number;
  readonly profiling?: boolean;
  readonly now?: () => number;
}

const compileCall = (gpu: InstanceType<typeof GPU>, memory: () => WebAssembly.Memory, call: Apply, placed: ReadonlyMap<number, Placed>, batch: number, capacity: number, totalBytes: number): Step => {
  const { kernel: source, inputs, output, constants } = call;
  const counts = call.sumOver ? [ROWS] : [];
  const rows = batch * Math.max(capacity, 1);
  const dims = (tensor: Tensor): number[] => [...[...tensor.shape].reverse(), ...(tensor.domain === 'single' ? [] : [rows])];
  const at = (tensor: Tensor): number => placed.get(tensor.id)!.offset + 4 * tensor.offset * batch * sizeOf(tensor.shape);
  const region = (tensor: Tensor, index: number): Region & { index: number } => {
    const [x = 1, y = 1, z = 1] = dims(tensor);
    return { index, offset: at(tensor), dims: [x, y, z], flatLength: x * y * z };
  };
  const kernel = gpu.createKernel(kernelText(source.source), { output: dims(output), constants, constantTypes: integers(constants), loopMaxIterations: 2 ** 30, argumentTypes: [...inputs.map(() => 'Input'), ...counts.map(() => 'Integer')] }).kernel;
  const stand = new Input(new Float32Array(1), [1, 1, 1]);
  const values: unknown[] = [...inputs.map(() => stand), ...counts.map(() => 1)];
  kernel.setupConstants();
  kernel.setupArguments(values);
  kernel.validateSettings(values);
  kernel.threadDim = [...kernel.output, 1, 1].slice(0, 3);
  kernel.translateSource();
  const names = kernel.argumentNames;
  const layout: ModuleLayout = {
    arrays: Object.fromEntries(inputs.map((tensor, index) => [names[index]!, region(tensor, index)])),
    scalars: Object.fromEntries(counts.map((offset, i) => [names[inputs.length + i]!, { index: inputs.length + i, offset, type: 'Integer' }])),
    constantArrays: {},
    outputOffset: at(output),
    totalBytes,
  };
  const { bytes } = kernel._assembleModule(layout, sizeOf(dims(output)), false);
  const environment: Record<string, WebAssembly.ImportValue> = { memory: memory() };
  for (const name of kernel.usedMathImports) environment[`math_${name}`] = Math[name as 'pow'];
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>), { env: environment });
  const { run, run_simd: runLanes } = instance.exports as Record<'run' | 'run_simd', (start: number, end: number, seed: number) => void>;

  const width = output.shape.at(-1) ?? 1;
  const cells = sizeOf(output.shape);
  if (width % 4 === 0) return (from, to) => runLanes(from * cells, to * cells, 0);
  if (width < 4) return (from, to) => run(from * cells, to * cells, 0);
  const even = width - (width % 4);
  return (from, to) => {
    for (let start = from * cells; start < to * cells; start += width) {
      runLanes(start, start + even, 0);
      run(start + even, start + width, 0);
    }
  };
};

/** Pages of 64 KiB that WebAssembly's 32-bit addresses reach. */
const MOST_PAGES = 65536;

/** Everything that depends on the capacity. */
const build = (program: Program, { batch, capacity }: FusedOptions) => {
  const { placed, bytes } = place(program, batch, capacity);
  const pages = Math.ceil(bytes / 65536) + 16;
  if (pages > MOST_PAGES) throw new Error(`${batch} sequences of ${capacity} steps need ${Math.ceil(pages / 16384)} GiB, of the 4 that WebAssembly reaches: fewer slots, a smaller width or batch, or shorter sequences`);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: Math.max(pages, 4096) });
  const gpu = new GPU({ mode: 'webasm' });
  gpu.Kernel = LaneKernel;
  const compile = (calls: readonly Call[]): Compiled[] => calls.filter((call) => call.kind === 'apply').map((call) => ({ call, run: compileCall(gpu, () => memory, call, placed, batch, capacity, bytes) }));
  const loop = (section: 'forward' | 'backward') => {
    const schedule: Schedule = scheduleOf(program, section);
    return { before: compile(schedule.before), loop: compile(schedule.loop), after: compile(schedule.after) };
  };
  return {
    placed,
    memory,
    floats: new Float32Array(memory.buffer),
    integers: new Int32Array(memory.buffer),
    gpu,
    forward: loop('forward'),
    backward: loop('backward'),
    initialise: compile(program.calls.initialise),
    gradients: compile(program.calls.gradients),
    combine: compile(program.calls.combine),
    update: compile(program.calls.update),
  };
};

export const fusedMachine = (program: Program, options: FusedOptions): Machine => {
  const { batch, profiling = false, now = () => performance.now() } = options;
  let capacity = options.capacity;
  /** Null once disposed of: a browser reserves gigabytes of addresses for each memory that something still refers to. */
  let live: ReturnType<typeof build> | null = build(program, options);
  const built = (): NonNullable<typeof live> => {
    if (!live) throw new Error('this machine was disposed of');
    return live;
  };
  const times = new Map<string, { kernel: string; section: Section; calls: number; milliseconds: number }>();

  const execute = (section: Section, { call, run }: Compiled, from: number, to: number): void => {
    if (!profiling) return run(from, to);
    const start = now();
    run(from, to);
    const key = `${section} ${call.kernel.name}`;
    const entry = times.get(key) ?? { kernel: call.kernel.name, section, calls: 0, milliseconds: 0 };
    times.set(key, { ...entry, calls: entry.calls + 1, milliseconds: entry.milliseconds + now() - start });
  };

  const view = (tensor: Tensor, rows: number): Float32Array => {
    const at = built().placed.get(tensor.id)!.offset / 4;
    return built().floats.subarray(at, at + sizeOf(tensor.shape) * rows);
  };
  const named = (name: string): Tensor => {
    const tensor = program.named[name];
    if (!tensor) throw new Error(`no array named "${name}" in the program`);
    return tensor;
  };

  const grow = (steps: number): void => {
    if (steps <= capacity) return;
    const kept = program.tensors.filter(({ domain, role }) => domain === 'single' && role !== 'computed').map((tensor) => [tensor, view(tensor, 1).slice()] as const);
    void built().gpu.destroy();
    capacity = Math.max(steps, 2 * capacity);
    live = build(program, { ...options, capacity });
    kept.forEach(([tensor, values]) => view(tensor, 1).set(values));
  };

  const runSteps = (section: 'forward' | 'backward', steps: number): void => {
    const { before, loop, after } = built()[section];
    const rows = steps * batch;
    for (const compiled of before) execute(section, compiled, 0, rows);
    for (let i = 0; i < steps; i++) {
      const from = (section === 'forward' ? i : steps - 1 - i) * batch;
      for (const compiled of loop) execute(section, compiled, from, from + batch);
    }
    for (const compiled of after) execute(section, compiled, 0, rows);
  };

  const runSection: Record<Section, (steps: number) => void> = {
    initialise: () => built().initialise.forEach((compiled) => execute('initialise', compiled, 0, batch)),
    forward: (steps) => runSteps('forward', steps),
    backward: (steps) => {
      for (const { direction, current } of program.carries) {
        if (direction !== 'backward') continue;
        const size = batch * sizeOf(current.shape);
        const end = built().placed.get(current.id)!.offset / 4 + steps * size;
        built().floats.fill(0, end, end + size);
      }
      runSteps('backward', steps);
    },
    gradients: (steps) => {
      program.tensors.filter(({ role }) => role === 'gradient').forEach((tensor) => view(tensor, 1).fill(0));
      for (const compiled of built().gradients) {
        const rows = compiled.call.sumOver === 'step' ? steps * batch : batch;
        built().integers[ROWS / 4] = rows;
        if (compiled.call.sumOver) execute('gradients', compiled, 0, 1);
        else execute('gradients', compiled, 0, batch);
      }
    },
    combine: () => built().combine.forEach((compiled) => execute('combine', compiled, 0, 1)),
    update: () => built().update.forEach((compiled) => execute('update', compiled, 0, 1)),
  };

  return {
    batch,
    set: async (name, values) => view(named(name), 1).set(values),
    get: async (name) => view(named(name), 1).slice(),
    run: async ({ steps, inputs, sections }: Run) => {
      grow(steps);
      for (const [name, tensor] of Object.entries(program.named)) {
        if (tensor.role !== 'input') continue;
        const target = view(tensor, steps * batch);
        const values = inputs[name];
        if (values) target.set(values);
        else target.fill(0);
      }
      for (const section of sections) runSection[section](steps);
    },
    rows: async (name, steps) => view(named(name), steps * batch).slice(),
    profile: () => {
      const list: Profile[] = [...times.values()];
      times.clear();
      return list;
    },
    resources: () => ({ arrays: live ? 1 : 0, kernels: Object.values(program.calls).flat().length }),
    dispose: async () => {
      await live?.gpu.destroy();
      live = null;
    },
  };
};
