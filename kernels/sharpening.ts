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

/**
 * The recurrence of weightings multiplies a relative error by γ at every step, so γ·log u must not be
 * rounded as one product of rounded factors. log u = f + δ with f = u − 1 exact and δ of order f² (for
 * u > √½; further down f is log u itself and u^γ is small); γ and f are split by rounding down to 1/16
 * and 1/1024, so that the leading product is exact, and its exponential is multiplied by the rest's.
 */
function power(this: Thread<'M'>, shifted: Array3, top: Array2, heads: Array2): number {
  const u = Math.max(shifted[this.thread.z][this.thread.y][this.thread.x] / top[this.thread.z][this.thread.y], 1e-30);
  const gamma = heads[this.thread.z][4 * this.constants.M + 4 + this.thread.y];
  const near = u - 1;
  const series =
    (((((((7.0376836292e-2 * near - 1.151461031e-1) * near + 1.1676998740e-1) * near - 1.2420140846e-1) * near + 1.4249322787e-1) * near - 1.6668057665e-1) * near + 2.0000714765e-1) * near - 2.4999993993e-1) * near + 3.3333331174e-1;
  const logarithm = Math.log(u);
  const f = u > 0.70710678 ? near : logarithm;
  const delta = u > 0.70710678 ? near * near * (near * series - 0.5) : 0;
  const fHigh = Math.floor(f * 1024) / 1024;
  const gammaHigh = Math.floor(gamma * 16) / 16;
  const p = Math.exp(gammaHigh * fHigh) * Math.exp(gammaHigh * (f - fHigh) + (gamma - gammaHigh) * f + gamma * delta);
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
