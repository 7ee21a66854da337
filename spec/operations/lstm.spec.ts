/** kernels/lstm.ts: the cell, its backward pass and its weights' gradient on every backend against the oracle. */
import { test } from '@fast-check/vitest';
import { describe } from 'vitest';
import { foldLanes } from '../../kernels/linear.js';
import { lstm } from '../../kernels/lstm.js';
import { floorTo } from '../../src/model/shapes.js';
import * as oracle from '../oracle/operations.js';
import { eachBackend } from '../support/backends.js';
import { beside, columns, EXAMPLES, numbers, transposed, useProgram } from '../support/run.js';
import { expectAdjoint, expectForward, expectGradient } from '../support/tolerances.js';

const SIZES = [
  { I: 9, M: 20, H: 100, batch: 1 },
  { I: 3, M: 1, H: 5, batch: 3 },
  { I: 4, M: 6, H: 8, batch: 5 },
];

eachBackend('LSTM', (backend) => {
  describe.each(SIZES)('I=$I, M=$M, H=$H, batch $batch', ({ I, M, H, batch }) => {
    const X = I + M;
    const K = X + H;
    const constants = { I, I4: floorTo(I, 4), M, M4: floorTo(M, 4), H, H4: floorTo(H, 4), H8: floorTo(H, 8) };
    const run = useProgram(
      backend,
      (g) => {
        const w = g.single('w', [K + 2, 4, H], 'parameter');
        const dw = g.single('dw', [K + 2, 4, H], 'gradient');
        const [x, r, h0, c0] = [g.input('x', [I]), g.input('r', [M]), g.input('h0', [H]), g.input('c0', [H])];
        const [fromOutput, fromHeads, fromNext, forgotten] = [g.input('fromOutput', [H + M]), g.input('fromHeads', [H]), g.input('fromNext', [K]), g.input('forgotten', [H])];
        g.section('forward');
        const gates = g.apply(lstm.gates, [x, r, h0, w], [4, H], constants);
        const c = g.apply(lstm.cell, [gates, c0], [H]);
        g.expose('c', c);
        g.expose('h', g.apply(lstm.hidden, [gates, c], [H]));
        g.section('backward');
        const dh = g.apply(lstm.backwardHidden, [fromOutput, fromHeads, fromNext], [H], constants);
        const dc = g.apply(lstm.backwardCell, [gates, c, dh, forgotten], [H]);
        g.expose('dPreviousC', g.apply(lstm.backwardForget, [gates, dc], [H]));
        const dz = g.apply(lstm.backwardGates, [gates, c0, c, dh, dc], [4, H]);
        g.expose('dInput', g.apply(foldLanes, [g.apply(lstm.backwardInput, [w, dz], [K, 4], constants)], [K]));
        g.section('gradients');
        g.sum(lstm.backwardWeight, dw, [x, r, h0, dz], constants);
      },
      { batch, sections: ['forward', 'backward', 'gradients'] },
    );

    const state = [numbers(batch * I), numbers(batch * M), numbers(batch * H), numbers(batch * H, -2, 2), numbers((K + 2) * 4 * H, -0.5, 0.5)] as const;
    const gradient = [numbers(batch * (H + M)), numbers(batch * H), numbers(batch * K), numbers(batch * H)] as const;
    const directions = [numbers(batch * X), numbers(batch * H), numbers(batch * H)] as const;

    test.prop([...state, ...gradient, ...directions], EXAMPLES)('h, c, and backward to x, r, h, c and the weights', async (x, r, h0, c0, w, fromOutput, fromHeads, fromNext, forgotten, alongX, alongH, alongC) => {
      const actual = await run({ singles: { w }, inputs: { x, r, h0, c0, fromOutput, fromHeads, fromNext, forgotten } });
      const rows = transposed(w, K + 2, 4 * H);
      const weights = { weight_ih: columns(rows, 4 * H, 0, X), weight_hh: columns(rows, 4 * H, X, H), bias_ih: columns(rows, 4 * H, K, 1), bias_hh: columns(rows, 4 * H, K + 1, 1) };
      const at = { x: beside(batch, x, r), h: h0, c: c0 };
      const expected = oracle.lstmCell({ ...at, ...weights }, { B: batch, X, H });
      const dh = columns(fromOutput, batch, 0, H).map((v, i) => v + fromHeads[i] + columns(fromNext, batch, X, H)[i]);
      const d = expected.gradients({ dh, dc: forgotten });
      expectForward(actual.h, expected.h, 'h');
      expectForward(actual.c, expected.c, 'c');
      expectGradient(actual.dPreviousC, d.dc, 'dc of the step before');
      expectGradient(actual.dInput, beside(batch, d.dx, d.dh), 'd[x, r, h]');
      expectGradient(actual.dw, transposed(beside(4 * H, d.dweight_ih, d.dweight_hh, d.dbias_ih, d.dbias_hh), 4 * H, K + 2), 'dW');
      expectAdjoint(
        (moved) => {
          const { h, c } = oracle.lstmCell({ ...moved, ...weights }, { B: batch, X, H });
          return [...h, ...c];
        },
        at,
        { x: alongX, h: alongH, c: alongC },
        [...dh, ...forgotten],
        { x: columns(actual.dInput, batch, 0, X), h: columns(actual.dInput, batch, X, H), c: actual.dPreviousC },
      );
    });
  });
});
