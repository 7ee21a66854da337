/**
 * Circular shift (§3.3.2, equation 8), of both heads.
 *
 *   w̃[n] = s0·w_g[n−1] + s1·w_g[n] + s2·w_g[n+1]
 *   dw_g[n] = s0·dw̃[n+1] + s1·dw̃[n] + s2·dw̃[n−1]      ds_j = Σ_n dw̃[n]·w_g[n+j−1]
 *
 * Indices are modulo N, by comparison: no backend divides integers. Shapes per row: w [2, N], s [2, 3].
 */
import { type Array3, kernel, type Thread } from './kernel.js';

function forward(this: Thread<'N'>, wg: Array3, s: Array3): number {
  let before = this.thread.x - 1;
  let after = this.thread.x + 1;
  if (this.thread.x === 0) {
    before = this.constants.N - 1;
  }
  if (this.thread.x === this.constants.N - 1) {
    after = 0;
  }
  return (
    s[this.thread.z][this.thread.y][0] * wg[this.thread.z][this.thread.y][before] +
    s[this.thread.z][this.thread.y][1] * wg[this.thread.z][this.thread.y][this.thread.x] +
    s[this.thread.z][this.thread.y][2] * wg[this.thread.z][this.thread.y][after]
  );
}

function backwardGated(this: Thread<'N'>, s: Array3, d: Array3): number {
  let before = this.thread.x - 1;
  let after = this.thread.x + 1;
  if (this.thread.x === 0) {
    before = this.constants.N - 1;
  }
  if (this.thread.x === this.constants.N - 1) {
    after = 0;
  }
  return (
    s[this.thread.z][this.thread.y][0] * d[this.thread.z][this.thread.y][after] +
    s[this.thread.z][this.thread.y][1] * d[this.thread.z][this.thread.y][this.thread.x] +
    s[this.thread.z][this.thread.y][2] * d[this.thread.z][this.thread.y][before]
  );
}

/** ds: [2, 3]; thread: x tap, y head. The neighbour that wraps round is added last. */
function backwardTaps(this: Thread<'N'>, wg: Array3, d: Array3): number {
  let sum = 0;
  if (this.thread.x === 0) {
    for (let n = 1; n < this.constants.N; n++) {
      sum += d[this.thread.z][this.thread.y][n] * wg[this.thread.z][this.thread.y][n - 1];
    }
    sum += d[this.thread.z][this.thread.y][0] * wg[this.thread.z][this.thread.y][this.constants.N - 1];
  }
  if (this.thread.x === 1) {
    for (let nNext = 0; nNext < this.constants.N; nNext++) {
      sum += d[this.thread.z][this.thread.y][nNext] * wg[this.thread.z][this.thread.y][nNext];
    }
  }
  if (this.thread.x === 2) {
    for (let nNextNext = 1; nNextNext < this.constants.N; nNextNext++) {
      sum += d[this.thread.z][this.thread.y][nNextNext - 1] * wg[this.thread.z][this.thread.y][nNextNext];
    }
    sum += d[this.thread.z][this.thread.y][this.constants.N - 1] * wg[this.thread.z][this.thread.y][0];
  }
  return sum;
}

export const shift = {
  forward: kernel('circular shift', forward),
  backwardGated: kernel('circular shift backward, weighting', backwardGated),
  backwardTaps: kernel('circular shift backward, taps', backwardTaps),
};
