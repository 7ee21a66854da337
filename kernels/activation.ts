/**
 * Elementwise functions that layers share (head parameters, §3.3; the feed-forward controller).
 *
 *   σ(z) = 1/(1 + exp(−z))                      dz = dy·y·(1 − y)
 *   softplus(z) = log(1 + exp(z))               dz = dy·σ(z) = dy·(1 − exp(−y))
 *   1 + softplus(z)                             dz = dy·(1 − exp(1 − y))
 *   rectifier(z) = max(z, 0)                    dz = dy where y > 0, else 0
 *
 * All take exp of −|z| only, so that ±1000 stays finite: σ(z) is 1/(1 + e) or e/(1 + e), and softplus(z)
 * is max(z, 0) + log(1 + e). Saved: y. Shapes per row: z, y [X].
 */
import { type Array2, kernel, type Thread } from './kernel.js';

function sigmoid(this: Thread, z: Array2): number {
  const v = z[this.thread.y][this.thread.x];
  const e = Math.exp(-Math.abs(v));
  return (v >= 0 ? 1 : e) / (1 + e);
}

function backwardSigmoid(this: Thread, y: Array2, dy: Array2): number {
  const v = y[this.thread.y][this.thread.x];
  return dy[this.thread.y][this.thread.x] * v * (1 - v);
}

function softplus(this: Thread, z: Array2): number {
  const v = z[this.thread.y][this.thread.x];
  return Math.max(v, 0) + Math.log(1 + Math.exp(-Math.abs(v)));
}

function backwardSoftplus(this: Thread, y: Array2, dy: Array2): number {
  return dy[this.thread.y][this.thread.x] * (1 - Math.exp(-y[this.thread.y][this.thread.x]));
}

function onePlusSoftplus(this: Thread, z: Array2): number {
  const v = z[this.thread.y][this.thread.x];
  return 1 + (Math.max(v, 0) + Math.log(1 + Math.exp(-Math.abs(v))));
}

function backwardOnePlusSoftplus(this: Thread, y: Array2, dy: Array2): number {
  return dy[this.thread.y][this.thread.x] * (1 - Math.exp(1 - y[this.thread.y][this.thread.x]));
}

function rectifier(this: Thread, z: Array2): number {
  return Math.max(z[this.thread.y][this.thread.x], 0);
}

function backwardRectifier(this: Thread, y: Array2, dy: Array2): number {
  return y[this.thread.y][this.thread.x] > 0 ? dy[this.thread.y][this.thread.x] : 0;
}

const FORWARD = 'z [B, X] -> [B, X]';
const BACKWARD = 'y [B, X], dy [B, X] -> [B, X]';

export const activation = {
  sigmoid: kernel('sigmoid', FORWARD, sigmoid),
  backwardSigmoid: kernel('sigmoid backward', BACKWARD, backwardSigmoid),
  softplus: kernel('softplus', FORWARD, softplus),
  backwardSoftplus: kernel('softplus backward', BACKWARD, backwardSoftplus),
  onePlusSoftplus: kernel('1 + softplus', FORWARD, onePlusSoftplus),
  backwardOnePlusSoftplus: kernel('1 + softplus backward', BACKWARD, backwardOnePlusSoftplus),
  rectifier: kernel('rectifier', FORWARD, rectifier),
  backwardRectifier: kernel('rectifier backward', BACKWARD, backwardRectifier),
};
