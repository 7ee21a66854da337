/**
 * Linear layer. Its biases are rows of the weights that meet a 1 in the input, so that the layer is one
 * product: an input [h, 1] for a layer with a bias, [x, r, h, 1, 1] where PyTorch keeps two.
 *
 *   y[x] = Σ_a input[a]·weights[a][x]
 *
 *   dinput[a] = Σ_x weights[a][x]·dy[x]      dweights[a][x] = Σ_rows input[a]·dy[x]
 *
 * Shapes per row: input [A], y [X]; weights [A, X]. Given some rows of the weights, `backwardInput`
 * computes dinput for these alone.
 */
import { type Array2, kernel, type Thread } from './kernel.js';

function forward(this: Thread<'A'>, input: Array2, weights: Array2): number {
  let sum = 0;
  for (let a = 0; a < this.constants.A; a++) {
    sum += input[this.thread.y][a] * weights[a][this.thread.x];
  }
  return sum;
}

function backwardInput(this: Thread<'X'>, weights: Array2, dy: Array2): number {
  let sum = 0;
  for (let x = 0; x < this.constants.X; x++) {
    sum += weights[this.thread.x][x] * dy[this.thread.y][x];
  }
  return sum;
}

function backwardWeights(this: Thread, dweights: Array2, input: Array2, dy: Array2, rows: number): number {
  let sum = dweights[this.thread.y][this.thread.x];
  for (let row = 0; row < rows; row++) {
    sum += input[row][this.thread.y] * dy[row][this.thread.x];
  }
  return sum;
}

export const linear = {
  forward: kernel('linear', 'input [B, A], weights [A, X] -> [B, X]', forward),
  backwardInput: kernel('linear backward, input', 'weights [A, X], dy [B, X] -> [B, A]', backwardInput),
  backwardWeights: kernel('linear backward, weights', 'dweights [A, X], input [B, A], dy [B, X] -> [A, X]', backwardWeights),
};
