/**
 * Binary cross-entropy of sigmoid outputs, from the logits l and targets t.
 *
 *   y = σ(l)      L = weight·Σ_v [max(l, 0) − l·t + log(1 + exp(−|l|))]      dl = weight·(σ(l) − t)
 *
 * weight is 1/(target bits in the batch) where an answer counts and 0 elsewhere, so that the sum over
 * rows is the mean over target bits. log(1 + e) = 2·artanh(e/(2 + e)) as a series, since 1 + e would
 * round e away for a bit that is surely right. Shapes per row: l, t, dl [V]; weight, L, wrong bits [1].
 */
import { type Array2, kernel, type Thread } from './kernel.js';

function losses(this: Thread<'V'>, logits: Array2, target: Array2, weight: Array2): number {
  let sum = 0;
  for (let v = 0; v < this.constants.V; v++) {
    const l = logits[this.thread.y][v];
    const e = Math.exp(-Math.abs(l));
    const s = e / (2 + e);
    const q = s * s;
    const logarithm = 2 * s * (1 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q / 13))))));
    sum += Math.max(l, 0) - l * target[this.thread.y][v] + logarithm;
  }
  return weight[this.thread.y][0] > 0 ? weight[this.thread.y][0] * sum : 0;
}

/** Bits on the wrong side of ½, where an answer counts. */
function wrongBits(this: Thread<'V'>, logits: Array2, target: Array2, weight: Array2): number {
  let sum = 0;
  for (let v = 0; v < this.constants.V; v++) {
    sum += logits[this.thread.y][v] >= 0 ? 1 - target[this.thread.y][v] : target[this.thread.y][v];
  }
  return weight[this.thread.y][0] > 0 ? sum : 0;
}

function backward(this: Thread, logits: Array2, target: Array2, weight: Array2): number {
  const v = logits[this.thread.y][this.thread.x];
  const e = Math.exp(-Math.abs(v));
  return weight[this.thread.y][0] * ((v >= 0 ? 1 : e) / (1 + e) - target[this.thread.y][this.thread.x]);
}

export const crossEntropy = {
  losses: kernel('cross-entropy', 'logits [B, V], target [B, V], weight [B, 1] -> [B, 1]', losses),
  wrongBits: kernel('wrong bits', 'logits [B, V], target [B, V], weight [B, 1] -> [B, 1]', wrongBits),
  backward: kernel('cross-entropy backward', 'logits [B, V], target [B, V], weight [B, 1] -> [B, V]', backward),
};
