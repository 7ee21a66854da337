/** kernels/lstm.ts: the cell, its backward pass and its weights' gradient. */
import { foldLanes } from '../../kernels/linear.js';
import { lstm as kernels } from '../../kernels/lstm.js';
import { floorTo } from '../../src/model/shapes.js';
import * as oracle from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { beside, columns, transposed, uniforms } from '../support/values.js';
import type { Operation, Sizes, Values } from './operation.js';

/** W [I+M+H+2, 4, H] as PyTorch's four arrays. */
const weightsOf = (w: Float32Array, { I, M, H }: Sizes) => {
  const [X, K] = [I + M, I + M + H];
  const rows = transposed(w, K + 2, 4 * H);
  return { weight_ih: columns(rows, 4 * H, 0, X), weight_hh: columns(rows, 4 * H, X, H), bias_ih: columns(rows, 4 * H, K, 1), bias_hh: columns(rows, 4 * H, K + 1, 1) };
};

/** dh as the model gathers it. */
const dHidden = ({ fromOutput, fromHeads, fromNext }: Values, { batch, I, M, H }: Sizes): Float64Array => {
  const next = columns(fromNext, batch, I + M, H);
  return columns(fromOutput, batch, 0, H).map((v, i) => v + fromHeads[i] + next[i]);
};

export const lstm: Operation = {
  name: 'LSTM',
  sections: ['forward', 'backward', 'gradients'],
  record: (g, { I, M, H }) => {
    const K = I + M + H;
    const constants = { I, I4: floorTo(I, 4), M, M4: floorTo(M, 4), H, H4: floorTo(H, 4), H8: floorTo(H, 8) };
    const [w, dw] = [g.single('w', [K + 2, 4, H], 'parameter'), g.single('dw', [K + 2, 4, H], 'gradient')];
    const [x, r, h, c0] = [g.input('x', [I]), g.input('r', [M]), g.input('h', [H]), g.input('c', [H])];
    const [fromOutput, fromHeads, fromNext, forgotten] = [g.input('fromOutput', [H + M]), g.input('fromHeads', [H]), g.input('fromNext', [K]), g.input('forgotten', [H])];
    g.section('forward');
    const gates = g.apply(kernels.gates, [x, r, h, w], [4, H], constants);
    const c = g.apply(kernels.cell, [gates, c0], [H]);
    g.expose('next c', c);
    g.expose('next h', g.apply(kernels.hidden, [gates, c], [H]));
    g.section('backward');
    const dh = g.apply(kernels.backwardHidden, [fromOutput, fromHeads, fromNext], [H], constants);
    const dc = g.apply(kernels.backwardCell, [gates, c, dh, forgotten], [H]);
    g.expose('dPreviousC', g.apply(kernels.backwardForget, [gates, dc], [H]));
    const dz = g.apply(kernels.backwardGates, [gates, c0, c, dh, dc], [4, H]);
    g.expose('dInput', g.apply(foldLanes, [g.apply(kernels.backwardInput, [w, dz], [K, 4], constants)], [K]));
    g.section('gradients');
    g.sum(kernels.backwardWeight, dw, [x, r, h, dz], constants);
  },
  draw: (draw, { batch, I, M, H }) => ({
    w: uniforms(draw, (I + M + H + 2) * 4 * H, -5, 5).map((v) => v / Math.sqrt(I + M + H)), // as initial weights
    x: uniforms(draw, batch * I),
    r: uniforms(draw, batch * M),
    h: uniforms(draw, batch * H),
    c: uniforms(draw, batch * H, -2, 2),
    fromOutput: uniforms(draw, batch * (H + M)),
    fromHeads: uniforms(draw, batch * H),
    fromNext: uniforms(draw, batch * (I + M + H)),
    forgotten: uniforms(draw, batch * H),
  }),
  given: ({ w, ...inputs }) => ({ singles: { w }, inputs }),
  compare: (values, actual, sizes) => {
    const { w, x, r, h, c, forgotten } = values;
    const { batch, I, M, H } = sizes;
    const expected = oracle.lstmCell({ x: beside(batch, x, r), h, c, ...weightsOf(w, sizes) }, { B: batch, X: I + M, H });
    const d = expected.gradients({ dh: dHidden(values, sizes), dc: forgotten });
    return [
      forward('h', actual['next h'], expected.h),
      forward('c', actual['next c'], expected.c),
      backward('dc of the step before', actual.dPreviousC, d.dc),
      backward('d[x, r, h]', actual.dInput, beside(batch, d.dx, d.dh)),
      backward('dW', actual.dw, transposed(beside(4 * H, d.dweight_ih, d.dweight_hh, d.dbias_ih, d.dbias_hh), 4 * H, I + M + H + 2)),
    ];
  },
  adjoint: (values, actual, sizes) => {
    const { w, x, r, h, c, forgotten } = values;
    const { batch, I, M, H } = sizes;
    return {
      oracle: (at) => {
        const next = oracle.lstmCell({ x: at.x, h: at.h, c: at.c, ...weightsOf(w, sizes) }, { B: batch, X: I + M, H });
        return [...next.h, ...next.c];
      },
      at: { x: beside(batch, x, r), h, c },
      dout: [...dHidden(values, sizes), ...forgotten],
      gradients: { x: columns(actual.dInput, batch, 0, I + M), h: columns(actual.dInput, batch, I + M, H), c: actual.dPreviousC },
    };
  },
};
