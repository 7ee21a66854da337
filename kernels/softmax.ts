/**
 * Softmax over the slots, of every head.
 *
 *   w[n] = exp(z[n] − max z) / Σ_j exp(z[j] − max z)
 *   dz[n] = w[n]·(dw[n] − Σ_j w[j]·dw[j])
 *
 * Shapes per row: z, w [K, N]; maximum, sum and mean [K]. `largest`, `total`, `normalise` and `mean`
 * serve the sharpening too.
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

/** max_n z. */
function largest(this: Thread<'N'>, z: Array3): number {
  let top = z[this.thread.y][this.thread.x][0];
  for (let n = 1; n < this.constants.N; n++) {
    top = Math.max(top, z[this.thread.y][this.thread.x][n]);
  }
  return top;
}

/** exp(z − max z). */
function exponential(this: Thread, z: Array3, top: Array2): number {
  return Math.exp(z[this.thread.z][this.thread.y][this.thread.x] - top[this.thread.z][this.thread.y]);
}

/** Σ_n p[n]. */
function total(this: Thread<'N'>, p: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    sum += p[this.thread.y][this.thread.x][n];
  }
  return sum;
}

/** p / Σ p. */
function normalise(this: Thread, p: Array3, sum: Array2): number {
  return p[this.thread.z][this.thread.y][this.thread.x] / sum[this.thread.z][this.thread.y];
}

/** Σ_n w[n]·dw[n]. */
function mean(this: Thread<'N'>, w: Array3, dw: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    sum += w[this.thread.y][this.thread.x][n] * dw[this.thread.y][this.thread.x][n];
  }
  return sum;
}

/** dz. */
function backward(this: Thread, w: Array3, dw: Array3, average: Array2): number {
  return w[this.thread.z][this.thread.y][this.thread.x] * (dw[this.thread.z][this.thread.y][this.thread.x] - average[this.thread.z][this.thread.y]);
}

export const softmax = {
  largest: kernel('largest', 'z [B, K, N] -> [B, K]', largest),
  exponential: kernel('softmax exponential', 'z [B, K, N], top [B, K] -> [B, K, N]', exponential),
  total: kernel('total', 'p [B, K, N] -> [B, K]', total),
  normalise: kernel('normalise', 'p [B, K, N], sum [B, K] -> [B, K, N]', normalise),
  mean: kernel('weighted mean', 'w [B, K, N], dw [B, K, N] -> [B, K]', mean),
  backward: kernel('softmax backward', 'w [B, K, N], dw [B, K, N], average [B, K] -> [B, K, N]', backward),
};
