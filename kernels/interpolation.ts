/**
 * Interpolation with the previous weighting (§3.3.2, equation 7).
 *
 *   w_g = g·w_c + (1 − g)·w_prev
 *   dw_c = g·dw_g      dg = Σ_n dw_g[n]·(w_c[n] − w_prev[n])      dw_prev = (1 − g)·dw_g
 *
 * Shapes per row: weightings [K, N]; g [K].
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

/** Written as w_prev + g·(w_c − w_prev): one rounding where the gate is shut, and mass is kept. */
function forward(this: Thread, g: Array2, wc: Array3, previous: Array3): number {
  const before = previous[this.thread.z][this.thread.y][this.thread.x];
  return before + g[this.thread.z][this.thread.y] * (wc[this.thread.z][this.thread.y][this.thread.x] - before);
}

function backwardContent(this: Thread, g: Array2, dwg: Array3): number {
  return g[this.thread.z][this.thread.y] * dwg[this.thread.z][this.thread.y][this.thread.x];
}

function backwardGate(this: Thread<'N'>, wc: Array3, previous: Array3, dwg: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    sum += dwg[this.thread.y][this.thread.x][n] * (wc[this.thread.y][this.thread.x][n] - previous[this.thread.y][this.thread.x][n]);
  }
  return sum;
}

function backwardPrevious(this: Thread, g: Array2, dwg: Array3): number {
  return (1 - g[this.thread.z][this.thread.y]) * dwg[this.thread.z][this.thread.y][this.thread.x];
}

export const interpolation = {
  forward: kernel('interpolation', 'g [B, K], wc [B, K, N], previous [B, K, N] -> [B, K, N]', forward),
  backwardContent: kernel('interpolation backward, content', 'g [B, K], dwg [B, K, N] -> [B, K, N]', backwardContent),
  backwardGate: kernel('interpolation backward, gate', 'wc [B, K, N], previous [B, K, N], dwg [B, K, N] -> [B, K]', backwardGate),
  backwardPrevious: kernel('interpolation backward, previous', 'g [B, K], dwg [B, K, N] -> [B, K, N]', backwardPrevious),
};
