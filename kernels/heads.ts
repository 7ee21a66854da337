/**
 * The shift weighting of a head (§3.3.2) from its logits. The other parameters of a head (§3.3) are
 * elementwise (activation.ts): k = z, a = z, e = σ(z), g = σ(z), β = softplus(z), γ = 1 + softplus(z).
 *
 *   s = softmax(z), as s_j = 1/Σ_i exp(z_i − z_j): the largest tap hardly feels the exponentials' rounding
 *   dz_j = s_j·(ds_j − Σ_i s_i·ds_i)
 *
 * Shapes per row: z, s [K, S].
 */
import { type Array3, kernel, type Thread } from './kernel.js';

function shift(this: Thread<'S'>, z: Array3): number {
  let sum = 0;
  for (let i = 0; i < this.constants.S; i++) {
    sum += Math.exp(z[this.thread.z][this.thread.y][i] - z[this.thread.z][this.thread.y][this.thread.x]);
  }
  return 1 / sum;
}

function backwardShift(this: Thread<'S'>, s: Array3, ds: Array3): number {
  let mean = 0;
  for (let i = 0; i < this.constants.S; i++) {
    mean += s[this.thread.z][this.thread.y][i] * ds[this.thread.z][this.thread.y][i];
  }
  return s[this.thread.z][this.thread.y][this.thread.x] * (ds[this.thread.z][this.thread.y][this.thread.x] - mean);
}

export const heads = {
  shift: kernel('shift weighting', 'z [B, K, S] -> [B, K, S]', shift),
  backwardShift: kernel('shift weighting backward', 's [B, K, S], ds [B, K, S] -> [B, K, S]', backwardShift),
};
