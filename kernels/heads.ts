/**
 * From the heads' linear layer to their parameters (§3.3).
 *
 *   k = z   a = z   e = σ(z)   g = σ(z)   β = softplus(z)   γ = 1 + softplus(z)   s = softmax(z_s)
 *
 *   dz = d·{1, 1, e(1−e), g(1−g), σ(z) = 1 − exp(−β), 1 − exp(1−γ)},  dz_s = s∘(ds − Σ s·ds)
 *
 * One row of 4M+12 columns, read head first:
 *   [k_r | k_w | a | e | g_r g_w | β_r β_w | γ_r γ_w | z_s of r (3) | z_s of w (3)]
 * M columns each before g. softplus and σ take exp of −|z| only; softplus(z) = max(z, 0) + log(1 + exp(−|z|)).
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

/** The shift logits pass through; `shiftWeighting` normalises them. */
function activate(this: Thread<'M'>, z: Array2): number {
  const v = z[this.thread.y][this.thread.x];
  const e = Math.exp(-Math.abs(v));
  const sigmoid = (v >= 0 ? 1 : e) / (1 + e);
  const softplus = Math.max(v, 0) + Math.log(1 + e);
  const rank = this.thread.x - 4 * this.constants.M;
  let y = v;
  if (rank >= -this.constants.M) {
    y = sigmoid;
  }
  if (rank >= 2) {
    y = softplus;
  }
  if (rank >= 4) {
    y = 1 + softplus;
  }
  if (rank >= 6) {
    y = v;
  }
  return y;
}

/** s of both heads: [2, 3], as 1/Σ_k exp(z_k − z_j): the largest tap then hardly feels the exponentials' rounding. */
function shiftWeighting(this: Thread<'M'>, z: Array2): number {
  const at = 4 * this.constants.M + 6 + 3 * this.thread.y;
  const own = z[this.thread.z][at + this.thread.x];
  return 1 / (Math.exp(z[this.thread.z][at] - own) + Math.exp(z[this.thread.z][at + 1] - own) + Math.exp(z[this.thread.z][at + 2] - own));
}

/** dz of k, a, e: [4, M] in the order of the row; dkRead, dkWrite, da, de are partial sums [M, 4]. */
function backwardVectors(this: Thread<'M'>, heads: Array2, dkRead: Array3, dkWrite: Array3, kappa: Array2, da: Array3, de: Array3): number {
  let d = 0;
  if (this.thread.y === 0) {
    d = dkRead[this.thread.z][this.thread.x][0] + dkRead[this.thread.z][this.thread.x][1] + dkRead[this.thread.z][this.thread.x][2] + dkRead[this.thread.z][this.thread.x][3];
    d = d - kappa[this.thread.z][0] * heads[this.thread.z][this.thread.x];
  }
  if (this.thread.y === 1) {
    d = dkWrite[this.thread.z][this.thread.x][0] + dkWrite[this.thread.z][this.thread.x][1] + dkWrite[this.thread.z][this.thread.x][2] + dkWrite[this.thread.z][this.thread.x][3];
    d = d - kappa[this.thread.z][1] * heads[this.thread.z][this.constants.M + this.thread.x];
  }
  if (this.thread.y === 2) {
    d = da[this.thread.z][this.thread.x][0] + da[this.thread.z][this.thread.x][1] + da[this.thread.z][this.thread.x][2] + da[this.thread.z][this.thread.x][3];
  }
  if (this.thread.y === 3) {
    const e = heads[this.thread.z][3 * this.constants.M + this.thread.x];
    d = de[this.thread.z][this.thread.x][0] + de[this.thread.z][this.thread.x][1] + de[this.thread.z][this.thread.x][2] + de[this.thread.z][this.thread.x][3];
    d = d * e * (1 - e);
  }
  return d;
}

/** dz of both heads' scalars, by kind: [6, 2] as g, β, γ, then z_s 0…2; thread.x is the head. */
function backwardScalars(this: Thread<'M'>, heads: Array2, s: Array3, dg: Array2, dBeta: Array2, dGamma: Array2, ds: Array3): number {
  const head = this.thread.x;
  const at = 4 * this.constants.M + head;
  let d = 0;
  if (this.thread.y === 0) {
    const g = heads[this.thread.z][at];
    d = dg[this.thread.z][head] * g * (1 - g);
  }
  if (this.thread.y === 1) {
    d = dBeta[this.thread.z][head] * (1 - Math.exp(-heads[this.thread.z][at + 2]));
  }
  if (this.thread.y === 2) {
    d = dGamma[this.thread.z][head] * (1 - Math.exp(1 - heads[this.thread.z][at + 4]));
  }
  if (this.thread.y > 2) {
    const mean = s[this.thread.z][head][0] * ds[this.thread.z][head][0] + s[this.thread.z][head][1] * ds[this.thread.z][head][1] + s[this.thread.z][head][2] * ds[this.thread.z][head][2];
    d = s[this.thread.z][head][this.thread.y - 3] * (ds[this.thread.z][head][this.thread.y - 3] - mean);
  }
  return d;
}

/** Lays the two kinds of dz out as the row that the linear layer gave. */
function backwardRow(this: Thread<'M'>, vectors: Array3, scalars: Array3): number {
  let d = 0;
  const rank = this.thread.x - 4 * this.constants.M;
  if (rank < 0) {
    const kind = Math.floor((this.thread.x + 0.5) / this.constants.M);
    d = vectors[this.thread.y][kind][this.thread.x - kind * this.constants.M];
  } else {
    if (rank < 6) {
      const kind = Math.floor((rank + 0.5) / 2);
      d = scalars[this.thread.y][kind][rank - kind * 2];
    } else {
      const head = Math.floor((rank - 5.5) / 3);
      d = scalars[this.thread.y][rank - 3 - head * 3][head];
    }
  }
  return d;
}

export const heads = {
  activate: kernel('head parameters', activate),
  shiftWeighting: kernel('shift weighting', shiftWeighting),
  backwardVectors: kernel('head backward, vectors', backwardVectors),
  backwardScalars: kernel('head backward, scalars', backwardScalars),
  backwardRow: kernel('head backward, row', backwardRow),
};
