/**
 * A model run a step at a time, looked at and interfered with between steps: memory overwritten, a head
 * moved, a parameter of its addressing forced; and run again from any step on.
 */
import type { Head } from './heads.js';

/** What one head did at one step, in the paper's symbols (§3.3). */
export interface HeadStep extends Head {
  /** Key [M], key strength, gate, shift [S], sharpening. */
  readonly k: Float32Array;
  readonly beta: number;
  readonly g: number;
  readonly s: Float32Array;
  readonly gamma: number;
  /** Of writing heads: erase and add [M]. */
  readonly e?: Float32Array;
  readonly a?: Float32Array;
  /** By content, gated with the previous weighting, shifted, and sharpened: what the head uses. Each [N]. */
  readonly wc: Float32Array;
  readonly wg: Float32Array;
  readonly shifted: Float32Array;
  readonly w: Float32Array;
}

/** One step that was run. */
export interface Step {
  /** From 0. */
  readonly time: number;
  readonly input: Float32Array;
  /** Probabilities [V]. */
  readonly output: Float32Array;
  /** The reading heads first. */
  readonly heads: readonly HeadStep[];
  /** What each reading head read: r_t, [R][M]. */
  readonly read: readonly Float32Array[];
  /** After the step: N slots of M numbers. */
  readonly memory: readonly Float32Array[];
}

/** The parameters of a head that replace its own; numbers [M] and [S] as in {@link HeadStep}. */
export interface Forced {
  readonly k?: ArrayLike<number>;
  readonly beta?: number;
  readonly g?: number;
  readonly s?: ArrayLike<number>;
  readonly gamma?: number;
  readonly e?: ArrayLike<number>;
  readonly a?: ArrayLike<number>;
}

/** By a head's place in {@link Steps.heads}. */
export type ForcedHeads = Readonly<Record<number, Forced>>;

/** The state that the next step starts from. */
export interface Before {
  readonly memory: readonly Float32Array[];
  readonly read: readonly Float32Array[];
  /** Each head's previous weighting [N]. */
  readonly weightings: readonly Float32Array[];
}

/** One sequence, run a step at a time: what happened, what comes next, and ways to change it. Whatever fails throws an {@link NtmError}. */
export interface Steps {
  readonly heads: readonly Head[];
  /** T + K: steps of the sequence and of its answers. */
  readonly length: number;
  /** The step that comes next; `length` after the last. */
  readonly time: number;
  /** The steps that were run, up to `time`. */
  readonly seen: readonly Step[];
  /** What the next step starts from. */
  readonly before: Before;
  /** Runs the next step, in which the parameters given replace the heads' own. */
  readonly step: (forced?: ForcedHeads) => Promise<Step>;
  /** Runs all that are left, with nothing forced. */
  readonly finish: () => Promise<readonly Step[]>;
  /** Goes back to just before step `time`: it and what came after are forgotten, as is what was changed since. */
  readonly rewind: (time: number) => void;
  /** Overwrites a memory slot, from the next step on: M numbers. */
  readonly write: (slot: number, values: ArrayLike<number>) => void;
  /** Sets a memory slot to 0. */
  readonly erase: (slot: number) => void;
  /** Sets a head's previous weighting: N numbers of at least 0 whose sum is 1, or the one slot that it looks at. */
  readonly move: (head: number, weighting: ArrayLike<number> | number) => void;
  readonly dispose: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}
