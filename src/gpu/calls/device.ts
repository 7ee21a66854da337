/**
 * A GPU.js backend that computes call by call: compiled kernels by what they were compiled for, and
 * arrays, counted while they are alive. An array is a texture or buffer on a GPU and an Input on the cpu;
 * in either it lies flat, row after row.
 */
import type { Kernel } from '../../../kernels/kernel.js';
import { type Shape, type Sizes, sizeOf } from '../../program/graph.js';
import { type GpuInstance, Input, type InputValue, integers, type KernelRun } from '../gpujs.js';
import type { KernelCode } from '../source/ir.js';
import { printKernel } from '../source/print.js';
import { readKernel } from '../source/read.js';
import { overSlices, type Slice } from '../source/slices.js';
import { joinKernel, stackKernel } from './copies.js';
import { PRECISE_GLSL, PreciseWebGPUKernel } from './shaders.js';

/** An array on the backend. */
export type Handle = unknown;

/** An array with its shape, without the axis of rows; `rows` null: it has none. */
export interface Held {
  readonly handle: Handle;
  readonly base: Shape;
  readonly rows: number | null;
}

/** A slice of each row of an array, in a shape of its own. */
export interface View extends Held {
  readonly at: number;
  readonly shape: Shape;
  /** The first row that is looked at; null where the array has those rows alone. */
  readonly from: number | null;
}

export interface Device {
  /** The result of a kernel, which may take the number of rows as its last parameter; `rows`: the result's. */
  readonly apply: (kernel: Kernel, inputs: readonly View[], output: Shape, rows: number | null, constants: Sizes, counts: readonly number[]) => Promise<Held>;
  /** Rows one behind the other, as [sum of the parts' sizes]. */
  readonly join: (parts: readonly View[], rows: number | null) => Promise<Held>;
  /** The rows of several like arrays one below the other, in an array with room for `count` of them. */
  readonly stack: (parts: readonly Held[], count: number) => Promise<Held>;
  readonly upload: (values: Float32Array, base: Shape, rows: number | null) => Promise<Held>;
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
const dimensions = ({ base, rows }: Omit<Held, 'handle'>): number[] => [...[...base].reverse(), ...(rows === null ? [] : [rows])];
const pad = (dims: readonly number[]): number[] => [...dims, 1, 1, 1].slice(0, 3);

/** Arrays that one kernel can read and write on every backend: WebGPU promises eight. */
const MOST_PARTS = 7;

const slicesOf = (views: readonly View[]): Slice[] => views.map(({ base, at, shape, rows, from }, i) => ({ base, at, shape, rows: rows !== null, ...(from === null ? {} : { from: `from_${i}` }) }));
const widthOf = (parts: readonly View[]): number => parts.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
const groups = <A>(list: readonly A[]): A[][] => Array.from({ length: Math.ceil(list.length / MOST_PARTS) }, (_, i) => list.slice(i * MOST_PARTS, (i + 1) * MOST_PARTS));

export const openDevice = (gpu: GpuInstance): Device => {
  const kernels = new Map<string, KernelRun>();
  const onDevice = gpu.mode !== 'cpu';
  let alive = 0;
  let launched = 0;
  if (gpu.mode === 'webgpu') gpu.Kernel = PreciseWebGPUKernel;

  /** A compiled GL kernel takes its inputs in the shapes of its first call alone. */
  const compiled = (text: string, inputs: ReadonlyArray<readonly number[]>, output: readonly number[], constants: Sizes = {}): KernelRun => {
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

  const keep = (result: unknown, shape: Omit<Held, 'handle'>): Held => {
    alive++;
    if (onDevice) return { ...shape, handle: result };
    const dims = dimensions(shape);
    const flat = new Float32Array(sizeOf(dims));
    flatten(result, flat);
    return { ...shape, handle: new Input(flat, pad(dims)) };
  };

  const launch = async (run: KernelRun, inputs: readonly unknown[], shape: Omit<Held, 'handle'>): Promise<Held> => {
    launched++;
    const result = run(...inputs);
    return keep(result instanceof Promise ? await result : result, shape);
  };

  const run = (code: KernelCode, inputs: readonly Held[], shape: Omit<Held, 'handle'>, constants?: Sizes, numbers: readonly number[] = []): Promise<Held> =>
    launch(compiled(printKernel(code), inputs.map(dimensions), dimensions(shape), constants), [...inputs.map(({ handle }) => handle), ...numbers], shape);

  const offsets = (views: readonly View[]): number[] => views.flatMap(({ from }) => (from === null ? [] : [from]));

  const free = ({ handle }: Held): void => {
    alive--;
    if (onDevice) (handle as Resident).delete?.();
  };

  const join = async (parts: readonly View[], rows: number | null): Promise<Held> => {
    if (parts.length <= MOST_PARTS) return run(joinKernel(slicesOf(parts)), parts, { base: [widthOf(parts)], rows }, {}, offsets(parts));
    const joined: View[] = [];
    for (const group of groups(parts)) {
      const held = await join(group, rows);
      joined.push({ ...held, at: 0, shape: held.base, from: null });
    }
    const result = await join(joined, rows);
    joined.forEach(free);
    return result;
  };

  /** Groups of arrays become arrays, and so on; their number depends on `count` alone, and so do the kernels. */
  const stack = async (parts: readonly Held[], count: number, total = count * parts[0]!.rows!): Promise<Held> => {
    const [first] = parts as readonly [Held];
    const put = (list: readonly Held[], length: number, rows: number): Promise<Held> =>
      run(stackKernel(length, first.base, first.rows!), Array.from({ length }, (_, i) => list[i] ?? first), { base: first.base, rows });
    if (count <= MOST_PARTS) return put(parts, count, total);
    const stacked: Held[] = [];
    for (const group of groups(parts)) stacked.push(await put(group, MOST_PARTS, MOST_PARTS * first.rows!));
    const result = await stack(stacked, Math.ceil(count / MOST_PARTS), total);
    stacked.forEach(free);
    return result;
  };

  return {
    apply: (kernel, inputs, base, rows, constants, counts) =>
      run(overSlices(readKernel(kernel.source, kernel.name), slicesOf(inputs)), inputs, { base, rows }, constants, [...counts, ...offsets(inputs)]),
    join,
    stack,
    upload: async (values, base, rows) => {
      if (!onDevice) return keep(values, { base, rows });
      const dims = dimensions({ base, rows });
      return launch(compiled(COPY, [dims], dims), [new Input(values, pad(dims))], { base, rows });
    },
    download: async ({ handle, base, rows }) => {
      if (!onDevice) return (handle as InputValue).value.slice();
      const flat = new Float32Array(sizeOf(dimensions({ base, rows })));
      flatten(await (handle as Resident).toArray(), flat);
      return flat;
    },
    free,
    resources: () => ({ arrays: alive, kernels: kernels.size, launches: launched }),
  };
};
