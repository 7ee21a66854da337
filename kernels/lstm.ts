/**
 * LSTM cell (the paper's controller, §3.3.3; gate order i f g o as in PyTorch), after its product
 * z = W·[x, r_{t−1}, h_{t−1}, 1, 1] (linear.ts).
 *
 *   i = σ(z_i)  f = σ(z_f)  g = tanh(z_g)  o = σ(z_o)
 *   c_t = f·c_{t−1} + i·g         h_t = o·tanh(c_t)
 *
 *   dc_t = dh_t·o·(1 − tanh²c_t) + (f·dc)_{t+1}
 *   dz_i = dc·g·i(1−i)   dz_f = dc·c_{t−1}·f(1−f)   dz_g = dc·i·(1−g²)   dz_o = dh·tanh(c)·o(1−o)
 *
 * Shapes per row: z, gates [4, H]; c, h [H]. Saved: the activated gates and c; tanh(c) is recomputed, one
 * exponential being cheaper than a stored array. σ and tanh take exp of −|v| only, so that ±1000 stays
 * finite: tanh|v| = (1 − e)/(1 + e) with e = exp(−2|v|).
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

function activate(this: Thread, z: Array3): number {
  const v = z[this.thread.z][this.thread.y][this.thread.x];
  let gate = 0;
  if (this.thread.y === 2) {
    const e = Math.exp(-2 * Math.abs(v));
    gate = (v >= 0 ? 1 - e : e - 1) / (1 + e);
  } else {
    const e = Math.exp(-Math.abs(v));
    gate = (v >= 0 ? 1 : e) / (1 + e);
  }
  return gate;
}

function cell(this: Thread, gates: Array3, previous: Array2): number {
  const i = gates[this.thread.y][0][this.thread.x];
  const f = gates[this.thread.y][1][this.thread.x];
  const g = gates[this.thread.y][2][this.thread.x];
  return f * previous[this.thread.y][this.thread.x] + i * g;
}

function hidden(this: Thread, gates: Array3, c: Array2): number {
  const v = c[this.thread.y][this.thread.x];
  const e = Math.exp(-2 * Math.abs(v));
  const tanh = (v >= 0 ? 1 - e : e - 1) / (1 + e);
  return gates[this.thread.y][3][this.thread.x] * tanh;
}

/** dc_t; `forgotten` is what step t+1 left: (f·dc)_{t+1}. */
function backwardCell(this: Thread, gates: Array3, c: Array2, dh: Array2, forgotten: Array2): number {
  const e = Math.exp(-2 * Math.abs(c[this.thread.y][this.thread.x]));
  const tanh = (1 - e) / (1 + e);
  return dh[this.thread.y][this.thread.x] * gates[this.thread.y][3][this.thread.x] * (1 - tanh * tanh) + forgotten[this.thread.y][this.thread.x];
}

/** (f·dc)_t. */
function backwardPrevious(this: Thread, gates: Array3, dc: Array2): number {
  return gates[this.thread.y][1][this.thread.x] * dc[this.thread.y][this.thread.x];
}

function backwardGates(this: Thread, gates: Array3, previous: Array2, c: Array2, dh: Array2, dc: Array2): number {
  const gate = gates[this.thread.z][this.thread.y][this.thread.x];
  let d = 0;
  if (this.thread.y === 0) {
    d = dc[this.thread.z][this.thread.x] * gates[this.thread.z][2][this.thread.x] * gate * (1 - gate);
  }
  if (this.thread.y === 1) {
    d = dc[this.thread.z][this.thread.x] * previous[this.thread.z][this.thread.x] * gate * (1 - gate);
  }
  if (this.thread.y === 2) {
    d = dc[this.thread.z][this.thread.x] * gates[this.thread.z][0][this.thread.x] * (1 - gate * gate);
  }
  if (this.thread.y === 3) {
    const v = c[this.thread.z][this.thread.x];
    const e = Math.exp(-2 * Math.abs(v));
    const tanh = (v >= 0 ? 1 - e : e - 1) / (1 + e);
    d = dh[this.thread.z][this.thread.x] * tanh * gate * (1 - gate);
  }
  return d;
}

export const lstm = {
  activate: kernel('LSTM gates', 'z [B, 4, H] -> [B, 4, H]', activate),
  cell: kernel('LSTM cell', 'gates [B, 4, H], previous [B, H] -> [B, H]', cell),
  hidden: kernel('LSTM hidden', 'gates [B, 4, H], c [B, H] -> [B, H]', hidden),
  backwardCell: kernel('LSTM backward, cell', 'gates [B, 4, H], c [B, H], dh [B, H], forgotten [B, H] -> [B, H]', backwardCell),
  backwardPrevious: kernel('LSTM backward, previous cell', 'gates [B, 4, H], dc [B, H] -> [B, H]', backwardPrevious),
  backwardGates: kernel('LSTM backward, gates', 'gates [B, 4, H], previous [B, H], c [B, H], dh [B, H], dc [B, H] -> [B, 4, H]', backwardGates),
};
