/**
 * Sharpening (§3.3.2, equation 9), relative to the largest w̃ so that no γ underflows.
 *
 *   p[n] = (w̃[n]/max w̃)^γ      w = p/Σp       (largest, total and normalise: softmax.ts)
 *
 * w does not change when w̃ is scaled, so the maximum contributes no gradient:
 *   dw̃[n] = γ·w[n]/w̃[n]·(dw[n] − Σ_j w[j]·dw[j])
 *   dγ = Σ_n w[n]·log(w̃[n]/max w̃)·(dw[n] − Σ_j w[j]·dw[j])
 * and both terms are 0 where w̃[n] = 0. Shapes per row: weightings [K, N]; max w̃, γ, Σ_j w[j]·dw[j] [K].
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

function power(this: Thread, shifted: Array3, top: Array2, gamma: Array2): number {
  return Math.pow(shifted[this.thread.z][this.thread.y][this.thread.x] / top[this.thread.z][this.thread.y], gamma[this.thread.z][this.thread.y]);
}

function backwardShifted(this: Thread, shifted: Array3, gamma: Array2, w: Array3, dw: Array3, average: Array2): number {
  const v = shifted[this.thread.z][this.thread.y][this.thread.x];
  const slope = (gamma[this.thread.z][this.thread.y] * w[this.thread.z][this.thread.y][this.thread.x]) / Math.max(v, 1e-30);
  return v > 1e-30 ? slope * (dw[this.thread.z][this.thread.y][this.thread.x] - average[this.thread.z][this.thread.y]) : 0;
}

function backwardGamma(this: Thread<'N'>, shifted: Array3, top: Array2, w: Array3, dw: Array3, average: Array2): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    const logarithm = Math.log(Math.max(shifted[this.thread.y][this.thread.x][n] / top[this.thread.y][this.thread.x], 1e-30));
    sum += w[this.thread.y][this.thread.x][n] * logarithm * (dw[this.thread.y][this.thread.x][n] - average[this.thread.y][this.thread.x]);
  }
  return sum;
}

export const sharpening = {
  power: kernel('sharpening', 'shifted [B, K, N], top [B, K], gamma [B, K] -> [B, K, N]', power),
  backwardShifted: kernel(
    'sharpening backward, weighting',
    'shifted [B, K, N], gamma [B, K], w [B, K, N], dw [B, K, N], average [B, K] -> [B, K, N]',
    backwardShifted,
  ),
  backwardGamma: kernel('sharpening backward, γ', 'shifted [B, K, N], top [B, K], w [B, K, N], dw [B, K, N], average [B, K] -> [B, K]', backwardGamma),
};
