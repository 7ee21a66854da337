/** Reading and writing the memory (§3.1, §3.2), and how it starts, as recorded calls (kernels/memory.ts). */
import { memory as kernels } from '../../kernels/memory.js';
import type { Recorder, Tensor } from '../program/graph.js';
import { initialState } from './linear.js';
import type { Lookup, Parameter, Part, StateEntry } from './parameters.js';
import type { ModelShape } from './shapes.js';

export interface ReadingSaved {
  readonly memory: Tensor;
  readonly reading: Tensor;
}

/** r [R, M] from the read heads' weightings [R, N] and M_{t−1} [M, N]. */
export const readingForward = (recorder: Recorder, saved: ReadingSaved): { readonly out: Tensor; readonly saved: ReadingSaved } => ({ out: recorder.apply(kernels.read, { ...saved }), saved });

/** dw of the read heads [R, N], with what step t+1 asks of it. */
export const readingBackward = (recorder: Recorder, { memory }: ReadingSaved, dr: Tensor, next: Tensor): Tensor => recorder.apply(kernels.backwardReading, { memory, dr, next });

export interface WritingSaved {
  readonly memory: Tensor;
  readonly w: Tensor;
  readonly e: Tensor;
  readonly a: Tensor;
}

/** M_t [M, N] from M_{t−1} and the write heads' w [W, N], e and a [W, M]. */
export const writingForward = (recorder: Recorder, saved: WritingSaved): { readonly out: Tensor; readonly saved: WritingSaved } => ({ out: recorder.apply(kernels.write, { ...saved }), saved });

/** dw of the write heads [W, N], with what step t+1 asks of it, de and da [W, M]. */
export const writingBackward = (recorder: Recorder, { memory, w, e, a }: WritingSaved, dMemory: Tensor, next: Tensor) => ({
  dw: recorder.apply(kernels.backwardWriting, { memory, w, e, a, dMemory, next }),
  de: recorder.apply(kernels.backwardErase, { memory, w, e, dMemory }),
  da: recorder.apply(kernels.backwardAdd, { w, dMemory }),
});

/** What content addressing asks of the memory: Σ_heads α·k − μ·memory. */
export interface ContentGradient {
  readonly k: Tensor;
  readonly alpha: Tensor;
  readonly mu: Tensor;
}

/** dM_{t−1} [M, N]: what writing, reading and content addressing ask of it. */
export const memoryGradient = (recorder: Recorder, { memory, w, e }: WritingSaved, { reading }: ReadingSaved, content: ContentGradient, dr: Tensor, dMemory: Tensor): Tensor =>
  recorder.apply(kernels.backwardContent, { d: recorder.apply(kernels.backwardMemory, { reading, w, e, dr, dMemory }), memory, ...content });

// ---------------------------------------------------------------- how it starts

export const INITIAL_MEMORY = 1e-6;

export interface Memory extends Part {
  /** r_0 [R, M] as a vector. */
  readonly read: Parameter;
  /** M_0 [M, N] as a vector; null where it is the constant. */
  readonly initial: Parameter | null;
}

/** Random values, and those that learned ones begin as, are drawn from U(±1/√(N+M)); values that are not learned have no gradient and stay. */
export const memoryOf = ({ slots: N, width: M, readHeads: R, memoryInit }: ModelShape): Memory => {
  const read: Parameter = { name: 'memory.read', shape: [R * M] };
  const initial: Parameter = { name: 'memory.initial', shape: [M * N] };
  const bound = 1 / Math.sqrt(N + M);
  const readEntry: StateEntry = { name: 'memory.initial_read', shape: [R, M], position: (i, place) => place(read) + i, draw: ({ normal }) => normal(0.01) };
  const initialEntry: StateEntry = {
    name: 'memory.initial_state',
    shape: [N, M],
    position: (i, place) => place(initial) + (i % M) * N + Math.floor(i / M),
    draw: ({ uniform }) => uniform(-bound, bound),
  };
  return memoryInit === 'constant' ? { read, initial: null, parameters: [read], entries: [readEntry] } : { read, initial, parameters: [read, initial], entries: [readEntry, initialEntry] };
};

/** M_0 [M, N] in every row. */
export const initialMemory = (recorder: Recorder, { slots: N, width: M }: ModelShape, { initial }: Memory, parameter: Lookup): Tensor =>
  initial ? initialState(recorder, parameter(initial), [M, N]) : recorder.apply(kernels.blank, {}, { M, N });
