/**
 * A program: the kernel calls of one training iteration, recorded once as data and run over any
 * number of steps by an executor (src/gpu). Recording replaces every array by a `Tensor`, a name for
 * what will be computed, so that the model is written as pure functions from tensors to tensors.
 *
 *   initialise   the state before the first step, once a batch
 *   forward      step t, from the state that step t−1 left
 *   backward     step t, from the gradients that step t+1 left, last step first
 *   gradients    sums over all rows of all steps
 *   combine      adds the gradients of another part of the batch
 *   update       the optimiser
 *
 * A *row* is one sequence at one step. Shapes leave the row axis out; innermost axis last.
 */
import type { Kernel } from '../../kernels/kernel.js';
import { match, outputShape, type Shape, signatureOf, type Sizes, sizeOf } from './signature.js';

export { type Shape, type Sizes, sizeOf } from './signature.js';

export type Section = 'initialise' | 'forward' | 'backward' | 'gradients' | 'combine' | 'update';

/**
 * single: one array for the whole program · initial: one row a sequence · step: one row a sequence
 * and step.
 */
export type Domain = 'single' | 'initial' | 'step';
export type Role = 'parameter' | 'gradient' | 'other gradient' | 'optimiser' | 'setting' | 'input' | 'computed';

/** An array of the program (`program.tensors[id]`), or a slice of each of its rows. */
export interface Tensor {
  readonly id: number;
  readonly name: string;
  readonly shape: Shape;
  /** Where the slice begins in a row of the array; 0 for the whole. */
  readonly at: number;
  readonly domain: Domain;
  readonly role: Role;
  /** Seen from step t: −1 the value of step t−1, 1 that of step t+1. */
  readonly offset: -1 | 0 | 1;
}

/** A kernel's call. */
export interface Apply {
  readonly kind: 'apply';
  readonly kernel: Kernel;
  /** In the order of the kernel's parameters. */
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly constants: Sizes;
  /** Sums over the rows of all steps, or of the initial state; the output is also the first input. */
  readonly sumOver: 'step' | 'initial' | null;
}

/** The inputs' rows one behind the other: nothing is computed, and an executor need not even copy. */
export interface Join {
  readonly kind: 'join';
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
}

export type Call = Apply | Join;

/** A state that steps hand on: forwards from `initial`, backwards from zeros. */
export interface Carry {
  readonly direction: 'forward' | 'backward';
  readonly initial: Tensor | null;
  readonly current: Tensor;
}

/** Kernel calls of one step as data, in sections, and the arrays that they compute with: the same for every length. */
export interface Program {
  /** All arrays, whole. */
  readonly tensors: readonly Tensor[];
  readonly calls: Readonly<Record<Section, readonly Call[]>>;
  readonly carries: readonly Carry[];
  readonly named: Readonly<Record<string, Tensor>>;
}

/** What a program is written with; a call whose shapes do not fit its kernel’s signature throws. */
export interface Recorder {
  /** One array of the program, under a name by which executors set and get it. */
  readonly single: (name: string, shape: Shape, role: Exclude<Role, 'input' | 'computed'>) => Tensor;
  /** One row a sequence and step, given from outside. */
  readonly input: (name: string, shape: Shape) => Tensor;
  readonly section: (section: Section) => void;
  /**
   * Records a call and returns its result, whose shape the kernel's signature tells; `sizes` are those
   * symbols that no input tells.
   */
  readonly apply: (kernel: Kernel, inputs: Readonly<Record<string, Tensor>>, sizes?: Sizes) => Tensor;
  /** Adds a sum over the rows of all steps, or of the initial state, to a single tensor, the kernel's first input; in `gradients`. */
  readonly sum: (kernel: Kernel, into: Tensor, inputs: Readonly<Record<string, Tensor>>, over?: 'step' | 'initial') => void;
  /** Replaces a single tensor, whole and in its own shape, by the kernel's result, which may read its old value. */
  readonly replace: (kernel: Kernel, target: Tensor, inputs: Readonly<Record<string, Tensor>>, sizes?: Sizes) => void;
  /** The part of each row that begins at `at`, in a shape of its own. */
  readonly slice: (tensor: Tensor, at: number, shape: Shape) => Tensor;
  /** Rows one behind the other, [sum of the parts' sizes]; of one part alone a slice. */
  readonly join: (parts: readonly Tensor[]) => Tensor;
  /** The state of step t−1 (`initial` before the first), and how to say which tensor is its next value; `name` as the initial's where none is given. */
  readonly carryForward: (initial: Tensor, name?: string) => { readonly previous: Tensor; readonly bind: (current: Tensor) => void };
  /** The gradient that step t+1 left (zeros after the last). */
  readonly carryBackward: (name: string, shape: Shape) => { readonly next: Tensor; readonly bind: (current: Tensor) => void };
  /** Makes a tensor readable from outside. */
  readonly expose: (name: string, tensor: Tensor) => void;
}

const DOMAINS: Readonly<Record<Section, Domain>> = { initialise: 'initial', forward: 'step', backward: 'step', gradients: 'initial', combine: 'single', update: 'single' };

const shapesOf = (inputs: Readonly<Record<string, Tensor>>): Record<string, Shape> => Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));

/** Inputs in the order of the kernel's parameters; those with rows must be declared so, and the others not. */
const ordered = (kernel: Kernel, inputs: Readonly<Record<string, Tensor>>): readonly Tensor[] =>
  signatureOf(kernel).inputs.map(({ name, rows }) => {
    const tensor = inputs[name]!;
    if (rows !== (tensor.domain !== 'single')) throw new Error(`kernel "${kernel.name}" (${kernel.signature}): input "${name}" is declared ${rows ? 'with' : 'without'} rows, and "${tensor.name}" has ${rows ? 'none' : 'some'}`);
    return tensor;
  });

/** A sum over rows can be recorded by `sum` alone. */
const refuseSum = (kernel: Kernel): void => {
  if (signatureOf(kernel).sums) throw new Error(`kernel "${kernel.name}" (${kernel.signature}): it sums over all rows: record it by sum, which adds to an array without rows`);
};

/** Runs `write` once against a recorder and returns what it recorded. */
export const record = (write: (recorder: Recorder) => void): Program => {
  const tensors: Tensor[] = [];
  const calls: Record<Section, Call[]> = { initialise: [], forward: [], backward: [], gradients: [], combine: [], update: [] };
  const carries: Carry[] = [];
  const bound = new Map<number, number>();
  const named: Record<string, Tensor> = {};
  const started = new Set<number>();
  let section: Section = 'initialise';

  const create = (name: string, shape: Shape, domain: Domain, role: Role): Tensor => {
    const tensor: Tensor = { id: tensors.length, name, shape, at: 0, domain, role, offset: 0 };
    tensors.push(tensor);
    return tensor;
  };
  const name = (label: string, tensor: Tensor): Tensor => {
    if (named[label]) throw new Error(`two tensors named "${label}"`);
    named[label] = tensor;
    return tensor;
  };
  const isWhole = ({ id, at, shape }: Tensor): boolean => at === 0 && sizeOf(shape) === sizeOf(tensors[id]!.shape);
  /** What a placeholder of a carried state stands for. */
  const resolve = (tensor: Tensor): Tensor => {
    const id = bound.get(tensor.id);
    if (id === undefined && tensor.offset !== 0) throw new Error(`"${tensor.name}" is read, and nothing is bound to it`);
    return id === undefined ? tensor : { ...tensor, id, name: tensors[id]!.name };
  };
  const placeholder = (label: string, shape: Shape, offset: -1 | 1, carry: Omit<Carry, 'current'>) => {
    const tensor = { ...create(label, shape, 'step', 'computed'), offset };
    return {
      tensor,
      bind: (current: Tensor): void => {
        if (!isWhole(current) || sizeOf(current.shape) !== sizeOf(shape)) throw new Error(`"${label}" [${shape.join(', ')}] cannot go on as "${current.name}" [${current.shape.join(', ')}]`);
        bound.set(tensor.id, current.id);
        carries.push({ ...carry, current: tensors[current.id]! });
      },
    };
  };
  const replaced: Recorder['replace'] = (kernel, target, inputs, given = {}) => {
    const constants = match(kernel, shapesOf(inputs), given);
    const shape = outputShape(kernel, constants);
    if (target.shape.join() !== tensors[target.id]!.shape.join()) throw new Error(`kernel "${kernel.name}" cannot replace a part of "${target.name}"`);
    if (shape.join() !== target.shape.join()) throw new Error(`kernel "${kernel.name}" (${kernel.signature}): its result has shape [${shape.join(', ')}], "${target.name}" has [${target.shape.join(', ')}]`);
    calls[section].push({ kind: 'apply', kernel, inputs: ordered(kernel, inputs), output: target, constants, sumOver: null });
  };

  const joined: Recorder['join'] = (parts) => {
    const domain = parts[0]!.domain === 'single' ? 'single' : DOMAINS[section];
    const output = create(`[${parts.map(({ name: part }) => part).join(', ')}]`, [parts.reduce((sum, { shape }) => sum + sizeOf(shape), 0)], domain, 'computed');
    calls[section].push({ kind: 'join', inputs: parts, output });
    return output;
  };

  write({
    single: (label, shape, role) => name(label, create(label, shape, 'single', role)),
    input: (label, shape) => name(label, create(label, shape, 'step', 'input')),
    section: (next) => {
      section = next;
    },
    apply: (kernel, inputs, given) => {
      refuseSum(kernel);
      const constants = match(kernel, shapesOf(inputs), given);
      const output = create(kernel.name, outputShape(kernel, constants), DOMAINS[section], 'computed');
      calls[section].push({ kind: 'apply', kernel, inputs: ordered(kernel, inputs), output, constants, sumOver: null });
      return output;
    },
    sum: (kernel, into, inputs, over = 'step') => {
      if (section !== 'gradients') throw new Error(`kernel "${kernel.name}" sums over rows in section "${section}": sums are taken in "gradients", when all steps are there`);
      const all = { [signatureOf(kernel).inputs[0]!.name]: into, ...inputs };
      replaced(kernel, into, all);
      calls[section].push({ ...(calls[section].pop() as Apply), sumOver: over });
    },
    replace: (kernel, ...rest) => {
      refuseSum(kernel);
      replaced(kernel, ...rest);
    },
    slice: (tensor, at, shape) => {
      if (at < 0 || at + sizeOf(shape) > sizeOf(tensor.shape)) throw new Error(`"${tensor.name}" [${tensor.shape.join(', ')}] has no slice [${shape.join(', ')}] at ${at}`);
      return { ...tensor, at: tensor.at + at, shape };
    },
    join: (parts) => (parts.length === 1 ? { ...parts[0]!, shape: [sizeOf(parts[0]!.shape)] } : joined(parts)),
    carryForward: (initial, state = initial.name) => {
      if (initial.domain !== 'initial') throw new Error(`"${initial.name}" is no state before the first step: it has ${initial.domain === 'single' ? 'no rows' : 'a row a step'}`);
      const own = isWhole(initial) && !started.has(initial.id) ? initial : { ...joined([initial]), shape: initial.shape };
      started.add(own.id);
      const { tensor, bind } = placeholder(`previous ${state}`, initial.shape, -1, { direction: 'forward', initial: own });
      return { previous: tensor, bind };
    },
    carryBackward: (label, shape) => {
      const { tensor, bind } = placeholder(`next ${label}`, shape, 1, { direction: 'backward', initial: null });
      return { next: tensor, bind };
    },
    expose: (label, tensor) => void name(label, tensor),
  });

  const resolved = Object.fromEntries(
    (Object.keys(calls) as Section[]).map((key) => [key, calls[key].map((call) => ({ ...call, inputs: call.inputs.map(resolve) }))]),
  ) as unknown as Record<Section, Call[]>;
  return { tensors, calls: resolved, carries, named };
};
