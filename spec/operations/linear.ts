/** src/model/linear.ts: y = [a, b, 1]·W, over the rows of two steps; and the gradient of b alone. a is H wide, b is M wide, y is V wide. */
import { linearBackward, linearForward, linearGradient } from '../../src/model/linear.js';
import { numbers } from '../arbitraries/numbers.js';
import * as oracle from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { beside, columns, largest, transposed } from '../support/values.js';
import type { Operation } from './operation.js';

const STEPS = 2;

/** W [A+1, X] as the oracle's weight [X, A] and bias [X]. */
export const layerOf = (w: Float32Array, A: number, X: number) => {
  const rows = transposed(w, A + 1, X);
  return { weight: columns(rows, X, 0, A), bias: columns(rows, X, A, 1) };
};

/** And back. */
export const weightsOf = (A: number, X: number, weight: ArrayLike<number>, ...biases: ReadonlyArray<ArrayLike<number>>): Float32Array => transposed(beside(X, weight, ...biases), X, A + biases.length);

export const linear: Operation = {
  name: 'linear layer',
  steps: STEPS,
  sections: ['forward', 'backward', 'gradients'],
  record: (recorder, { H, M, V }) => {
    const [w, dw] = [recorder.single('w', [H + M + 1, V], 'parameter'), recorder.single('dw', [H + M + 1, V], 'gradient')];
    const [a, b, dy] = [recorder.input('a', [H]), recorder.input('b', [M]), recorder.input('dy', [V])];
    recorder.section('forward');
    const { out, saved } = linearForward(recorder, w, [a, b]);
    recorder.expose('y', out);
    recorder.section('backward');
    recorder.expose('dInput', linearBackward(recorder, saved, dy, 0, H + M));
    recorder.expose('db', linearBackward(recorder, saved, dy, H, M));
    recorder.section('gradients');
    linearGradient(recorder, dw, saved, dy);
    linearGradient(recorder, dw, saved, dy); // to what is there already
  },
  values: ({ batch, H, M, V }) => ({
    w: numbers((H + M + 1) * V),
    a: numbers(batch * STEPS * H),
    b: numbers(batch * STEPS * M),
    dy: numbers(batch * STEPS * V),
  }),
  given: ({ w, ...inputs }) => ({ singles: { w }, inputs }),
  compare: ({ w, a, b, dy }, actual, { batch, H, M, V }) => {
    const rows = batch * STEPS;
    const { out, gradients } = oracle.linear({ x: beside(rows, a, b), ...layerOf(w, H + M, V) }, { B: rows, C: H + M, R: V });
    const { dx, dweight, dbias } = gradients(dy);
    return [forward('y', actual.y, out, largest(w) * Math.max(1, largest(a), largest(b))), backward('d[a, b]', actual.dInput, dx), backward('db', actual.db, columns(dx, rows, H, M)), backward('dW', actual.dw, weightsOf(H + M, V, dweight, dbias).map((v) => 2 * v))];
  },
  adjoint: ({ w, a, b, dy }, actual, { batch, H, M, V }) => ({
    oracle: ({ x }) => oracle.linear({ x, ...layerOf(w, H + M, V) }, { B: batch * STEPS, C: H + M, R: V }).out,
    at: { x: beside(batch * STEPS, a, b) },
    dout: dy,
    gradients: { x: actual.dInput },
  }),
};
