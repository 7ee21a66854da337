/**
 * GRU cell (Cho et al., arXiv 1406.1078; gate order r z n and the reset after the product as in PyTorch),
 * after its products a = W_i·[x, r_{t−1}, 1] and b = W_h·[h_{t−1}, 1] (linear.ts).
 *
 *   r = σ(a_r + b_r)   z = σ(a_z + b_z)   n = tanh(a_n + r·b_n)   h_t = (1 − z)·n + z·h_{t−1}
 *
 *   da_n = dh·(1 − z)·(1 − n²)    db_n = da_n·r
 *   da_r = db_r = da_n·b_n·r(1 − r)      da_z = db_z = dh·(h_{t−1} − n)·z(1 − z)
 *   dh_{t−1} = dh·z + W_hᵀ·db
 *
 * Shapes per row: a, b [3, H]; gates [2, H]: r, z; n, h [H]. Saved: b, the gates, n and h_{t−1}.
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

function activate(this: Thread, a: Array3, b: Array3): number {
  const v = a[this.thread.z][this.thread.y][this.thread.x] + b[this.thread.z][this.thread.y][this.thread.x];
  const e = Math.exp(-Math.abs(v));
  return (v >= 0 ? 1 : e) / (1 + e);
}

function candidate(this: Thread, a: Array2, b: Array2, reset: Array2): number {
  const v = a[this.thread.y][this.thread.x] + reset[this.thread.y][this.thread.x] * b[this.thread.y][this.thread.x];
  const e = Math.exp(-2 * Math.abs(v));
  return (v >= 0 ? 1 - e : e - 1) / (1 + e);
}

/** Written as n + z·(h_{t−1} − n). */
function hidden(this: Thread, update: Array2, n: Array2, previous: Array2): number {
  const candidate = n[this.thread.y][this.thread.x];
  return candidate + update[this.thread.y][this.thread.x] * (previous[this.thread.y][this.thread.x] - candidate);
}

function backwardCandidate(this: Thread, update: Array2, n: Array2, dh: Array2): number {
  const candidate = n[this.thread.y][this.thread.x];
  return dh[this.thread.y][this.thread.x] * (1 - update[this.thread.y][this.thread.x]) * (1 - candidate * candidate);
}

/** db_n. */
function backwardProduct(this: Thread, reset: Array2, dn: Array2): number {
  return dn[this.thread.y][this.thread.x] * reset[this.thread.y][this.thread.x];
}

/** da_r = db_r. */
function backwardReset(this: Thread, reset: Array2, b: Array2, dn: Array2): number {
  const r = reset[this.thread.y][this.thread.x];
  return dn[this.thread.y][this.thread.x] * b[this.thread.y][this.thread.x] * r * (1 - r);
}

/** da_z = db_z. */
function backwardUpdate(this: Thread, update: Array2, n: Array2, previous: Array2, dh: Array2): number {
  const z = update[this.thread.y][this.thread.x];
  return dh[this.thread.y][this.thread.x] * (previous[this.thread.y][this.thread.x] - n[this.thread.y][this.thread.x]) * z * (1 - z);
}

/** dh_{t−1}; `product` is W_hᵀ·db. */
function backwardPrevious(this: Thread, update: Array2, dh: Array2, product: Array2): number {
  return dh[this.thread.y][this.thread.x] * update[this.thread.y][this.thread.x] + product[this.thread.y][this.thread.x];
}

export const gru = {
  activate: kernel('GRU gates', 'a [B, 2, H], b [B, 2, H] -> [B, 2, H]', activate),
  candidate: kernel('GRU candidate', 'a [B, H], b [B, H], reset [B, H] -> [B, H]', candidate),
  hidden: kernel('GRU hidden', 'update [B, H], n [B, H], previous [B, H] -> [B, H]', hidden),
  backwardCandidate: kernel('GRU backward, candidate', 'update [B, H], n [B, H], dh [B, H] -> [B, H]', backwardCandidate),
  backwardProduct: kernel('GRU backward, product', 'reset [B, H], dn [B, H] -> [B, H]', backwardProduct),
  backwardReset: kernel('GRU backward, reset', 'reset [B, H], b [B, H], dn [B, H] -> [B, H]', backwardReset),
  backwardUpdate: kernel('GRU backward, update', 'update [B, H], n [B, H], previous [B, H], dh [B, H] -> [B, H]', backwardUpdate),
  backwardPrevious: kernel('GRU backward, previous hidden', 'update [B, H], dh [B, H], product [B, H] -> [B, H]', backwardPrevious),
};
