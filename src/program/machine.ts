/** What runs a program: it holds the program's arrays on one backend, for one batch size. */
import type { Section } from './graph.js';

export interface Profile {
  readonly kernel: string;
  readonly section: Section;
  readonly calls: number;
  readonly milliseconds: number;
}

/** What is run: how many steps, on what, and which sections. */
export interface Run {
  readonly steps: number;
  /** Rows of each input: [steps, batch, …]. Inputs left out are zeros. */
  readonly inputs: Readonly<Record<string, Float32Array>>;
  /** In their order; `gradients` starts from zeros. */
  readonly sections: readonly Section[];
  /**
   * The section `forward` goes on from the state that the last step of the run before left, as if both
   * were one run, and `initialise` is left out. So a long sequence is run in chunks.
   */
  readonly resume?: boolean;
}

/** A program on a backend, for batches of one size. What fails rejects with an Error. */
export interface Machine {
  readonly batch: number;
  /** Steps that a run usually has at most; longer runs work, after building anew. */
  readonly capacity: number;
  /** Copies a single array in. */
  readonly set: (name: string, values: Float32Array) => Promise<void>;
  /** Copies a single array out. */
  readonly get: (name: string) => Promise<Float32Array>;
  readonly run: (run: Run) => Promise<void>;
  /** Rows of an exposed array after a run: [steps, batch, …]. */
  readonly rows: (name: string, steps: number) => Promise<Float32Array>;
  /** Time by kernel since the last call, where the machine was built with a clock. */
  readonly profile: () => readonly Profile[];
  /** Textures or buffers alive, compiled kernels, and launches so far where a machine computes call by call. */
  readonly resources: () => { readonly arrays: number; readonly kernels: number; readonly launches?: number };
  readonly dispose: () => Promise<void>;
}
