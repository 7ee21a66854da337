/**
 * LSTM cell (paper §3.3.3's controller; gate order i f g o as in PyTorch).
 *
 *   z = W·[x, r_{t-1}, h_{t-1}, 1, 1]        (two bias rows, as PyTorch keeps b_ih and b_hh)
 *   i = σ(z_i)  f = σ(z_f)  g = tanh(z_g)  o = σ(z_o)
 *   c_t = f·c_{t-1} + i·g         h_t = o·tanh(c_t)
 *
 *   dc_t = dh_t·o·(1 − tanh²c_t) + (f·dc)_{t+1}
 *   dz_i = dc·g·i(1−i)  dz_f = dc·c_{t-1}·f(1−f)  dz_g = dc·i·(1−g²)  dz_o = dh·tanh(c)·o(1−o)
 *   d[x, r, h]_k = Σ_gate Σ_x W[k][gate][x]·dz[gate][x]
 *   dW[k][gate][x] = Σ_rows [x, r, h, 1, 1]_k·dz[gate][x]
 *
 * Shapes per row: x [I], r [M], h, c [H], gates, dz [4, H]; W [I+M+H+2, 4, H]. Saved: the activated
 * gates and c; tanh(c) is recomputed, one exponential being cheaper than a stored array.
 * tanh(v) = 2σ(2v) − 1, and σ(v) takes exp of −|v| only, so that ±1000 stays finite.
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

function gates(this: Thread<'I' | 'I4' | 'M' | 'M4' | 'H' | 'H8'>, x: Array2, r: Array2, h: Array2, w: Array3): number {
  let p = w[this.constants.I + this.constants.M + this.constants.H][this.thread.y][this.thread.x];
  let q = w[this.constants.I + this.constants.M + this.constants.H + 1][this.thread.y][this.thread.x];
  let s = 0;
  let u = 0;
  let p2 = 0;
  let q2 = 0;
  let s2 = 0;
  let u2 = 0;
  for (let i = 0; i < this.constants.I4; i += 4) {
    p += x[this.thread.z][i] * w[i][this.thread.y][this.thread.x];
    q += x[this.thread.z][i + 1] * w[i + 1][this.thread.y][this.thread.x];
    s += x[this.thread.z][i + 2] * w[i + 2][this.thread.y][this.thread.x];
    u += x[this.thread.z][i + 3] * w[i + 3][this.thread.y][this.thread.x];
  }
  for (let iRest = this.constants.I4; iRest < this.constants.I; iRest++) {
    p += x[this.thread.z][iRest] * w[iRest][this.thread.y][this.thread.x];
  }
  for (let m = 0; m < this.constants.M4; m += 4) {
    p += r[this.thread.z][m] * w[this.constants.I + m][this.thread.y][this.thread.x];
    q += r[this.thread.z][m + 1] * w[this.constants.I + m + 1][this.thread.y][this.thread.x];
    s += r[this.thread.z][m + 2] * w[this.constants.I + m + 2][this.thread.y][this.thread.x];
    u += r[this.thread.z][m + 3] * w[this.constants.I + m + 3][this.thread.y][this.thread.x];
  }
  for (let mRest = this.constants.M4; mRest < this.constants.M; mRest++) {
    p += r[this.thread.z][mRest] * w[this.constants.I + mRest][this.thread.y][this.thread.x];
  }
  for (let k = 0; k < this.constants.H8; k += 8) {
    p += h[this.thread.z][k] * w[this.constants.I + this.constants.M + k][this.thread.y][this.thread.x];
    q += h[this.thread.z][k + 1] * w[this.constants.I + this.constants.M + k + 1][this.thread.y][this.thread.x];
    s += h[this.thread.z][k + 2] * w[this.constants.I + this.constants.M + k + 2][this.thread.y][this.thread.x];
    u += h[this.thread.z][k + 3] * w[this.constants.I + this.constants.M + k + 3][this.thread.y][this.thread.x];
    p2 += h[this.thread.z][k + 4] * w[this.constants.I + this.constants.M + k + 4][this.thread.y][this.thread.x];
    q2 += h[this.thread.z][k + 5] * w[this.constants.I + this.constants.M + k + 5][this.thread.y][this.thread.x];
    s2 += h[this.thread.z][k + 6] * w[this.constants.I + this.constants.M + k + 6][this.thread.y][this.thread.x];
    u2 += h[this.thread.z][k + 7] * w[this.constants.I + this.constants.M + k + 7][this.thread.y][this.thread.x];
  }
  for (let kRest = this.constants.H8; kRest < this.constants.H; kRest++) {
    p += h[this.thread.z][kRest] * w[this.constants.I + this.constants.M + kRest][this.thread.y][this.thread.x];
  }
  let scale = 1;
  if (this.thread.y === 2) {
    scale = 2;
  }
  const v = scale * (p + q + (s + u) + (p2 + q2 + (s2 + u2)));
  const e = Math.exp(-Math.abs(v));
  const sigmoid = (v >= 0 ? 1 : e) / (1 + e);
  return scale * sigmoid - (scale - 1);
}

function cell(this: Thread, g: Array3, c: Array2): number {
  return (
    g[this.thread.y][1][this.thread.x] * c[this.thread.y][this.thread.x] +
    g[this.thread.y][0][this.thread.x] * g[this.thread.y][2][this.thread.x]
  );
}

function hidden(this: Thread, g: Array3, c: Array2): number {
  const v = c[this.thread.y][this.thread.x];
  const e = Math.exp(-2 * Math.abs(v));
  const tanh = (1 - e) / (1 + e);
  return g[this.thread.y][3][this.thread.x] * (v >= 0 ? tanh : -tanh);
}

/** dh_t = what the output layer, the heads and step t+1's gates each ask of h_t. */
function backwardHidden(this: Thread<'I' | 'M'>, fromOutput: Array2, fromHeads: Array2, fromNext: Array2): number {
  return (
    fromOutput[this.thread.y][this.thread.x] +
    fromHeads[this.thread.y][this.thread.x] +
    fromNext[this.thread.y][this.constants.I + this.constants.M + this.thread.x]
  );
}

function backwardCell(this: Thread, g: Array3, c: Array2, dh: Array2, forgotten: Array2): number {
  const e = Math.exp(-2 * Math.abs(c[this.thread.y][this.thread.x]));
  const tanh = (1 - e) / (1 + e);
  return dh[this.thread.y][this.thread.x] * g[this.thread.y][3][this.thread.x] * (1 - tanh * tanh) + forgotten[this.thread.y][this.thread.x];
}

/** f_t·dc_t, which step t−1 adds to its dc. */
function backwardForget(this: Thread, g: Array3, dc: Array2): number {
  return g[this.thread.y][1][this.thread.x] * dc[this.thread.y][this.thread.x];
}

function backwardGates(this: Thread, g: Array3, previous: Array2, c: Array2, dh: Array2, dc: Array2): number {
  const a = g[this.thread.z][this.thread.y][this.thread.x];
  let d = dc[this.thread.z][this.thread.x];
  let slope = a * (1 - a);
  if (this.thread.y === 0) {
    d = d * g[this.thread.z][2][this.thread.x];
  }
  if (this.thread.y === 1) {
    d = d * previous[this.thread.z][this.thread.x];
  }
  if (this.thread.y === 2) {
    d = d * g[this.thread.z][0][this.thread.x];
    slope = 1 - a * a;
  }
  if (this.thread.y === 3) {
    const v = c[this.thread.z][this.thread.x];
    const e = Math.exp(-2 * Math.abs(v));
    const tanh = (1 - e) / (1 + e);
    d = dh[this.thread.z][this.thread.x] * (v >= 0 ? tanh : -tanh);
  }
  return d * slope;
}

/** Partial sums of d[x, r, h]: [I+M+H, 4], to be folded. */
function backwardInput(this: Thread<'H' | 'H4'>, w: Array3, dz: Array3): number {
  let p = 0;
  let q = 0;
  let r = 0;
  let s = 0;
  for (let i = 0; i < this.constants.H4; i += 4) {
    p += w[this.thread.y][0][i + this.thread.x] * dz[this.thread.z][0][i + this.thread.x];
    q += w[this.thread.y][1][i + this.thread.x] * dz[this.thread.z][1][i + this.thread.x];
    r += w[this.thread.y][2][i + this.thread.x] * dz[this.thread.z][2][i + this.thread.x];
    s += w[this.thread.y][3][i + this.thread.x] * dz[this.thread.z][3][i + this.thread.x];
  }
  for (let iRest = this.constants.H4; iRest < this.constants.H; iRest++) {
    if (this.thread.x === iRest - this.constants.H4) {
      p += w[this.thread.y][0][iRest] * dz[this.thread.z][0][iRest] + w[this.thread.y][1][iRest] * dz[this.thread.z][1][iRest];
      q += w[this.thread.y][2][iRest] * dz[this.thread.z][2][iRest] + w[this.thread.y][3][iRest] * dz[this.thread.z][3][iRest];
    }
  }
  return p + q + (r + s);
}

/** sum + dW over `rows` rows; thread: x unit, y gate, z input k. */
function backwardWeight(this: Thread<'I' | 'M' | 'H'>, sum: Array3, x: Array2, r: Array2, h: Array2, dz: Array3, rows: number, rows4: number): number {
  let p = sum[this.thread.z][this.thread.y][this.thread.x];
  let q = 0;
  let s = 0;
  let u = 0;
  if (this.thread.z < this.constants.I) {
    for (let row = 0; row < rows4; row += 4) {
      p += x[row][this.thread.z] * dz[row][this.thread.y][this.thread.x];
      q += x[row + 1][this.thread.z] * dz[row + 1][this.thread.y][this.thread.x];
      s += x[row + 2][this.thread.z] * dz[row + 2][this.thread.y][this.thread.x];
      u += x[row + 3][this.thread.z] * dz[row + 3][this.thread.y][this.thread.x];
    }
    for (let tail = rows4; tail < rows; tail++) {
      p += x[tail][this.thread.z] * dz[tail][this.thread.y][this.thread.x];
    }
  } else {
    if (this.thread.z < this.constants.I + this.constants.M) {
      for (let row2 = 0; row2 < rows4; row2 += 4) {
        p += r[row2][this.thread.z - this.constants.I] * dz[row2][this.thread.y][this.thread.x];
        q += r[row2 + 1][this.thread.z - this.constants.I] * dz[row2 + 1][this.thread.y][this.thread.x];
        s += r[row2 + 2][this.thread.z - this.constants.I] * dz[row2 + 2][this.thread.y][this.thread.x];
        u += r[row2 + 3][this.thread.z - this.constants.I] * dz[row2 + 3][this.thread.y][this.thread.x];
      }
      for (let tail2 = rows4; tail2 < rows; tail2++) {
        p += r[tail2][this.thread.z - this.constants.I] * dz[tail2][this.thread.y][this.thread.x];
      }
    } else {
      if (this.thread.z < this.constants.I + this.constants.M + this.constants.H) {
        for (let row3 = 0; row3 < rows4; row3 += 4) {
          p += h[row3][this.thread.z - this.constants.I - this.constants.M] * dz[row3][this.thread.y][this.thread.x];
          q += h[row3 + 1][this.thread.z - this.constants.I - this.constants.M] * dz[row3 + 1][this.thread.y][this.thread.x];
          s += h[row3 + 2][this.thread.z - this.constants.I - this.constants.M] * dz[row3 + 2][this.thread.y][this.thread.x];
          u += h[row3 + 3][this.thread.z - this.constants.I - this.constants.M] * dz[row3 + 3][this.thread.y][this.thread.x];
        }
        for (let tail3 = rows4; tail3 < rows; tail3++) {
          p += h[tail3][this.thread.z - this.constants.I - this.constants.M] * dz[tail3][this.thread.y][this.thread.x];
        }
      } else {
        for (let last = 0; last < rows; last++) {
          p += dz[last][this.thread.y][this.thread.x];
        }
      }
    }
  }
  return p + q + (s + u);
}

export const lstm = {
  gates: kernel('LSTM gates', gates),
  cell: kernel('LSTM cell', cell),
  hidden: kernel('LSTM hidden', hidden),
  backwardHidden: kernel('LSTM backward, hidden', backwardHidden),
  backwardCell: kernel('LSTM backward, cell', backwardCell),
  backwardForget: kernel('LSTM backward, forget', backwardForget),
  backwardGates: kernel('LSTM backward, gates', backwardGates),
  backwardInput: kernel('LSTM backward, input', backwardInput),
  backwardWeight: kernel('LSTM backward, weight', backwardWeight),
};
