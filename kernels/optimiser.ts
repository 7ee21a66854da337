/**
 * Optimisers, elementwise over one array θ of all parameters.
 *
 *   g' = clip(scale·g, ±limit)       scale = min(1, maxNorm/‖g‖) over all parameters; 0 where ‖g‖ is not finite
 *   RMSprop (as PyTorch's):    v ← α·v + (1 − α)·g'²    b ← μ·b + g'/(√v + ε)                    u = b
 *   centred RMSprop (Graves, arXiv 1308.0850, equations 38 to 41):
 *                              v ← α·v + (1 − α)·g'²    ḡ ← α·ḡ + (1 − α)·g'
 *                              b ← μ·b + g'/√(v − ḡ² + ε)                                         u = b
 *   Adam (Kingma & Ba):        m ← β1·m + (1 − β1)·g'   v ← β2·v + (1 − β2)·g'²
 *                              u = (m/(1 − β1^t)) / (√(v/(1 − β2^t)) + ε)
 *   all:                       θ ← θ − lr·(clip(u, ±λ) + δ·θ)
 *
 *   δ is a decay of the weights beside the gradient's step (Loshchilov & Hutter, arXiv 1711.05101), 0 where u = 0:
 *   what no gradient has reached, as memory that starts random, stays.
 *
 *   averages of the weights:   a ← a + share·(θ − a)
 *   g ← g + g of another part of the batch
 *
 * `settings` = [lr, α | β2, μ | β1, ε, limit, maxNorm, 1/(1 − β1^t), 1/(1 − β2^t), share, λ, δ]; limit,
 * maxNorm or λ 0: no clipping. Arrays are [Q, X], the last row filled up with zeros, which all of this leaves zeros.
 * An elementwise kernel reads only its own cell, so a result may take its input's place.
 */
import { type Array1, type Array2, kernel, type Thread } from './kernel.js';

function accumulate(this: Thread, gradient: Array1, other: Array1): number {
  return gradient[this.thread.x] + other[this.thread.x];
}

/** max_q |g|. */
function largest(this: Thread<'Q'>, gradient: Array2): number {
  let top = 0;
  for (let q = 0; q < this.constants.Q; q++) {
    top = Math.max(top, Math.abs(gradient[q][this.thread.x]));
  }
  return top;
}

/** m = max |g|. */
function largestOf(this: Thread<'X'>, columns: Array1): number {
  let top = 0;
  for (let x = 0; x < this.constants.X; x++) {
    top = Math.max(top, columns[x]);
  }
  return top;
}

/** Σ_q (g/m)²: relative to the largest no square is lost. */
function squares(this: Thread<'Q'>, gradient: Array2, top: Array1): number {
  let sum = 0;
  for (let q = 0; q < this.constants.Q; q++) {
    const g = gradient[q][this.thread.x] / Math.max(top[0], 1e-37);
    sum += g * g;
  }
  return sum;
}

/** ‖g‖ = m·√Σ(g/m)²; −1 where a gradient, or its norm, is not finite. */
function norm(this: Thread<'X'>, columns: Array1, top: Array1): number {
  let sum = 0;
  for (let x = 0; x < this.constants.X; x++) {
    sum += columns[x];
  }
  const length = top[0] * Math.sqrt(sum);
  return top[0] < 3e38 && length < 3e38 ? length : -1;
}

/** 0 where there is no norm: such a step adds nothing to the state of the optimiser. */
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

/** g'. */
function clip(this: Thread, gradient: Array2, scale: Array1, settings: Array1): number {
  let g = 0;
  if (scale[0] > 0) {
    g = gradient[this.thread.y][this.thread.x] * scale[0];
  }
  if (settings[4] > 0) {
    g = Math.min(Math.max(g, -settings[4]), settings[4]);
  }
  return g;
}

function squareAverage(this: Thread, v: Array2, gradient: Array2, settings: Array1): number {
  const g = gradient[this.thread.y][this.thread.x];
  return settings[1] * v[this.thread.y][this.thread.x] + (1 - settings[1]) * g * g;
}

/** ḡ. */
function mean(this: Thread, average: Array2, gradient: Array2, settings: Array1): number {
  return settings[1] * average[this.thread.y][this.thread.x] + (1 - settings[1]) * gradient[this.thread.y][this.thread.x];
}

function momentum(this: Thread, b: Array2, gradient: Array2, v: Array2, settings: Array1): number {
  return settings[2] * b[this.thread.y][this.thread.x] + gradient[this.thread.y][this.thread.x] / (Math.sqrt(v[this.thread.y][this.thread.x]) + settings[3]);
}

/** v − ḡ² is a variance, which rounding must not take below 0. */
function centredMomentum(this: Thread, b: Array2, gradient: Array2, v: Array2, average: Array2, settings: Array1): number {
  const variance = Math.max(v[this.thread.y][this.thread.x] - average[this.thread.y][this.thread.x] * average[this.thread.y][this.thread.x], 0);
  return settings[2] * b[this.thread.y][this.thread.x] + gradient[this.thread.y][this.thread.x] / Math.sqrt(variance + settings[3]);
}

/** Adam's m. */
function firstMoment(this: Thread, m: Array2, gradient: Array2, settings: Array1): number {
  return settings[2] * m[this.thread.y][this.thread.x] + (1 - settings[2]) * gradient[this.thread.y][this.thread.x];
}

/** Adam's u. */
function direction(this: Thread, m: Array2, v: Array2, settings: Array1): number {
  return (m[this.thread.y][this.thread.x] * settings[6]) / (Math.sqrt(v[this.thread.y][this.thread.x] * settings[7]) + settings[3]);
}

/** θ. */
function descend(this: Thread, theta: Array2, u: Array2, settings: Array1): number {
  let step = u[this.thread.y][this.thread.x];
  if (settings[9] > 0) {
    step = Math.min(Math.max(step, -settings[9]), settings[9]);
  }
  if (step !== 0) {
    step += settings[10] * theta[this.thread.y][this.thread.x];
  }
  return theta[this.thread.y][this.thread.x] - settings[0] * step;
}

function track(this: Thread, averages: Array2, theta: Array2, settings: Array1): number {
  const before = averages[this.thread.y][this.thread.x];
  return before + settings[8] * (theta[this.thread.y][this.thread.x] - before);
}

export const optimiser = {
  accumulate: kernel('gradient accumulation', 'gradient [X], other [X] -> [X]', accumulate),
  largest: kernel('gradient norm, largest', 'gradient [Q, X] -> [X]', largest),
  largestOf: kernel('gradient norm, largest of all', 'columns [X] -> [1]', largestOf),
  squares: kernel('gradient norm, squares', 'gradient [Q, X], top [1] -> [X]', squares),
  norm: kernel('gradient norm', 'columns [X], top [1] -> [1]', norm),
  clipScale: kernel('gradient norm, scale', 'length [1], settings [11] -> [1]', clipScale),
  clip: kernel('clip', 'gradient [Q, X], scale [1], settings [11] -> [Q, X]', clip),
  squareAverage: kernel('square average', 'v [Q, X], gradient [Q, X], settings [11] -> [Q, X]', squareAverage),
  mean: kernel('gradient average', 'average [Q, X], gradient [Q, X], settings [11] -> [Q, X]', mean),
  momentum: kernel('RMSprop momentum', 'b [Q, X], gradient [Q, X], v [Q, X], settings [11] -> [Q, X]', momentum),
  centredMomentum: kernel('centred RMSprop momentum', 'b [Q, X], gradient [Q, X], v [Q, X], average [Q, X], settings [11] -> [Q, X]', centredMomentum),
  firstMoment: kernel('Adam first moment', 'm [Q, X], gradient [Q, X], settings [11] -> [Q, X]', firstMoment),
  direction: kernel('Adam direction', 'm [Q, X], v [Q, X], settings [11] -> [Q, X]', direction),
  descend: kernel('descent', 'theta [Q, X], u [Q, X], settings [11] -> [Q, X]', descend),
  track: kernel('averages of the weights', 'averages [Q, X], theta [Q, X], settings [11] -> [Q, X]', track),
};
