/**
 * Reading (§3.1, equation 2) and writing (§3.2, equations 3 and 4).
 *
 *   r[m] = Σ_n w_r[n]·M_{t-1}[m][n]
 *   M_t[m][n] = M_{t-1}[m][n]·(1 − w_w[n]·e[m]) + w_w[n]·a[m]
 *
 *   dw_r[n] = Σ_m dr[m]·M_{t-1}[m][n]
 *   dw_w[n] = Σ_m dM_t[m][n]·(a[m] − e[m]·M_{t-1}[m][n])
 *   de[m] = −Σ_n dM_t[m][n]·M_{t-1}[m][n]·w_w[n]       da[m] = Σ_n dM_t[m][n]·w_w[n]
 *   dM_{t-1}[m][n] = dM_t[m][n]·(1 − w_w[n]·e[m]) + dr[m]·w_r[n] + Σ_heads α[n]·k[m] − μ[n]·M_{t-1}[m][n]
 * (the last two terms: content.ts).
 *
 * Shapes per row: M [M, N], weightings [2, N] (0 reads, 1 writes), r [M]; e, a, k in the head row.
 * Saved: M_{t-1} and the weightings.
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

/** Partial sums of r: [M, 4]. */
function read(this: Thread<'N' | 'N4'>, w: Array3, memory: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N4; n += 4) {
    sum += w[this.thread.z][0][n + this.thread.x] * memory[this.thread.z][this.thread.y][n + this.thread.x];
  }
  for (let nRest = this.constants.N4; nRest < this.constants.N; nRest++) {
    if (this.thread.x === nRest - this.constants.N4) {
      sum += w[this.thread.z][0][nRest] * memory[this.thread.z][this.thread.y][nRest];
    }
  }
  return sum;
}

function write(this: Thread<'M'>, memory: Array3, w: Array3, heads: Array2): number {
  const ww = w[this.thread.z][1][this.thread.x];
  return (
    memory[this.thread.z][this.thread.y][this.thread.x] * (1 - ww * heads[this.thread.z][3 * this.constants.M + this.thread.y]) +
    ww * heads[this.thread.z][2 * this.constants.M + this.thread.y]
  );
}

/** dw of both heads, and what step t+1 asks of it: [2, N]. */
function backwardWeighting(this: Thread<'M'>, memory: Array3, heads: Array2, dr: Array2, dMemory: Array3, fromNext: Array3): number {
  let sum = fromNext[this.thread.z][this.thread.y][this.thread.x];
  if (this.thread.y === 0) {
    for (let m = 0; m < this.constants.M; m++) {
      sum += dr[this.thread.z][m] * memory[this.thread.z][m][this.thread.x];
    }
  } else {
    for (let mNext = 0; mNext < this.constants.M; mNext++) {
      sum +=
        dMemory[this.thread.z][mNext][this.thread.x] *
        (heads[this.thread.z][2 * this.constants.M + mNext] - heads[this.thread.z][3 * this.constants.M + mNext] * memory[this.thread.z][mNext][this.thread.x]);
    }
  }
  return sum;
}

/** Partial sums of de: [M, 4]. */
function backwardErase(this: Thread<'N' | 'N4'>, memory: Array3, w: Array3, dMemory: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N4; n += 4) {
    sum -= dMemory[this.thread.z][this.thread.y][n + this.thread.x] * memory[this.thread.z][this.thread.y][n + this.thread.x] * w[this.thread.z][1][n + this.thread.x];
  }
  for (let nRest = this.constants.N4; nRest < this.constants.N; nRest++) {
    if (this.thread.x === nRest - this.constants.N4) {
      sum -= dMemory[this.thread.z][this.thread.y][nRest] * memory[this.thread.z][this.thread.y][nRest] * w[this.thread.z][1][nRest];
    }
  }
  return sum;
}

/** Partial sums of da: [M, 4]. */
function backwardAdd(this: Thread<'N' | 'N4'>, w: Array3, dMemory: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N4; n += 4) {
    sum += dMemory[this.thread.z][this.thread.y][n + this.thread.x] * w[this.thread.z][1][n + this.thread.x];
  }
  for (let nRest = this.constants.N4; nRest < this.constants.N; nRest++) {
    if (this.thread.x === nRest - this.constants.N4) {
      sum += dMemory[this.thread.z][this.thread.y][nRest] * w[this.thread.z][1][nRest];
    }
  }
  return sum;
}

/** dM_{t-1}: [M, N]. */
function backwardMemory(this: Thread<'M'>, memory: Array3, w: Array3, heads: Array2, alpha: Array3, mu: Array2, dr: Array2, dMemory: Array3): number {
  return (
    dMemory[this.thread.z][this.thread.y][this.thread.x] * (1 - w[this.thread.z][1][this.thread.x] * heads[this.thread.z][3 * this.constants.M + this.thread.y]) +
    dr[this.thread.z][this.thread.y] * w[this.thread.z][0][this.thread.x] +
    alpha[this.thread.z][0][this.thread.x] * heads[this.thread.z][this.thread.y] +
    alpha[this.thread.z][1][this.thread.x] * heads[this.thread.z][this.constants.M + this.thread.y] -
    mu[this.thread.z][this.thread.x] * memory[this.thread.z][this.thread.y][this.thread.x]
  );
}

/** dr_t: what the output layer and step t+1's controller (I inputs before r) each ask of r_t: [M]. */
function backwardRead(this: Thread<'H' | 'I'>, fromOutput: Array2, fromNext: Array2): number {
  return fromOutput[this.thread.y][this.constants.H + this.thread.x] + fromNext[this.thread.y][this.constants.I + this.thread.x];
}

export const memory = {
  read: kernel('read', read),
  write: kernel('erase and add', write),
  backwardWeighting: kernel('memory backward, weighting', backwardWeighting),
  backwardErase: kernel('memory backward, erase', backwardErase),
  backwardAdd: kernel('memory backward, add', backwardAdd),
  backwardMemory: kernel('memory backward, memory', backwardMemory),
  backwardRead: kernel('memory backward, read', backwardRead),
};
