/**
 * Content similarity (§3.3.1, equations 5 and 6), of all heads with the same memory.
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
 * over the first case):  dk = Σ_n α[n]·m_n − κ·k  and  dm_n = Σ_heads α[n]·k − μ[n]·m_n  (memory.ts).
 *
 * Shapes per row: k [K, M]; β, ‖k‖, κ [K]; memory [M, N]; ‖m_n‖, μ [N]; c, z, α [K, N].
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

/** ‖k‖. */
function keyNorm(this: Thread<'M'>, k: Array3): number {
  let sum = 0;
  for (let m = 0; m < this.constants.M; m++) {
    sum += k[this.thread.y][this.thread.x][m] * k[this.thread.y][this.thread.x][m];
  }
  return Math.sqrt(sum);
}

/** ‖m_n‖. */
function memoryNorm(this: Thread<'M'>, memory: Array3): number {
  let sum = 0;
  for (let m = 0; m < this.constants.M; m++) {
    sum += memory[this.thread.y][m][this.thread.x] * memory[this.thread.y][m][this.thread.x];
  }
  return Math.sqrt(sum);
}

/** c. */
function similarity(this: Thread<'M'>, k: Array3, memory: Array3, keyNorms: Array2, memoryNorms: Array2): number {
  let sum = 0;
  for (let m = 0; m < this.constants.M; m++) {
    sum += k[this.thread.z][this.thread.y][m] * memory[this.thread.z][m][this.thread.x];
  }
  return sum / Math.max(keyNorms[this.thread.z][this.thread.y] * memoryNorms[this.thread.z][this.thread.x], 1e-8);
}

/** z = β·c. */
function strengthen(this: Thread, beta: Array2, c: Array3): number {
  return beta[this.thread.z][this.thread.y] * c[this.thread.z][this.thread.y][this.thread.x];
}

/** dβ. */
function backwardStrength(this: Thread<'N'>, c: Array3, dz: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    sum += c[this.thread.y][this.thread.x][n] * dz[this.thread.y][this.thread.x][n];
  }
  return sum;
}

/** α. */
function backwardAlpha(this: Thread, beta: Array2, keyNorms: Array2, memoryNorms: Array2, dz: Array3): number {
  const u = beta[this.thread.z][this.thread.y] * dz[this.thread.z][this.thread.y][this.thread.x];
  return u / Math.max(keyNorms[this.thread.z][this.thread.y] * memoryNorms[this.thread.z][this.thread.x], 1e-8);
}

/** μ. Where ‖k‖‖m‖ > ε, u·c/‖m‖² = α·c·‖k‖/‖m‖. */
function backwardMu(this: Thread<'K'>, c: Array3, alpha: Array3, keyNorms: Array2, memoryNorms: Array2): number {
  const norm = memoryNorms[this.thread.y][this.thread.x];
  let sum = 0;
  for (let k = 0; k < this.constants.K; k++) {
    const keyNorm = keyNorms[this.thread.y][k];
    sum += norm * keyNorm > 1e-8 ? alpha[this.thread.y][k][this.thread.x] * c[this.thread.y][k][this.thread.x] * keyNorm : 0;
  }
  return sum / Math.max(norm, 1e-30);
}

/** κ. Where ‖k‖‖m‖ > ε, u·c/‖k‖² = α·c·‖m‖/‖k‖. */
function backwardKappa(this: Thread<'N'>, c: Array3, alpha: Array3, keyNorms: Array2, memoryNorms: Array2): number {
  const norm = keyNorms[this.thread.y][this.thread.x];
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    const memoryNorm = memoryNorms[this.thread.y][n];
    sum += norm * memoryNorm > 1e-8 ? alpha[this.thread.y][this.thread.x][n] * c[this.thread.y][this.thread.x][n] * memoryNorm : 0;
  }
  return sum / Math.max(norm, 1e-30);
}

/** dk. */
function backwardKey(this: Thread<'N'>, k: Array3, memory: Array3, alpha: Array3, kappa: Array2): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    sum += alpha[this.thread.z][this.thread.y][n] * memory[this.thread.z][this.thread.x][n];
  }
  return sum - kappa[this.thread.z][this.thread.y] * k[this.thread.z][this.thread.y][this.thread.x];
}

export const content = {
  keyNorm: kernel('key norm', 'k [B, K, M] -> [B, K]', keyNorm),
  memoryNorm: kernel('memory norm', 'memory [B, M, N] -> [B, N]', memoryNorm),
  similarity: kernel('content similarity', 'k [B, K, M], memory [B, M, N], keyNorms [B, K], memoryNorms [B, N] -> [B, K, N]', similarity),
  strengthen: kernel('key strength', 'beta [B, K], c [B, K, N] -> [B, K, N]', strengthen),
  backwardStrength: kernel('key strength backward', 'c [B, K, N], dz [B, K, N] -> [B, K]', backwardStrength),
  backwardAlpha: kernel('content backward, α', 'beta [B, K], keyNorms [B, K], memoryNorms [B, N], dz [B, K, N] -> [B, K, N]', backwardAlpha),
  backwardMu: kernel('content backward, μ', 'c [B, K, N], alpha [B, K, N], keyNorms [B, K], memoryNorms [B, N] -> [B, N]', backwardMu),
  backwardKappa: kernel('content backward, κ', 'c [B, K, N], alpha [B, K, N], keyNorms [B, K], memoryNorms [B, N] -> [B, K]', backwardKappa),
  backwardKey: kernel('content backward, key', 'k [B, K, M], memory [B, M, N], alpha [B, K, N], kappa [B, K] -> [B, K, M]', backwardKey),
};
