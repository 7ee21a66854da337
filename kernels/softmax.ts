/**
 * Softmax over the slots, of both heads.
 *
 *   w[n] = exp(z[n] − max z) / Σ_j exp(z[j] − max z)
 *   dz[n] = w[n]·(dw[n] − Σ_j w[j]·dw[j])
 *
 * Shapes per row: z, w [2, N]; max and sums [2]. `largest`, `total`, `normalise` and `mean` serve the
 * sharpening too.
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

/** max_n z: [2]. */
function largest(this: Thread<'N'>, z: Array3): number {
  let top = z[this.thread.y][this.thread.x][0];
  for (let n = 1; n < this.constants.N; n++) {
    top = Math.max(top, z[this.thread.y][this.thread.x][n]);
  }
  return top;
}

/** exp(z − max z): [2, N]. */
function exponential(this: Thread, z: Array3, top: Array2): number {
  return Math.exp(z[this.thread.z][this.thread.y][this.thread.x] - top[this.thread.z][this.thread.y]);
}

/** Σ_n p[n]: [2]. */
function total(this: Thread<'N' | 'N4'>, p: Array3): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let n = 0; n < this.constants.N4; n += 4) {
    a += p[this.thread.y][this.thread.x][n];
    b += p[this.thread.y][this.thread.x][n + 1];
    c += p[this.thread.y][this.thread.x][n + 2];
    d += p[this.thread.y][this.thread.x][n + 3];
  }
  for (let nRest = this.constants.N4; nRest < this.constants.N; nRest++) {
    a += p[this.thread.y][this.thread.x][nRest];
  }
  return a + b + (c + d);
}

/** p / Σ p: [2, N]. */
function normalise(this: Thread, p: Array3, sum: Array2): number {
  return p[this.thread.z][this.thread.y][this.thread.x] / sum[this.thread.z][this.thread.y];
}

/** Σ_n w[n]·dw[n]: [2]. */
function mean(this: Thread<'N' | 'N4'>, w: Array3, dw: Array3): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let n = 0; n < this.constants.N4; n += 4) {
    a += w[this.thread.y][this.thread.x][n] * dw[this.thread.y][this.thread.x][n];
    b += w[this.thread.y][this.thread.x][n + 1] * dw[this.thread.y][this.thread.x][n + 1];
    c += w[this.thread.y][this.thread.x][n + 2] * dw[this.thread.y][this.thread.x][n + 2];
    d += w[this.thread.y][this.thread.x][n + 3] * dw[this.thread.y][this.thread.x][n + 3];
  }
  for (let nRest = this.constants.N4; nRest < this.constants.N; nRest++) {
    a += w[this.thread.y][this.thread.x][nRest] * dw[this.thread.y][this.thread.x][nRest];
  }
  return a + b + (c + d);
}

/** dz: [2, N]. */
function backward(this: Thread, w: Array3, dw: Array3, average: Array2): number {
  return w[this.thread.z][this.thread.y][this.thread.x] * (dw[this.thread.z][this.thread.y][this.thread.x] - average[this.thread.z][this.thread.y]);
}

export const softmax = {
  largest: kernel('largest', largest),
  exponential: kernel('softmax exponential', exponential),
  total: kernel('total', total),
  normalise: kernel('normalise', normalise),
  mean: kernel('weighted mean', mean),
  backward: kernel('softmax backward', backward),
};
