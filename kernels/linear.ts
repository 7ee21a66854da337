/**
 * Linear layer on one, or the concatenation of two, inputs.
 *
 *   y[x] = Σ_i a[i]·W[i][x] + Σ_j b[j]·W[A+j][x] + W[A+B][x]        (last row: the bias)
 *
 *   da[i] = Σ_x W[i][x]·dy[x]     db[j] = Σ_x W[A+j][x]·dy[x]
 *   dW[i][x] = Σ_rows a[i]·dy[x]  dW[A+j][x] = Σ_rows b[j]·dy[x]  dW[A+B][x] = Σ_rows dy[x]
 *
 * Shapes per row: a [A], b [B], y [X]; W [A+B+1, X]. The inner loops keep four partial sums, so that
 * an addition does not wait for the one before it; A4, B4, X4, X16 are A, B, X rounded down to
 * multiples of 4 and 16.
 */
import { type Array2, type Array3, kernel, type Thread } from './kernel.js';

function forward(this: Thread<'A' | 'A4'>, a: Array2, w: Array2): number {
  let p = 0;
  let q = 0;
  let r = 0;
  let s = w[this.constants.A][this.thread.x];
  for (let i = 0; i < this.constants.A4; i += 4) {
    p += a[this.thread.y][i] * w[i][this.thread.x];
    q += a[this.thread.y][i + 1] * w[i + 1][this.thread.x];
    r += a[this.thread.y][i + 2] * w[i + 2][this.thread.x];
    s += a[this.thread.y][i + 3] * w[i + 3][this.thread.x];
  }
  for (let iRest = this.constants.A4; iRest < this.constants.A; iRest++) {
    p += a[this.thread.y][iRest] * w[iRest][this.thread.x];
  }
  return p + q + (r + s);
}

function forwardPair(this: Thread<'A' | 'A4' | 'B' | 'B4'>, a: Array2, b: Array2, w: Array2): number {
  let p = 0;
  let q = 0;
  let r = 0;
  let s = w[this.constants.A + this.constants.B][this.thread.x];
  for (let i = 0; i < this.constants.A4; i += 4) {
    p += a[this.thread.y][i] * w[i][this.thread.x];
    q += a[this.thread.y][i + 1] * w[i + 1][this.thread.x];
    r += a[this.thread.y][i + 2] * w[i + 2][this.thread.x];
    s += a[this.thread.y][i + 3] * w[i + 3][this.thread.x];
  }
  for (let iRest = this.constants.A4; iRest < this.constants.A; iRest++) {
    p += a[this.thread.y][iRest] * w[iRest][this.thread.x];
  }
  for (let j = 0; j < this.constants.B4; j += 4) {
    p += b[this.thread.y][j] * w[this.constants.A + j][this.thread.x];
    q += b[this.thread.y][j + 1] * w[this.constants.A + j + 1][this.thread.x];
    r += b[this.thread.y][j + 2] * w[this.constants.A + j + 2][this.thread.x];
    s += b[this.thread.y][j + 3] * w[this.constants.A + j + 3][this.thread.x];
  }
  for (let jRest = this.constants.B4; jRest < this.constants.B; jRest++) {
    p += b[this.thread.y][jRest] * w[this.constants.A + jRest][this.thread.x];
  }
  return p + q + (r + s);
}

/** Partial sums of d[a, b]: [A+B, 4], to be folded. */
function backwardInput(this: Thread<'X' | 'X4' | 'X16'>, w: Array2, dy: Array2): number {
  let p = 0;
  let q = 0;
  let r = 0;
  let s = 0;
  for (let i = 0; i < this.constants.X16; i += 16) {
    p += w[this.thread.y][i + this.thread.x] * dy[this.thread.z][i + this.thread.x];
    q += w[this.thread.y][i + 4 + this.thread.x] * dy[this.thread.z][i + 4 + this.thread.x];
    r += w[this.thread.y][i + 8 + this.thread.x] * dy[this.thread.z][i + 8 + this.thread.x];
    s += w[this.thread.y][i + 12 + this.thread.x] * dy[this.thread.z][i + 12 + this.thread.x];
  }
  for (let iQuad = this.constants.X16; iQuad < this.constants.X4; iQuad += 4) {
    p += w[this.thread.y][iQuad + this.thread.x] * dy[this.thread.z][iQuad + this.thread.x];
  }
  for (let iRest = this.constants.X4; iRest < this.constants.X; iRest++) {
    if (this.thread.x === iRest - this.constants.X4) {
      q += w[this.thread.y][iRest] * dy[this.thread.z][iRest];
    }
  }
  return p + q + (r + s);
}

/** sum + dW over `rows` rows; `rows4` is rows rounded down to a multiple of 4. */
function backwardWeight(this: Thread<'A'>, sum: Array2, a: Array2, dy: Array2, rows: number, rows4: number): number {
  let p = sum[this.thread.y][this.thread.x];
  let q = 0;
  let r = 0;
  let s = 0;
  if (this.thread.y < this.constants.A) {
    for (let row = 0; row < rows4; row += 4) {
      p += a[row][this.thread.y] * dy[row][this.thread.x];
      q += a[row + 1][this.thread.y] * dy[row + 1][this.thread.x];
      r += a[row + 2][this.thread.y] * dy[row + 2][this.thread.x];
      s += a[row + 3][this.thread.y] * dy[row + 3][this.thread.x];
    }
    for (let tail = rows4; tail < rows; tail++) {
      p += a[tail][this.thread.y] * dy[tail][this.thread.x];
    }
  } else {
    for (let last = 0; last < rows; last++) {
      p += dy[last][this.thread.x];
    }
  }
  return p + q + (r + s);
}

function backwardWeightPair(this: Thread<'A' | 'B'>, sum: Array2, a: Array2, b: Array2, dy: Array2, rows: number, rows4: number): number {
  let p = sum[this.thread.y][this.thread.x];
  let q = 0;
  let r = 0;
  let s = 0;
  if (this.thread.y < this.constants.A) {
    for (let row = 0; row < rows4; row += 4) {
      p += a[row][this.thread.y] * dy[row][this.thread.x];
      q += a[row + 1][this.thread.y] * dy[row + 1][this.thread.x];
      r += a[row + 2][this.thread.y] * dy[row + 2][this.thread.x];
      s += a[row + 3][this.thread.y] * dy[row + 3][this.thread.x];
    }
    for (let tail = rows4; tail < rows; tail++) {
      p += a[tail][this.thread.y] * dy[tail][this.thread.x];
    }
  } else {
    if (this.thread.y < this.constants.A + this.constants.B) {
      for (let row2 = 0; row2 < rows4; row2 += 4) {
        p += b[row2][this.thread.y - this.constants.A] * dy[row2][this.thread.x];
        q += b[row2 + 1][this.thread.y - this.constants.A] * dy[row2 + 1][this.thread.x];
        r += b[row2 + 2][this.thread.y - this.constants.A] * dy[row2 + 2][this.thread.x];
        s += b[row2 + 3][this.thread.y - this.constants.A] * dy[row2 + 3][this.thread.x];
      }
      for (let tail2 = rows4; tail2 < rows; tail2++) {
        p += b[tail2][this.thread.y - this.constants.A] * dy[tail2][this.thread.x];
      }
    } else {
      for (let last = 0; last < rows; last++) {
        p += dy[last][this.thread.x];
      }
    }
  }
  return p + q + (r + s);
}

/** Adds up the four partial sums of a reduction: [K, 4] → [K]. */
function fold(this: Thread, partial: Array3): number {
  return (
    partial[this.thread.y][this.thread.x][0] +
    partial[this.thread.y][this.thread.x][1] +
    (partial[this.thread.y][this.thread.x][2] + partial[this.thread.y][this.thread.x][3])
  );
}

export const linear = {
  forward: kernel('linear', forward),
  forwardPair: kernel('linear (pair)', forwardPair),
  backwardInput: kernel('linear backward, input', backwardInput),
  backwardWeight: kernel('linear backward, weight', backwardWeight),
  backwardWeightPair: kernel('linear backward, weight (pair)', backwardWeightPair),
};

export const foldLanes = kernel('fold', fold);
