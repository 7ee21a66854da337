/** kernels/linear.ts: y = [a, b, 1]·W on every backend against the oracle. */
import { test } from '@fast-check/vitest';
import { describe } from 'vitest';
import { foldLanes, linear } from '../../kernels/linear.js';
import { linearConstants } from '../../src/model/controller.js';
import * as oracle from '../oracle/operations.js';
import { eachBackend } from '../support/backends.js';
import { beside, columns, EXAMPLES, numbers, transposed, useProgram } from '../support/run.js';
import { expectAdjoint, expectForward, expectGradient } from '../support/tolerances.js';

/** The heads' layer of the published model, one whose rows a lane divides, one that none divides; rows of two steps. */
const SIZES = [
  { A: 100, B: 20, X: 92, batch: 1 },
  { A: 4, B: 1, X: 16, batch: 5 },
  { A: 5, B: 7, X: 3, batch: 3 },
];
const STEPS = 2;

/** W [K+1, X] as the oracle's weight [X, K] and bias [X]. */
const layer = (w: Float32Array, K: number, X: number) => {
  const rows = transposed(w, K + 1, X);
  return { weight: columns(rows, X, 0, K), bias: columns(rows, X, K, 1) };
};

eachBackend('linear layer', (backend) => {
  describe.each(SIZES)('A=$A, X=$X, batch $batch', ({ A, X, batch }) => {
    const rows = batch * STEPS;
    const constants = linearConstants(A, 0, X);
    const run = useProgram(
      backend,
      (g) => {
        const w = g.single('w', [A + 1, X], 'parameter');
        const dw = g.single('dw', [A + 1, X], 'gradient');
        const a = g.input('a', [A]);
        const dy = g.input('dy', [X]);
        g.section('forward');
        g.expose('y', g.apply(linear.forward, [a, w], [X], constants));
        g.section('backward');
        g.expose('da', g.apply(foldLanes, [g.apply(linear.backwardInput, [w, dy], [A, 4], constants)], [A]));
        g.section('gradients');
        g.sum(linear.backwardWeight, dw, [a, dy], constants);
      },
      { batch, steps: STEPS, sections: ['forward', 'backward', 'gradients'] },
    );

    test.prop([numbers(rows * A), numbers((A + 1) * X), numbers(rows * X)], EXAMPLES)('forward, and backward to the input and the weights', async (a, w, dy) => {
      const actual = await run({ singles: { w }, inputs: { a, dy } });
      const expected = oracle.linear({ x: a, ...layer(w, A, X) }, { B: rows, C: A, R: X });
      const { dx, dweight, dbias } = expected.gradients(dy);
      expectForward(actual.y, expected.out, 'y');
      expectGradient(actual.da, dx, 'da');
      expectGradient(actual.dw, transposed(beside(X, dweight, dbias), X, A + 1), 'dW');
    });
  });

  describe.each(SIZES)('two inputs, A=$A, B=$B, X=$X, batch $batch', ({ A, B, X, batch }) => {
    const rows = batch * STEPS;
    const constants = linearConstants(A, B, X);
    const run = useProgram(
      backend,
      (g) => {
        const w = g.single('w', [A + B + 1, X], 'parameter');
        const dw = g.single('dw', [A + B + 1, X], 'gradient');
        const a = g.input('a', [A]);
        const b = g.input('b', [B]);
        const dy = g.input('dy', [X]);
        g.section('forward');
        g.expose('y', g.apply(linear.forwardPair, [a, b, w], [X], constants));
        g.section('backward');
        g.expose('dInput', g.apply(foldLanes, [g.apply(linear.backwardInput, [w, dy], [A + B, 4], constants)], [A + B]));
        g.section('gradients');
        g.sum(linear.backwardWeightPair, dw, [a, b, dy], constants);
      },
      { batch, steps: STEPS, sections: ['forward', 'backward', 'gradients'] },
    );

    const given = [numbers(rows * A), numbers(rows * B), numbers((A + B + 1) * X), numbers(rows * X), numbers(rows * (A + B))] as const;
    test.prop([...given], EXAMPLES)('is the layer on their concatenation', async (a, b, w, dy, along) => {
      const actual = await run({ singles: { w }, inputs: { a, b, dy } });
      const [x, fixed, dims] = [beside(rows, a, b), layer(w, A + B, X), { B: rows, C: A + B, R: X }];
      const expected = oracle.linear({ x, ...fixed }, dims);
      const { dx, dweight, dbias } = expected.gradients(dy);
      expectForward(actual.y, expected.out, 'y');
      expectGradient(actual.dInput, dx, 'd[a, b]');
      expectGradient(actual.dw, transposed(beside(X, dweight, dbias), X, A + B + 1), 'dW');
      expectAdjoint((at) => oracle.linear({ ...at, ...fixed }, dims).out, { x }, { x: along }, dy, { x: actual.dInput });
    });
  });
});
