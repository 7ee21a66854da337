/**
 * Optimisers, elementwise over one parameter tensor of up to three axes.
 *
 *   g' = clip(scale·g, ±limit)       scale = min(1, maxNorm/‖g‖) over all tensors; 0 where ‖g‖ is not finite
 *   RMSprop (as PyTorch's):  v ← α·v + (1 − α)·g'²    b ← μ·b + g'/(√v + ε)    u = b
 *   Adam (Kingma & Ba):      m ← β1·m + (1 − β1)·g'   v ← β2·v + (1 − β2)·g'²
 *                            u = (m/(1 − β1^t)) / (√(v/(1 − β2^t)) + ε)
 *   both:                    θ ← θ − lr·clip(u, ±λ)
 *
 *   average of the weights:  a ← a + share·(θ − a)
 *   g ← g + g of another part of the batch
 *
 * `settings` = [lr, α | β2, μ | β1, ε, limit, maxNorm, 1 − β1^t, 1 − β2^t, share, λ]; limit, maxNorm or λ 0: no clipping.
 * Each kernel reads only its own cell, so a result may take its input's place.
 */
import { type Array1, type Array3, kernel, type Thread } from './kernel.js';

function accumulate(this: Thread, g: Array3, other: Array3): number {
  return g[this.thread.z][this.thread.y][this.thread.x] + other[this.thread.z][this.thread.y][this.thread.x];
}

/** Σ over axes y and z of g², in units of 2⁸⁰ so that gradients up to 1e31 have a norm: [X]. */
function squares(this: Thread<'Y' | 'Z'>, g: Array3): number {
  let sum = 0;
  for (let z = 0; z < this.constants.Z; z++) {
    for (let y = 0; y < this.constants.Y; y++) {
      const d = g[z][y][this.thread.x] * 9.094947017729282e-13;
      sum += d * d;
    }
  }
  return sum;
}

/** sum + Σ_x column[x]: [1]. */
function addSquares(this: Thread<'X'>, sum: Array1, column: Array1): number {
  let total = sum[0];
  for (let x = 0; x < this.constants.X; x++) {
    total += column[x];
  }
  return total;
}

/** [‖g‖] from its square; −1 where a gradient is not finite. */
function norm(this: Thread, squared: Array1): number {
  let root = -1;
  if (squared[0] < 3e38) {
    root = Math.sqrt(squared[0]) / 9.094947017729282e-13;
  }
  return root;
}

/** [scale]; 0 where there is no norm: such a step adds nothing to the state of the optimiser. */
function clipScale(this: Thread, length: Array1, settings: Array1): number {
  let scale = 0;
  if (length[0] >= 0) {
    scale = 1;
    if (settings[5] > 0) {
      if (length[0] > settings[5]) {
        scale = settings[5] / length[0];
      }
    }
  }
  return scale;
}

function clip(this: Thread, g: Array3, scale: Array1, settings: Array1): number {
  let d = 0;
  if (scale[0] > 0) {
    d = g[this.thread.z][this.thread.y][this.thread.x] * scale[0];
  }
  if (settings[4] > 0) {
    if (d > settings[4]) {
      d = settings[4];
    }
    if (d < -settings[4]) {
      d = -settings[4];
    }
  }
  return d;
}

function squareAverage(this: Thread, v: Array3, g: Array3, settings: Array1): number {
  const d = g[this.thread.z][this.thread.y][this.thread.x];
  return settings[1] * v[this.thread.z][this.thread.y][this.thread.x] + (1 - settings[1]) * d * d;
}

function momentum(this: Thread, b: Array3, g: Array3, v: Array3, settings: Array1): number {
  return settings[2] * b[this.thread.z][this.thread.y][this.thread.x] + g[this.thread.z][this.thread.y][this.thread.x] / (Math.sqrt(v[this.thread.z][this.thread.y][this.thread.x]) + settings[3]);
}

/** θ by u, which is b itself for RMSprop. */
function descend(this: Thread, theta: Array3, direction: Array3, settings: Array1): number {
  let u = direction[this.thread.z][this.thread.y][this.thread.x];
  if (settings[9] > 0) {
    if (u > settings[9]) {
      u = settings[9];
    }
    if (u < -settings[9]) {
      u = -settings[9];
    }
  }
  return theta[this.thread.z][this.thread.y][this.thread.x] - settings[0] * u;
}

function average(this: Thread, m: Array3, g: Array3, settings: Array1): number {
  return settings[2] * m[this.thread.z][this.thread.y][this.thread.x] + (1 - settings[2]) * g[this.thread.z][this.thread.y][this.thread.x];
}

/** Adam's u. */
function direction(this: Thread, m: Array3, v: Array3, settings: Array1): number {
  const mean = m[this.thread.z][this.thread.y][this.thread.x] / settings[6];
  const square = v[this.thread.z][this.thread.y][this.thread.x] / settings[7];
  return mean / (Math.sqrt(square) + settings[3]);
}

function track(this: Thread, a: Array3, theta: Array3, settings: Array1): number {
  const before = a[this.thread.z][this.thread.y][this.thread.x];
  return before + settings[8] * (theta[this.thread.z][this.thread.y][this.thread.x] - before);
}

export const optimiser = {
  accumulate: kernel('gradient accumulation', accumulate),
  squares: kernel('gradient norm, squares', squares),
  addSquares: kernel('gradient norm, total', addSquares),
  norm: kernel('gradient norm', norm),
  clipScale: kernel('gradient norm, scale', clipScale),
  clip: kernel('clip', clip),
  squareAverage: kernel('square average', squareAverage),
  momentum: kernel('RMSprop momentum', momentum),
  descend: kernel('descent', descend),
  average: kernel('Adam average', average),
  track: kernel('average of the weights', track),
  direction: kernel('Adam direction', direction),
};
