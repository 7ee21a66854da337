/**
 * What a kernel is. A body is plain arithmetic over `this.thread`, its inputs and `this.constants`:
 * GPU.js reads the function's source and compiles it, so it holds no import, closure, helper or
 * nested function.
 *
 * Symbols (arXiv 1410.5401): B batch rows · N memory slots · M slot width · H controller width ·
 * I input channels · V output channels. Memory is stored as [M, N], slot index innermost: every
 * loop over m then reads neighbouring slots in neighbouring lanes.
 *
 * Row kernels compute one cell per (row, …): a row is one sequence at one time step, and the row is
 * the slowest index (`thread.y` of two axes, `thread.z` of three). A kernel that sums over rows takes
 * their number last, and after it, if it wants it, that number rounded down to a multiple of 4. Reductions over n return four
 * partial sums, one a lane (n ≡ lane mod 4), which `fold` adds up.
 */
export interface Thread<Constant extends string = never> {
  readonly thread: { readonly x: number; readonly y: number; readonly z: number };
  readonly constants: Readonly<Record<Constant, number>>;
}

/** One number per index. */
export type Array1 = readonly number[];
export type Array2 = readonly Array1[];
export type Array3 = readonly Array2[];

/** A kernel's source under the name by which profiles and error tables report it. */
export interface Kernel {
  readonly name: string;
  readonly source: (this: never, ...inputs: never[]) => number;
}

export const kernel = (name: string, source: Kernel['source']): Kernel => ({ name, source });
