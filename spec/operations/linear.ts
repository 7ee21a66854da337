/** kernels/linear.ts: y = [a, b, 1]·W, over the rows of two steps. a is H wide, b is M wide, y is V wide. */
import { foldLanes, linear as kernels } from '../../kernels/linear.js';
import { linearConstants } from '../../src/model/controller.js';
import * as oracle from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { beside, columns, transposed, uniforms } from '../support/values.js';
import type { Operation, Sizes, Values } from './operation.js';

const STEPS = 2;

/** W [K+1, V] as the oracle's weight [V, K] and bias [V]. */
const layer = (w: Float32Array, K: number, V: number) => {
  const rows = transposed(w, K + 1, V);
  return { weight: columns(rows, V, 0, K), bias: columns(rows, V, K, 1) };
};

const compare = (x: Float32Array, { w, dy }: Values, actual: Values, { batch, V }: Sizes) => {
  const rows = batch * STEPS;
  const K = x.length / rows;
  const { out, gradients } = oracle.linear({ x, ...layer(w, K, V) }, { B: rows, C: K, R: V });
  const { dx, dweight, dbias } = gradients(dy);
  return [forward('y', actual.y, out), backward('d of the input', actual.dInput, dx), backward('dW', actual.dw, transposed(beside(V, dweight, dbias), V, K + 1))];
};

export const linear: Operation = {
  name: 'linear layer',
  steps: STEPS,
  sections: ['forward', 'backward', 'gradients'],
  record: (g, { H, V }) => {
    const constants = linearConstants(H, 0, V);
    const [w, dw] = [g.single('w', [H + 1, V], 'parameter'), g.single('dw', [H + 1, V], 'gradient')];
    const [a, dy] = [g.input('a', [H]), g.input('dy', [V])];
    g.section('forward');
    g.expose('y', g.apply(kernels.forward, [a, w], [V], constants));
    g.section('backward');
    g.expose('dInput', g.apply(foldLanes, [g.apply(kernels.backwardInput, [w, dy], [H, 4], constants)], [H]));
    g.section('gradients');
    g.sum(kernels.backwardWeight, dw, [a, dy], constants);
  },
  draw: (draw, { batch, H, V }) => ({ w: uniforms(draw, (H + 1) * V), a: uniforms(draw, batch * STEPS * H), dy: uniforms(draw, batch * STEPS * V) }),
  given: ({ w, ...inputs }) => ({ singles: { w }, inputs }),
  compare: (values, actual, sizes) => compare(values.a, values, actual, sizes),
};

export const linearPair: Operation = {
  name: 'linear layer of two inputs',
  steps: STEPS,
  sections: ['forward', 'backward', 'gradients'],
  record: (g, { H, M, V }) => {
    const constants = linearConstants(H, M, V);
    const [w, dw] = [g.single('w', [H + M + 1, V], 'parameter'), g.single('dw', [H + M + 1, V], 'gradient')];
    const [a, b, dy] = [g.input('a', [H]), g.input('b', [M]), g.input('dy', [V])];
    g.section('forward');
    g.expose('y', g.apply(kernels.forwardPair, [a, b, w], [V], constants));
    g.section('backward');
    g.expose('dInput', g.apply(foldLanes, [g.apply(kernels.backwardInput, [w, dy], [H + M, 4], constants)], [H + M]));
    g.section('gradients');
    g.sum(kernels.backwardWeightPair, dw, [a, b, dy], constants);
  },
  draw: (draw, { batch, H, M, V }) => ({
    w: uniforms(draw, (H + M + 1) * V),
    a: uniforms(draw, batch * STEPS * H),
    b: uniforms(draw, batch * STEPS * M),
    dy: uniforms(draw, batch * STEPS * V),
  }),
  given: ({ w, ...inputs }) => ({ singles: { w }, inputs }),
  compare: (values, actual, sizes) => compare(beside(sizes.batch * STEPS, values.a, values.b), values, actual, sizes),
  adjoint: ({ w, a, b, dy }, actual, { batch, H, M, V }) => ({
    oracle: ({ x }) => oracle.linear({ x, ...layer(w, H + M, V) }, { B: batch * STEPS, C: H + M, R: V }).out,
    at: { x: beside(batch * STEPS, a, b) },
    dout: dy,
    gradients: { x: actual.dInput },
  }),
};
