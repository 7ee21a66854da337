/**
 * Binary cross-entropy of sigmoid outputs, from the logits l and targets t.
 *
 *   y = σ(l)      L = weight·Σ_v [max(l, 0) − l·t + log(1 + exp(−|l|))]      dl = weight·(σ(l) − t)
 *
 * weight is 1/(target bits in the batch) on answer steps and 0 elsewhere, so that the sum over rows is
 * the mean over target bits. log(1 + e) = 2·artanh(e/(2 + e)) as a series, since 1 + e would round e
 * away for a bit that is surely right. Shapes per row: l, t, dl [V]; weight [1]; losses [2]: L and wrong bits.
 */
import { type Array2, kernel, type Thread } from './kernel.js';

function output(this: Thread, logits: Array2): number {
  const v = logits[this.thread.y][this.thread.x];
  const e = Math.exp(-Math.abs(v));
  return (v >= 0 ? 1 : e) / (1 + e);
}

function losses(this: Thread<'V'>, logits: Array2, target: Array2, weight: Array2): number {
  let sum = 0;
  const w = weight[this.thread.y][0];
  if (w > 0) {
    for (let v = 0; v < this.constants.V; v++) {
      const l = logits[this.thread.y][v];
      const t = target[this.thread.y][v];
      if (this.thread.x === 0) {
        const e = Math.exp(-Math.abs(l));
        const s = e / (2 + e);
        const q = s * s;
        sum += w * (Math.max(l, 0) - l * t + 2 * s * (1 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q / 13)))))));
      } else {
        if (l >= 0) {
          sum += 1 - t;
        } else {
          sum += t;
        }
      }
    }
  }
  return sum;
}

function backward(this: Thread, logits: Array2, target: Array2, weight: Array2): number {
  const v = logits[this.thread.y][this.thread.x];
  const e = Math.exp(-Math.abs(v));
  return weight[this.thread.y][0] * ((v >= 0 ? 1 : e) / (1 + e) - target[this.thread.y][this.thread.x]);
}

/** sum + Σ_rows losses: [2]. */
function totalLosses(this: Thread, sum: readonly number[], rowLosses: Array2, rows: number): number {
  let a = sum[this.thread.x];
  for (let row = 0; row < rows; row++) {
    a += rowLosses[row][this.thread.x];
  }
  return a;
}

export const crossEntropy = {
  output: kernel('output', output),
  losses: kernel('cross-entropy', losses),
  totalLosses: kernel('cross-entropy total', totalLosses),
  backward: kernel('cross-entropy backward', backward),
};
