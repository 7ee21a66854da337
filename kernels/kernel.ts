/**
 * What a kernel is: an equation. Its body is plain arithmetic over `this.thread`, its inputs and
 * `this.constants`; src/gpu decides how it is computed fast. GPU.js reads the function's source, so it
 * holds no import, closure, helper or nested function.
 *
 * Its signature names the inputs, in the order of the parameters, and the output, with their shapes as
 * the body indexes them, outermost axis first:
 *
 *   'a [B, A], weights [A, X] -> [B, X]'
 *
 * Axes are symbols, whole numbers, and sums of products of these (`R+W`, `2*C+1`). Every symbol but B is a
 * constant of the kernel, found by matching the shapes it is given. B is the axis of rows, a *row* being
 * one sequence at one step: an array without B is the same for all rows. A kernel whose output has no
 * B although an input has adds to its first input a sum over all rows, whose number it takes as its last
 * parameter and uses as the bound of that one loop. Rows are summed in parts, by blocks and by threads, so
 * that the sum is all it returns; what else is to be done with it is another kernel's.
 *
 * thread.x is the output's last axis, thread.y the one before, thread.z the first of three; an output has
 * at most three axes, B among them. A body declares variables, assigns to them, branches, counts loops up
 * by one, uses + − * /, comparisons, && || ! and abs, exp, floor, log, max, min, pow, sqrt of Math, and
 * returns one number. Indices are not checked against sizes.
 *
 * Symbols (arXiv 1410.5401): B rows · N memory slots · M slot width · H controller width · I input
 * channels · V output channels · R read heads · W write heads · K = R + W heads, the reading ones first ·
 * S = 2C+1 taps of the shift. Memory is stored as [M, N], slot index innermost.
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
  readonly signature: string;
  readonly source: (this: never, ...inputs: never[]) => number;
}

export const kernel = (name: string, signature: string, source: Kernel['source']): Kernel => ({ name, signature, source });
