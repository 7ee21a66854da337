/**
 * A GPU.js backend that computes call by call: compiled kernels by what they were compiled for, and
 * arrays, counted while they are alive. An array is a texture or buffer on a GPU and an Input on the cpu;
 * in either it lies flat, row after row.
 */
import { type Shape, sizeOf } from '../../program/signature.js';
import { type GpuInstance, Input, type InputValue, type KernelRun } from '../gpujs.js';
import type { KernelCode } from '../source/ir.js';
import { printKernel } from '../source/print.js';
import { overSlices, type Slice } from '../source/slices.js';
import { joinKernel, stackKernel } from './copies.js';
import { fuse, type Part, renameParameters } from './fuse.js';
import { MOST_ARRAYS } from './plan.js';
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

/** A call: a kernel's code over views, or none: the views side by side. */
export interface Work {
  readonly code: KernelCode | null;
  readonly inputs: readonly View[];
  /** Of the result, without the axis of rows. */
  readonly shape: Shape;
  /** Numbers that the kernel takes after its arrays. */
  readonly numbers: readonly number[];
}

export interface Device {
  /** The results of calls that do not wait for each other, side by side in each of `rows` rows; of one call in its shape. */
  readonly compute: (works: readonly Work[], rows: number | null) => Promise<Held>;
  /** The rows of several like views one below the other, in an array with room for `count` of them. */
  readonly stack: (parts: readonly View[], count: number) => Promise<Held>;
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

/** Arrays that a kernel can read at once where textures hold them. */
const MOST_TEXTURES = 16;

/** A kernel's arrays, each once, and the numbers that it takes after them, by the names that it knows them by. */
interface Bound {
  readonly arrays: Map<Handle, { readonly name: string; readonly held: Held }>;
  readonly numbers: Array<{ readonly name: string; readonly value: number }>;
}

/** A call's code over whole arrays, as a part of a kernel that is bound to `bound`. */
const bind = ({ code, inputs, shape, numbers }: Work, { arrays, numbers: all }: Bound): Part => {
  const number = (value: number): string => {
    const name = `n_${all.length}`;
    all.push({ name, value });
    return name;
  };
  const names = inputs.map((held) => {
    const known = arrays.get(held.handle) ?? { name: `a_${arrays.size}`, held };
    arrays.set(held.handle, known);
    return known.name;
  });
  const counts = numbers.map(number);
  const from = inputs.map((view) => (view.from === null ? undefined : number(view.from)));
  const slices: Slice[] = inputs.map(({ base, at, shape: own, rows }, i) => ({ base, at, shape: own, rows: rows !== null, ...(from[i] === undefined ? {} : { from: from[i] }) }));
  const offsets = from.filter((name) => name !== undefined);
  return { code: code ? overSlices(code, slices) : joinKernel(slices), names: [...names, ...counts, ...offsets], shape };
};

const widthOf = (list: ReadonlyArray<{ readonly shape: Shape }>): number => list.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
/** Whether no other of the views is of the same array. */
const isOnly = (views: readonly View[], { handle }: View): boolean => views.filter((each) => each.handle === handle).length === 1;
const groups = <A>(list: readonly A[]): A[][] => Array.from({ length: Math.ceil(list.length / MOST_ARRAYS) }, (_, i) => list.slice(i * MOST_ARRAYS, (i + 1) * MOST_ARRAYS));
const viewOf = (held: Held): View => ({ ...held, at: 0, shape: held.base, from: null });

export const openDevice = (gpu: GpuInstance): Device => {
  const kernels = new Map<string, KernelRun>();
  const onDevice = gpu.mode !== 'cpu';
  let alive = 0;
  let launched = 0;
  const most = gpu.mode === 'webgpu' ? MOST_ARRAYS : MOST_TEXTURES;
  if (gpu.mode === 'webgpu') gpu.Kernel = PreciseWebGPUKernel;

  /** A compiled GL kernel takes its inputs in the shapes of its first call alone. */
  const compiled = (text: string, inputs: ReadonlyArray<readonly number[]>, output: readonly number[]): KernelRun => {
    const key = `${text} ${inputs.join(' ')} ${output.join()}`;
    const existing = kernels.get(key);
    if (existing) return existing;
    const run = gpu.createKernel(text, {
      output,
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

  const free = ({ handle }: Held): void => {
    alive--;
    if (onDevice) (handle as Resident).delete?.();
  };

  const run = (code: KernelCode, inputs: readonly Held[], numbers: readonly number[], shape: Omit<Held, 'handle'>): Promise<Held> =>
    launch(compiled(printKernel(code), inputs.map(dimensions), dimensions(shape)), [...inputs.map(({ handle }) => handle), ...numbers], shape);

  const computeWithin = (works: readonly Work[], rows: number | null): Promise<Held> => {
    const bound: Bound = { arrays: new Map(), numbers: [] };
    const parts = works.map((work) => bind(work, bound));
    const arrays = [...bound.arrays.values()];
    const parameters = [...arrays, ...bound.numbers].map(({ name }) => name);
    const only = parts[0]!;
    const code = parts.length > 1 ? fuse(parts, parameters) : { parameters, body: renameParameters(only) };
    return run(code, arrays.map(({ held }) => held), bound.numbers.map(({ value }) => value), { base: parts.length > 1 ? [widthOf(works)] : only.shape, rows });
  };

  const joined = (inputs: readonly View[], rows: number | null): Promise<Held> => computeWithin([{ code: null, inputs, shape: [widthOf(inputs)], numbers: [] }], rows);

  /** Where one call reads more arrays than a kernel can, the smallest of them are joined first. */
  const compute = async (works: readonly Work[], rows: number | null): Promise<Held> => {
    const excess = works.find(({ inputs }) => new Set(inputs.map(({ handle }) => handle)).size > most);
    if (!excess) return computeWithin(works, rows);
    const { inputs } = excess;
    const bySize = inputs.filter((view) => (view.rows === null) === (rows === null) && isOnly(inputs, view)).sort((a, b) => sizeOf(a.shape) - sizeOf(b.shape));
    const few = bySize.slice(0, MOST_ARRAYS);
    const held = await joined(few, rows);
    const moved = inputs.map((view): View => {
      const i = few.indexOf(view);
      return i < 0 ? view : { ...viewOf(held), at: widthOf(few.slice(0, i)), shape: view.shape };
    });
    const result = await compute(works.map((work) => (work === excess ? { ...work, inputs: moved } : work)), rows);
    free(held);
    return result;
  };

  /** Groups of arrays become arrays, and so on; their number depends on `count` alone, and so do the kernels. */
  const stack = async (parts: readonly View[], count: number, each = parts[0]!.rows!, total = count * each): Promise<Held> => {
    const [first] = parts as readonly [View];
    const put = (list: readonly View[], length: number, rows: number): Promise<Held> => {
      const all = Array.from({ length }, (_, i) => list[i] ?? first);
      return run(stackKernel(all, each), all, [], { base: first.shape, rows });
    };
    if (count <= MOST_ARRAYS) return put(parts, count, total);
    const stacked: Held[] = [];
    for (const group of groups(parts)) stacked.push(await put(group, MOST_ARRAYS, MOST_ARRAYS * each));
    const result = await stack(stacked.map(viewOf), Math.ceil(count / MOST_ARRAYS), MOST_ARRAYS * each, total);
    stacked.forEach(free);
    return result;
  };

  return {
    compute,
    stack: (parts, count) => stack(parts, count),
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
