/**
 * Reading (§3.1, equation 2) and writing (§3.2, equations 3 and 4): all erasures, then all additions.
 *
 *   rⁱ[m] = Σ_n wⁱ[n]·M_{t−1}[m][n]                                               i = 1 … R
 *   M_t[m][n] = M_{t−1}[m][n]·Π_j(1 − wʲ[n]·eʲ[m]) + Σ_j wʲ[n]·aʲ[m]               j = 1 … W
 *
 * With E_j = M_{t−1}·Π_{i≠j}(1 − wⁱ⊗eⁱ), what the other write heads leave of the memory:
 *   dwⁱ[n] = Σ_m drⁱ[m]·M_{t−1}[m][n]                                             (read heads)
 *   dwʲ[n] = Σ_m dM_t[m][n]·(aʲ[m] − eʲ[m]·E_j[m][n])                              (write heads)
 *   deʲ[m] = −Σ_n dM_t[m][n]·wʲ[n]·E_j[m][n]       daʲ[m] = Σ_n dM_t[m][n]·wʲ[n]
 *   dM_{t−1}[m][n] = dM_t[m][n]·Π_j(1 − wʲ[n]·eʲ[m]) + Σ_i drⁱ[m]·wⁱ[n] + Σ_heads α[n]·k[m] − μ[n]·M_{t−1}[m][n]
 * (the last two terms: content.ts).
 *
 * Shapes per row: M [M, N]; reading weightings [R, N], writing ones w [W, N]; r [R, M]; e, a [W, M]; k [K, M];
 * α [K, N]; μ [N]. Saved: M_{t−1}, the weightings, e, a. Before the first step M is 1e-6 (blank).
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

function blank(this: Thread): number {
  return 1e-6;
}

function read(this: Thread<'N'>, reading: Array3, memory: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    sum += reading[this.thread.z][this.thread.y][n] * memory[this.thread.z][this.thread.x][n];
  }
  return sum;
}

function write(this: Thread<'W'>, memory: Array3, w: Array3, e: Array3, a: Array3): number {
  let value = memory[this.thread.z][this.thread.y][this.thread.x];
  for (let j = 0; j < this.constants.W; j++) {
    value *= 1 - w[this.thread.z][j][this.thread.x] * e[this.thread.z][j][this.thread.y];
  }
  for (let j = 0; j < this.constants.W; j++) {
    value += w[this.thread.z][j][this.thread.x] * a[this.thread.z][j][this.thread.y];
  }
  return value;
}

/** dw of the read heads, and what step t+1 asks of them (next). */
function backwardReading(this: Thread<'M'>, memory: Array3, dr: Array3, next: Array3): number {
  let sum = next[this.thread.z][this.thread.y][this.thread.x];
  for (let m = 0; m < this.constants.M; m++) {
    sum += dr[this.thread.z][this.thread.y][m] * memory[this.thread.z][m][this.thread.x];
  }
  return sum;
}

/** dw of the write heads, and what step t+1 asks of them (next). */
function backwardWriting(this: Thread<'M' | 'W'>, memory: Array3, w: Array3, e: Array3, a: Array3, dMemory: Array3, next: Array3): number {
  let sum = next[this.thread.z][this.thread.y][this.thread.x];
  for (let m = 0; m < this.constants.M; m++) {
    let left = memory[this.thread.z][m][this.thread.x];
    for (let i = 0; i < this.constants.W; i++) {
      if (i !== this.thread.y) {
        left *= 1 - w[this.thread.z][i][this.thread.x] * e[this.thread.z][i][m];
      }
    }
    sum += dMemory[this.thread.z][m][this.thread.x] * (a[this.thread.z][this.thread.y][m] - e[this.thread.z][this.thread.y][m] * left);
  }
  return sum;
}

function backwardErase(this: Thread<'N' | 'W'>, memory: Array3, w: Array3, e: Array3, dMemory: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    let left = memory[this.thread.z][this.thread.x][n];
    for (let i = 0; i < this.constants.W; i++) {
      if (i !== this.thread.y) {
        left *= 1 - w[this.thread.z][i][n] * e[this.thread.z][i][this.thread.x];
      }
    }
    sum -= dMemory[this.thread.z][this.thread.x][n] * w[this.thread.z][this.thread.y][n] * left;
  }
  return sum;
}

function backwardAdd(this: Thread<'N'>, w: Array3, dMemory: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    sum += dMemory[this.thread.z][this.thread.x][n] * w[this.thread.z][this.thread.y][n];
  }
  return sum;
}

/** What writing and reading ask of M_{t−1}. */
function backwardMemory(this: Thread<'R' | 'W'>, reading: Array3, w: Array3, e: Array3, dr: Array3, dMemory: Array3): number {
  let d = dMemory[this.thread.z][this.thread.y][this.thread.x];
  for (let j = 0; j < this.constants.W; j++) {
    d *= 1 - w[this.thread.z][j][this.thread.x] * e[this.thread.z][j][this.thread.y];
  }
  for (let i = 0; i < this.constants.R; i++) {
    d += dr[this.thread.z][i][this.thread.y] * reading[this.thread.z][i][this.thread.x];
  }
  return d;
}

/** dM_{t−1}, with what content addressing asks of it. */
function backwardContent(this: Thread<'K'>, d: Array3, memory: Array3, k: Array3, alpha: Array3, mu: Array2): number {
  let sum = d[this.thread.z][this.thread.y][this.thread.x];
  for (let h = 0; h < this.constants.K; h++) {
    sum += alpha[this.thread.z][h][this.thread.x] * k[this.thread.z][h][this.thread.y];
  }
  return sum - mu[this.thread.z][this.thread.x] * memory[this.thread.z][this.thread.y][this.thread.x];
}

export const memory = {
  blank: kernel('blank memory', '-> [B, M, N]', blank),
  read: kernel('read', 'reading [B, R, N], memory [B, M, N] -> [B, R, M]', read),
  write: kernel('erase and add', 'memory [B, M, N], w [B, W, N], e [B, W, M], a [B, W, M] -> [B, M, N]', write),
  backwardReading: kernel('memory backward, reading', 'memory [B, M, N], dr [B, R, M], next [B, R, N] -> [B, R, N]', backwardReading),
  backwardWriting: kernel(
    'memory backward, writing',
    'memory [B, M, N], w [B, W, N], e [B, W, M], a [B, W, M], dMemory [B, M, N], next [B, W, N] -> [B, W, N]',
    backwardWriting,
  ),
  backwardErase: kernel('memory backward, erase', 'memory [B, M, N], w [B, W, N], e [B, W, M], dMemory [B, M, N] -> [B, W, M]', backwardErase),
  backwardAdd: kernel('memory backward, add', 'w [B, W, N], dMemory [B, M, N] -> [B, W, M]', backwardAdd),
  backwardMemory: kernel('memory backward, memory', 'reading [B, R, N], w [B, W, N], e [B, W, M], dr [B, R, M], dMemory [B, M, N] -> [B, M, N]', backwardMemory),
  backwardContent: kernel('memory backward, content', 'd [B, M, N], memory [B, M, N], k [B, K, M], alpha [B, K, N], mu [B, N] -> [B, M, N]', backwardContent),
};
