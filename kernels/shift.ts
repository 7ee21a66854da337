/**
 * Circular shift (§3.3.2, equation 8) by S = 2C+1 taps.
 *
 *   w̃[n] = Σ_j s_j·w_g[n + j − C]
 *   dw_g[n] = Σ_j s_j·dw̃[n − j + C]      ds_j = Σ_n dw̃[n]·w_g[n + j − C]
 *
 * Indices are modulo N, by comparison: no backend divides integers. S ≤ N. Shapes per row: w [K, N], s [K, S].
 */
import { type Array3, kernel, type Thread } from './kernel.js';

function forward(this: Thread<'C' | 'N'>, wg: Array3, s: Array3): number {
  let sum = 0;
  for (let j = 0; j < 2 * this.constants.C + 1; j++) {
    let i = this.thread.x + j - this.constants.C;
    if (i < 0) {
      i += this.constants.N;
    }
    if (i >= this.constants.N) {
      i -= this.constants.N;
    }
    sum += s[this.thread.z][this.thread.y][j] * wg[this.thread.z][this.thread.y][i];
  }
  return sum;
}

function backwardGated(this: Thread<'C' | 'N'>, s: Array3, d: Array3): number {
  let sum = 0;
  for (let j = 0; j < 2 * this.constants.C + 1; j++) {
    let i = this.thread.x - j + this.constants.C;
    if (i < 0) {
      i += this.constants.N;
    }
    if (i >= this.constants.N) {
      i -= this.constants.N;
    }
    sum += s[this.thread.z][this.thread.y][j] * d[this.thread.z][this.thread.y][i];
  }
  return sum;
}

function backwardTaps(this: Thread<'C' | 'N'>, wg: Array3, d: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    let i = n + this.thread.x - this.constants.C;
    if (i < 0) {
      i += this.constants.N;
    }
    if (i >= this.constants.N) {
      i -= this.constants.N;
    }
    sum += d[this.thread.z][this.thread.y][n] * wg[this.thread.z][this.thread.y][i];
  }
  return sum;
}

export const shift = {
  forward: kernel('circular shift', 'wg [B, K, N], s [B, K, 2*C+1] -> [B, K, N]', forward),
  backwardGated: kernel('circular shift backward, weighting', 's [B, K, 2*C+1], d [B, K, N] -> [B, K, N]', backwardGated),
  backwardTaps: kernel('circular shift backward, taps', 'wg [B, K, N], d [B, K, N] -> [B, K, 2*C+1]', backwardTaps),
};
