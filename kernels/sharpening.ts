/**
 * Sharpening (§3.3.2, equation 9), of both heads, relative to the largest w̃ so that no γ underflows.
 *
 *   p[n] = (w̃[n]/max w̃)^γ      w = p/Σp       (largest, total and normalise: softmax.ts)
 *
 * w does not change when w̃ is scaled, so the maximum contributes no gradient:
 *   dw̃[n] = γ·w[n]/w̃[n]·(dw[n] − Σ_j w[j]·dw[j])
 *   dγ = Σ_n w[n]·log(w̃[n]/max w̃)·(dw[n] − Σ_j w[j]·dw[j])
 * and both terms are 0 where w̃[n] = 0. Shapes per row: weightings [2, N]; γ in the head row.
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

function power(this: Thread<'M'>, shifted: Array3, top: Array2, heads: Array2): number {
  const u = shifted[this.thread.z][this.thread.y][this.thread.x] / top[this.thread.z][this.thread.y];
  const p = Math.exp(heads[this.thread.z][4 * this.constants.M + 4 + this.thread.y] * Math.log(Math.max(u, 1e-30)));
  return u > 1e-30 ? p : 0;
}

function backwardShifted(this: Thread<'M'>, shifted: Array3, w: Array3, heads: Array2, dw: Array3, average: Array2): number {
  const v = shifted[this.thread.z][this.thread.y][this.thread.x];
  const slope = w[this.thread.z][this.thread.y][this.thread.x] / Math.max(v, 1e-30);
  return v > 1e-30 ? heads[this.thread.z][4 * this.constants.M + 4 + this.thread.y] * slope * (dw[this.thread.z][this.thread.y][this.thread.x] - average[this.thread.z][this.thread.y]) : 0;
}

/** w·log(w̃/max w̃): [2, N]. */
function logarithm(this: Thread, shifted: Array3, top: Array2, w: Array3): number {
  const u = shifted[this.thread.z][this.thread.y][this.thread.x] / top[this.thread.z][this.thread.y];
  return w[this.thread.z][this.thread.y][this.thread.x] * Math.log(Math.max(u, 1e-30));
}

/** dγ: [2]. */
function backwardGamma(this: Thread<'N'>, logarithms: Array3, dw: Array3, average: Array2): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    sum += logarithms[this.thread.y][this.thread.x][n] * (dw[this.thread.y][this.thread.x][n] - average[this.thread.y][this.thread.x]);
  }
  return sum;
}

export const sharpening = {
  power: kernel('sharpening', power),
  backwardShifted: kernel('sharpening backward, weighting', backwardShifted),
  logarithm: kernel('sharpening backward, logarithm', logarithm),
  backwardGamma: kernel('sharpening backward, γ', backwardGamma),
};
