/**
 * Interpolation with the previous weighting (§3.3.2, equation 7), of both heads.
 *
 *   w_g = g·w_c + (1 − g)·w_prev
 *   dw_c = g·dw_g      dg = Σ_n dw_g·(w_c − w_prev)      dw_prev = (1 − g)·dw_g
 *
 * Shapes per row: weightings [2, N]; dg [2]. LEGACY = 1: the write head interpolates with the *read*
 * head's previous weighting, so that dw_prev of the read head is the sum of both and the write head's 0.
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

/** Written as w_prev + g·(w_c − w_prev): one rounding where the gate is shut, and mass is kept. */
function forward(this: Thread<'M' | 'LEGACY'>, heads: Array2, wc: Array3, previous: Array3): number {
  const before = previous[this.thread.z][this.thread.y * (1 - this.constants.LEGACY)][this.thread.x];
  return before + heads[this.thread.z][4 * this.constants.M + this.thread.y] * (wc[this.thread.z][this.thread.y][this.thread.x] - before);
}

function backwardContent(this: Thread<'M'>, heads: Array2, dwg: Array3): number {
  return heads[this.thread.z][4 * this.constants.M + this.thread.y] * dwg[this.thread.z][this.thread.y][this.thread.x];
}

function backwardGate(this: Thread<'N' | 'LEGACY'>, wc: Array3, previous: Array3, dwg: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    sum += dwg[this.thread.y][this.thread.x][n] * (wc[this.thread.y][this.thread.x][n] - previous[this.thread.y][this.thread.x * (1 - this.constants.LEGACY)][n]);
  }
  return sum;
}

function backwardPrevious(this: Thread<'M' | 'LEGACY'>, heads: Array2, dwg: Array3): number {
  const own = (1 - heads[this.thread.z][4 * this.constants.M + this.thread.y]) * dwg[this.thread.z][this.thread.y][this.thread.x];
  const other = (1 - heads[this.thread.z][4 * this.constants.M + 1 - this.thread.y]) * dwg[this.thread.z][1 - this.thread.y][this.thread.x];
  return own * (1 - this.constants.LEGACY * this.thread.y) + other * this.constants.LEGACY * (1 - this.thread.y);
}

export const interpolation = {
  forward: kernel('interpolation', forward),
  backwardContent: kernel('interpolation backward, content', backwardContent),
  backwardGate: kernel('interpolation backward, gate', backwardGate),
  backwardPrevious: kernel('interpolation backward, previous', backwardPrevious),
};
