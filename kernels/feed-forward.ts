/**
 * Rectified layer of the feed-forward controller.
 *
 *   y = max(z, 0)      dz = dy where y > 0, else 0
 *
 * Shapes per row: [H]. The hidden layer of the second layer receives dy from the output layer and
 * the heads (`backwardOutput`), the first one from the second (`backward`).
 */
import { type Array2, kernel, type Thread } from './kernel.js';

function forward(this: Thread, z: Array2): number {
  return Math.max(z[this.thread.y][this.thread.x], 0);
}

function backward(this: Thread, y: Array2, dy: Array2): number {
  return y[this.thread.y][this.thread.x] > 0 ? dy[this.thread.y][this.thread.x] : 0;
}

function backwardOutput(this: Thread, y: Array2, fromOutput: Array2, fromHeads: Array2): number {
  const d = fromOutput[this.thread.y][this.thread.x] + fromHeads[this.thread.y][this.thread.x];
  return y[this.thread.y][this.thread.x] > 0 ? d : 0;
}

export const rectifier = {
  forward: kernel('rectifier', forward),
  backward: kernel('rectifier backward', backward),
  backwardOutput: kernel('rectifier backward, output', backwardOutput),
};
