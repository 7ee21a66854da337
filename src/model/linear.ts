/** Linear layers, and sums of gradients, as recorded calls (kernels/linear.ts, kernels/rows.ts). */
import { linear } from '../../kernels/linear.js';
import { rows } from '../../kernels/rows.js';
import { type Recorder, type Shape, sizeOf, type Tensor } from '../program/graph.js';

/** The tensor in another shape of the same size. */
export const view = (recorder: Recorder, tensor: Tensor, shape: Shape): Tensor => recorder.slice(tensor, 0, shape);

export const flat = (recorder: Recorder, tensor: Tensor): Tensor => view(recorder, tensor, [sizeOf(tensor.shape)]);

/** The sum of one to three tensors of one size, [size]: the gradient of what so many have read. */
export const sumOf = (recorder: Recorder, parts: readonly Tensor[]): Tensor => {
  const [a, b, c] = parts.map((part) => flat(recorder, part));
  if (!a) throw new Error('a sum of nothing');
  if (!b) return a;
  return c ? recorder.apply(rows.addThree, { a, b, c }) : recorder.apply(rows.addTwo, { a, b });
};

export interface LinearSaved {
  readonly input: Tensor;
  readonly weights: Tensor;
}

/** y = [parts, 1 …]·weights, with as many ones as there are biases. weights [A, X]; y [X]. */
export const linearForward = (recorder: Recorder, weights: Tensor, parts: readonly Tensor[], biases = 1): { readonly out: Tensor; readonly saved: LinearSaved } => {
  const input = recorder.join([...parts, recorder.apply(rows.one, {}, { X: biases })]);
  return { out: recorder.apply(linear.forward, { input, weights }), saved: { input, weights } };
};

/** dinput [count], for `count` of the inputs from the one at `from` on; dy [X]. */
export const linearBackward = (recorder: Recorder, { weights }: LinearSaved, dy: Tensor, from: number, count: number): Tensor => {
  const [, X] = weights.shape as readonly [number, number];
  return recorder.apply(linear.backwardInput, { weights: recorder.slice(weights, from * X, [count, X]), dy });
};

/** Adds dweights over all rows. */
export const linearGradient = (recorder: Recorder, into: Tensor, { input }: LinearSaved, dy: Tensor): void => recorder.sum(linear.backwardWeights, into, { input, dy });

/** The learned vector in every row before the first step, in the shape of the state. */
export const initialState = (recorder: Recorder, vector: Tensor, shape: Shape): Tensor =>
  shape.length === 2 ? recorder.apply(rows.repeatMatrix, { matrix: view(recorder, vector, shape) }) : view(recorder, recorder.apply(rows.repeat, { vector }), shape);

/** Adds the gradient of an initial state, from d, the gradient that the first step left. */
export const initialGradient = (recorder: Recorder, into: Tensor, d: Tensor): void => recorder.sum(rows.total, into, { x: flat(recorder, d) }, 'initial');
