/**
 * Learned initial states (one vector each, the same for every sequence), and their gradients.
 *
 *   h_0 = c_0 = r_0 = the vector      dvector = Σ_batch d(state before the first step)
 *   w_0 = softmax(logits)             dlogits = w_0∘(dw_0 − Σ w_0·dw_0), summed over the batch (softmax.ts)
 *   M_0 = 1e-6, not learned
 *
 * Shapes: vectors [X]; logits and w_0 [2, N]; per row M [M, N].
 */
import { type Array1, type Array2, type Array3, kernel, type Thread } from './kernel.js';

function vector(this: Thread, value: Array1): number {
  return value[this.thread.x];
}

function logits(this: Thread, value: Array2): number {
  return value[this.thread.y][this.thread.x];
}

function blankMemory(this: Thread): number {
  return 1e-6;
}

/** sum + Σ_rows d[AT + x]: [X]. */
function backwardVector(this: Thread<'AT'>, sum: Array1, d: Array2, rows: number): number {
  let a = sum[this.thread.x];
  for (let row = 0; row < rows; row++) {
    a += d[row][this.constants.AT + this.thread.x];
  }
  return a;
}

/** sum + Σ_rows d: [2, N]. */
function backwardLogits(this: Thread, sum: Array2, d: Array3, rows: number): number {
  let a = sum[this.thread.y][this.thread.x];
  for (let row = 0; row < rows; row++) {
    a += d[row][this.thread.y][this.thread.x];
  }
  return a;
}

export const initial = {
  vector: kernel('initial vector', vector),
  logits: kernel('initial logits', logits),
  blankMemory: kernel('blank memory', blankMemory),
  backwardVector: kernel('initial vector backward', backwardVector),
  backwardLogits: kernel('initial logits backward', backwardLogits),
};
