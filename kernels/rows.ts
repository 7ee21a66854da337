/**
 * Rows from nothing, from one vector, and from other rows; and sums over them.
 *
 *   zero = 0      one = 1                   (what biases meet in a join: linear.ts)
 *   repeat: y = the vector in every row     dvector = Σ_rows dy
 *   x that several things read              dx = the sum of what each asks of it
 *
 * Shapes per row: [X]; of a matrix, which is repeated likewise, [Y, X].
 */
import { type Array1, type Array2, kernel, type Thread } from './kernel.js';

function zero(this: Thread): number {
  return 0;
}

function one(this: Thread): number {
  return 1;
}

function repeat(this: Thread, vector: Array1): number {
  return vector[this.thread.x];
}

function repeatMatrix(this: Thread, matrix: Array2): number {
  return matrix[this.thread.y][this.thread.x];
}

function total(this: Thread, sum: Array1, x: Array2, rows: number): number {
  let a = sum[this.thread.x];
  for (let row = 0; row < rows; row++) {
    a += x[row][this.thread.x];
  }
  return a;
}

function addTwo(this: Thread, a: Array2, b: Array2): number {
  return a[this.thread.y][this.thread.x] + b[this.thread.y][this.thread.x];
}

function addThree(this: Thread, a: Array2, b: Array2, c: Array2): number {
  return a[this.thread.y][this.thread.x] + b[this.thread.y][this.thread.x] + c[this.thread.y][this.thread.x];
}

export const rows = {
  zero: kernel('zero', '-> [B, X]', zero),
  one: kernel('one', '-> [B, X]', one),
  repeat: kernel('repeat', 'vector [X] -> [B, X]', repeat),
  repeatMatrix: kernel('repeat a matrix', 'matrix [Y, X] -> [B, Y, X]', repeatMatrix),
  total: kernel('total over rows', 'sum [X], x [B, X] -> [X]', total),
  addTwo: kernel('sum of two', 'a [B, X], b [B, X] -> [B, X]', addTwo),
  addThree: kernel('sum of three', 'a [B, X], b [B, X], c [B, X] -> [B, X]', addThree),
};
