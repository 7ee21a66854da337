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

export type Shape = readonly number[];
export type Section = 'initialise' | 'forward' | 'backward' | 'gradients' | 'combine' | 'update';

/**
 * single: one array for the whole program · initial: one row a sequence · step: one row a sequence
 * and step.
 */
export type Domain = 'single' | 'initial' | 'step';
export type Role = 'parameter' | 'gradient' | 'other gradient' | 'optimiser' | 'setting' | 'input' | 'computed';

export interface Tensor {
  readonly id: number;
  readonly name: string;
  readonly shape: Shape;
  readonly domain: Domain;
  readonly role: Role;
  /** Seen from step t: −1 the value of step t−1, 1 that of step t+1. */
  readonly offset: -1 | 0 | 1;
}

export interface Call {
  readonly kernel: Kernel;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly constants: Readonly<Record<string, number>>;
  /** Sums over the rows of all steps, or of the initial state; the output is also the first input. */
  readonly sumOver: 'step' | 'initial' | null;
}

/** How many numbers of rows a call's kernel takes after its inputs (kernels/kernel.ts). */
export const rowCounts = ({ kernel, inputs, sumOver }: Call): number => (sumOver ? kernel.source.length - inputs.length : 0);

/** A state that steps hand on: forwards from `initial`, backwards from zeros. */
export interface Carry {
  readonly direction: 'forward' | 'backward';
  readonly initial: Tensor | null;
  readonly current: Tensor;
}

export interface Program {
  readonly tensors: readonly Tensor[];
  readonly calls: Readonly<Record<Section, readonly Call[]>>;
  readonly carries: readonly Carry[];
  readonly named: Readonly<Record<string, Tensor>>;
}

export interface Recorder {
  /** One array of the program, under a name by which executors set and get it. */
  readonly single: (name: string, shape: Shape, role: Exclude<Role, 'input' | 'computed'>) => Tensor;
  /** One row a sequence and step, given from outside. */
  readonly input: (name: string, shape: Shape) => Tensor;
  readonly section: (section: Section) => void;
  /** Records a call; the result has one row per row of the section, or is single in `combine` and `update`. */
  readonly apply: (kernel: Kernel, inputs: readonly Tensor[], shape: Shape, constants?: Readonly<Record<string, number>>) => Tensor;
  /** Adds a sum over rows to a single tensor. */
  readonly sum: (kernel: Kernel, into: Tensor, inputs: readonly Tensor[], constants?: Readonly<Record<string, number>>, over?: 'step' | 'initial') => void;
  /** Replaces a single tensor by the kernel's result, which may read its old value. */
  readonly replace: (kernel: Kernel, target: Tensor, inputs: readonly Tensor[], constants?: Readonly<Record<string, number>>) => void;
  /** The state of step t−1 (`initial` before the first), and how to say which tensor is its next value. */
  readonly carryForward: (initial: Tensor) => { readonly previous: Tensor; readonly bind: (current: Tensor) => void };
  /** The gradient that step t+1 left (zeros after the last). */
  readonly carryBackward: (name: string, shape: Shape) => { readonly next: Tensor; readonly bind: (current: Tensor) => void };
  /** Makes a tensor readable from outside. */
  readonly expose: (name: string, tensor: Tensor) => void;
}

const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);
export { sizeOf };

/** Runs `write` once against a recorder and returns what it recorded. */
export const record = (write: (recorder: Recorder) => void): Program => {
  const tensors: Tensor[] = [];
  const calls: Record<Section, Call[]> = { initialise: [], forward: [], backward: [], gradients: [], combine: [], update: [] };
  const carries: Carry[] = [];
  const bound = new Map<number, number>();
  const named: Record<string, Tensor> = {};
  let section: Section = 'initialise';

  const create = (name: string, shape: Shape, domain: Domain, role: Role): Tensor => {
    const tensor: Tensor = { id: tensors.length, name, shape, domain, role, offset: 0 };
    tensors.push(tensor);
    return tensor;
  };
  const name = (label: string, tensor: Tensor): Tensor => {
    if (named[label]) throw new Error(`two tensors named "${label}"`);
    named[label] = tensor;
    return tensor;
  };
  const domainOf: Record<Section, Domain> = { initialise: 'initial', forward: 'step', backward: 'step', gradients: 'initial', combine: 'single', update: 'single' };
  const resolve = (tensor: Tensor): Tensor => {
    const id = bound.get(tensor.id);
    return id === undefined ? tensor : { ...tensors[id]!, offset: tensor.offset };
  };
  const placeholder = (label: string, shape: Shape, offset: -1 | 1, carry: Omit<Carry, 'current'>) => {
    const tensor = { ...create(label, shape, 'step', 'computed'), offset };
    return {
      tensor,
      bind: (current: Tensor): void => {
        bound.set(tensor.id, current.id);
        carries.push({ ...carry, current });
      },
    };
  };

  write({
    single: (label, shape, role) => name(label, create(label, shape, 'single', role)),
    input: (label, shape) => name(label, create(label, shape, 'step', 'input')),
    section: (next) => {
      section = next;
    },
    apply: (kernel, inputs, shape, constants = {}) => {
      const output = create(kernel.name, shape, domainOf[section], 'computed');
      calls[section].push({ kernel, inputs, output, constants, sumOver: null });
      return output;
    },
    sum: (kernel, into, inputs, constants = {}, over = 'step') => {
      calls[section].push({ kernel, inputs: [into, ...inputs], output: into, constants, sumOver: over });
    },
    replace: (kernel, target, inputs, constants = {}) => {
      calls[section].push({ kernel, inputs, output: target, constants, sumOver: null });
    },
    carryForward: (initial) => {
      const { tensor, bind } = placeholder(`previous ${initial.name}`, initial.shape, -1, { direction: 'forward', initial });
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
