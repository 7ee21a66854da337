/**
 * Content similarity (§3.3.1, equations 5 and 6), of both heads with the same memory.
 *
 *   c[n] = k·m_n / max(‖k‖·‖m_n‖, ε)      ε = 1e-8
 *   w_c = softmax_n(β·c)                  (softmax.ts; its logit z = β·c)
 *
 *   dβ = Σ_n dz[n]·c[n]                   u[n] = β·dz[n]  (= dc[n])
 *   where ‖k‖·‖m_n‖ > ε:   dk    += u·(m_n/(‖k‖‖m_n‖) − c·k/‖k‖²)
 *                          dm_n  += u·(k/(‖k‖‖m_n‖) − c·m_n/‖m_n‖²)
 *   elsewhere:             dk    += u·m_n/ε         dm_n += u·k/ε
 *
 * so that with  α[n] = u/max(‖k‖‖m_n‖, ε),  κ = Σ u·c/‖k‖²,  μ[n] = Σ_heads u·c/‖m_n‖²  (κ and μ only
 * over the first case):  dk = Σ_n α[n]·m_n − κ·k  and  dm_n = Σ_heads α[n]·k − μ[n]·m_n.
 *
 * Shapes per row: keys in the head row; memory [M, N]; norms [N] and [2]; c, z, α [2, N]; μ [N]; κ [2].
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

/** ‖m_n‖: [N]. */
function memoryNorm(this: Thread<'M'>, memory: Array3): number {
  let sum = 0;
  for (let m = 0; m < this.constants.M; m++) {
    sum += memory[this.thread.y][m][this.thread.x] * memory[this.thread.y][m][this.thread.x];
  }
  return Math.sqrt(sum);
}

/** ‖k‖ of both heads: [2]. */
function keyNorm(this: Thread<'M'>, heads: Array2): number {
  let sum = 0;
  for (let m = 0; m < this.constants.M; m++) {
    sum += heads[this.thread.y][this.thread.x * this.constants.M + m] * heads[this.thread.y][this.thread.x * this.constants.M + m];
  }
  return Math.sqrt(sum);
}

/** c: [2, N]. */
function similarity(this: Thread<'M'>, heads: Array2, memory: Array3, keyNorms: Array2, memoryNorms: Array2): number {
  let sum = 0;
  for (let m = 0; m < this.constants.M; m++) {
    sum += heads[this.thread.z][this.thread.y * this.constants.M + m] * memory[this.thread.z][m][this.thread.x];
  }
  return sum / Math.max(keyNorms[this.thread.z][this.thread.y] * memoryNorms[this.thread.z][this.thread.x], 1e-8);
}

/** z = β·c: [2, N]. */
function strengthen(this: Thread<'M'>, c: Array3, heads: Array2): number {
  return heads[this.thread.z][4 * this.constants.M + 2 + this.thread.y] * c[this.thread.z][this.thread.y][this.thread.x];
}

/** dβ: [2]. */
function backwardStrength(this: Thread<'N'>, c: Array3, dz: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    sum += c[this.thread.y][this.thread.x][n] * dz[this.thread.y][this.thread.x][n];
  }
  return sum;
}

/** α: [2, N]. */
function backwardAlpha(this: Thread<'M'>, heads: Array2, keyNorms: Array2, memoryNorms: Array2, dz: Array3): number {
  return (
    (heads[this.thread.z][4 * this.constants.M + 2 + this.thread.y] * dz[this.thread.z][this.thread.y][this.thread.x]) /
    Math.max(keyNorms[this.thread.z][this.thread.y] * memoryNorms[this.thread.z][this.thread.x], 1e-8)
  );
}

/** μ: [N]. Where ‖k‖‖m‖ > ε, u·c/‖m‖² = α·c·‖k‖/‖m‖. */
function backwardMu(this: Thread, c: Array3, alpha: Array3, keyNorms: Array2, memoryNorms: Array2): number {
  const norm = memoryNorms[this.thread.y][this.thread.x];
  const read = c[this.thread.y][0][this.thread.x] * alpha[this.thread.y][0][this.thread.x] * keyNorms[this.thread.y][0];
  const write = c[this.thread.y][1][this.thread.x] * alpha[this.thread.y][1][this.thread.x] * keyNorms[this.thread.y][1];
  const first = norm * keyNorms[this.thread.y][0] > 1e-8 ? read : 0;
  const second = norm * keyNorms[this.thread.y][1] > 1e-8 ? write : 0;
  return (first + second) / Math.max(norm, 1e-30);
}

/** κ: [2]. Where ‖k‖‖m‖ > ε, u·c/‖k‖² = α·c·‖m‖/‖k‖. */
function backwardKappa(this: Thread<'N'>, c: Array3, alpha: Array3, keyNorms: Array2, memoryNorms: Array2): number {
  const norm = keyNorms[this.thread.y][this.thread.x];
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    if (norm * memoryNorms[this.thread.y][n] > 1e-8) {
      sum += c[this.thread.y][this.thread.x][n] * alpha[this.thread.y][this.thread.x][n] * memoryNorms[this.thread.y][n];
    }
  }
  return sum / Math.max(norm, 1e-30);
}

/** Partial sums of Σ_n α[n]·m_n for one head: [M, 4]. */
function backwardKey(this: Thread<'HEAD' | 'N' | 'N4'>, alpha: Array3, memory: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N4; n += 4) {
    sum += alpha[this.thread.z][this.constants.HEAD][n + this.thread.x] * memory[this.thread.z][this.thread.y][n + this.thread.x];
  }
  for (let nRest = this.constants.N4; nRest < this.constants.N; nRest++) {
    if (this.thread.x === nRest - this.constants.N4) {
      sum += alpha[this.thread.z][this.constants.HEAD][nRest] * memory[this.thread.z][this.thread.y][nRest];
    }
  }
  return sum;
}

export const content = {
  memoryNorm: kernel('memory norm', memoryNorm),
  keyNorm: kernel('key norm', keyNorm),
  similarity: kernel('content similarity', similarity),
  strengthen: kernel('key strength', strengthen),
  backwardStrength: kernel('key strength backward', backwardStrength),
  backwardAlpha: kernel('content backward, α', backwardAlpha),
  backwardMu: kernel('content backward, μ', backwardMu),
  backwardKappa: kernel('content backward, κ', backwardKappa),
  backwardKey: kernel('content backward, key', backwardKey),
};
