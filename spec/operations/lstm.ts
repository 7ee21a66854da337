/** The LSTM cell of src/model/controllers/lstm.ts: forward, backward and its weights' gradient. */
import { linearGradient } from '../../src/model/linear.js';
import { lstmBackward, lstmForward } from '../../src/model/controllers/lstm.js';
import { numbers } from '../arbitraries/numbers.js';
import * as oracle from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { beside, columns, transposed } from '../support/values.js';
import { weightsOf } from './linear.js';
import type { Operation, Sizes } from './operation.js';

/** W [I+M+H+2, 4H] as PyTorch's four arrays. */
const layersOf = (w: Float32Array, { I, M, H }: Sizes) => {
  const [X, A] = [I + M, I + M + H];
  const rows = transposed(w, A + 2, 4 * H);
  return { weight_ih: columns(rows, 4 * H, 0, X), weight_hh: columns(rows, 4 * H, X, H), bias_ih: columns(rows, 4 * H, A, 1), bias_hh: columns(rows, 4 * H, A + 1, 1) };
};

export const lstm: Operation = {
  name: 'LSTM',
  sections: ['forward', 'backward', 'gradients'],
  record: (recorder, { I, M, H }) => {
    const A = I + M + H;
    const [w, dw] = [recorder.single('w', [A + 2, 4 * H], 'parameter'), recorder.single('dw', [A + 2, 4 * H], 'gradient')];
    const [x, r, h, c] = [recorder.input('x', [I]), recorder.input('r', [M]), recorder.input('h', [H]), recorder.input('c', [H])];
    const [dh, forgotten] = [recorder.input('dh', [H]), recorder.input('forgotten', [H])];
    recorder.section('forward');
    const next = lstmForward(recorder, w, [x, r], h, c);
    recorder.expose('next h', next.h);
    recorder.expose('next c', next.c);
    recorder.section('backward');
    const { dz, dPrevious, dInput } = lstmBackward(recorder, next.saved, dh, forgotten, 0);
    recorder.expose('dc', dPrevious);
    recorder.expose('d[x, r, h]', dInput);
    recorder.expose('d[r, h]', lstmBackward(recorder, next.saved, dh, forgotten, I).dInput);
    recorder.section('gradients');
    linearGradient(recorder, dw, next.saved.product, dz);
  },
  values: ({ batch, I, M, H }) => ({
    w: numbers((I + M + H + 2) * 4 * H, -5 / Math.sqrt(I + M + H), 5 / Math.sqrt(I + M + H)), // as initial weights
    x: numbers(batch * I),
    r: numbers(batch * M),
    h: numbers(batch * H),
    c: numbers(batch * H, -2, 2),
    dh: numbers(batch * H),
    forgotten: numbers(batch * H),
  }),
  given: ({ w, ...inputs }) => ({ singles: { w }, inputs }),
  compare: ({ w, x, r, h, c, dh, forgotten }, actual, sizes) => {
    const { batch, I, M, H } = sizes;
    const expected = oracle.lstmCell({ x: beside(batch, x, r), h, c, ...layersOf(w, sizes) }, { B: batch, X: I + M, H });
    const d = expected.gradients({ dh, dc: forgotten });
    const dInput = beside(batch, d.dx, d.dh);
    return [
      forward('h', actual['next h'], expected.h, 1 / 4), // of products that may cancel
      forward('c', actual['next c'], expected.c, 1 / 4),
      backward('dc of the step before', actual.dc, d.dc),
      backward('d[x, r, h]', actual['d[x, r, h]'], dInput, 1 / 4), // the largest slope of a gate: a saturated one is 1 − 1
      backward('d[r, h]', actual['d[r, h]'], columns(dInput, batch, I, M + H), 1 / 4),
      backward('dW', actual.dw, weightsOf(I + M + H, 4 * H, beside(4 * H, d.dweight_ih, d.dweight_hh), d.dbias_ih, d.dbias_hh), 1 / 4),
    ];
  },
  adjoint: ({ w, x, r, h, c, dh, forgotten }, actual, sizes) => {
    const { batch, I, M, H } = sizes;
    return {
      oracle: (at) => {
        const next = oracle.lstmCell({ x: at.x, h: at.h, c: at.c, ...layersOf(w, sizes) }, { B: batch, X: I + M, H });
        return [...next.h, ...next.c];
      },
      at: { x: beside(batch, x, r), h, c },
      dout: [...dh, ...forgotten],
      gradients: { x: columns(actual['d[x, r, h]'], batch, 0, I + M), h: columns(actual['d[x, r, h]'], batch, I + M, H), c: actual.dc },
      terms: 1 / 4,
    };
  },
};
