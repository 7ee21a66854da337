/** The GRU cell of src/model/controllers/gru.ts: forward, backward and its weights' gradients. */
import { linearBackward, linearGradient } from '../../src/model/linear.js';
import { gruBackward, gruForward } from '../../src/model/controllers/gru.js';
import { numbers } from '../arbitraries/numbers.js';
import * as oracle from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { beside, largest } from '../support/values.js';
import { layerOf, weightsOf } from './linear.js';
import type { Operation, Sizes, Values } from './operation.js';

/** PyTorch's four arrays. */
const layersOf = ({ input, hidden }: Values, { I, M, H }: Sizes) => {
  const [ih, hh] = [layerOf(input, I + M, 3 * H), layerOf(hidden, H, 3 * H)];
  return { weight_ih: ih.weight, weight_hh: hh.weight, bias_ih: ih.bias, bias_hh: hh.bias };
};

export const gru: Operation = {
  name: 'GRU',
  sections: ['forward', 'backward', 'gradients'],
  record: (recorder, { I, M, H }) => {
    const weights = { input: recorder.single('input', [I + M + 1, 3 * H], 'parameter'), hidden: recorder.single('hidden', [H + 1, 3 * H], 'parameter') };
    const [dinput, dhidden] = [recorder.single('dinput', [I + M + 1, 3 * H], 'gradient'), recorder.single('dhidden', [H + 1, 3 * H], 'gradient')];
    const [x, r, h, dh] = [recorder.input('x', [I]), recorder.input('r', [M]), recorder.input('h', [H]), recorder.input('dh', [H])];
    recorder.section('forward');
    const next = gruForward(recorder, weights, [x, r], h);
    recorder.expose('next h', next.h);
    recorder.section('backward');
    const { da, db, dPrevious } = gruBackward(recorder, next.saved, dh);
    recorder.expose('dPrevious', dPrevious);
    recorder.expose('d[x, r]', linearBackward(recorder, next.saved.fromInput, da, 0, I + M));
    recorder.section('gradients');
    linearGradient(recorder, dinput, next.saved.fromInput, da);
    linearGradient(recorder, dhidden, next.saved.fromHidden, db);
  },
  values: ({ batch, I, M, H }) => {
    const reach = 5 / Math.sqrt(I + M + H); // as initial weights
    const weights = (rows: number) => numbers(rows * 3 * H, -reach, reach);
    return { input: weights(I + M + 1), hidden: weights(H + 1), x: numbers(batch * I), r: numbers(batch * M), h: numbers(batch * H), dh: numbers(batch * H) };
  },
  given: ({ input, hidden, ...inputs }) => ({ singles: { input, hidden }, inputs }),
  compare: (values, actual, sizes) => {
    const { batch, I, M, H } = sizes;
    const layers = layersOf(values, sizes);
    const { out, gradients } = oracle.gruCell({ x: beside(batch, values.x, values.r), h: values.h, ...layers }, { B: batch, X: I + M, H });
    const d = gradients(values.dh);
    return [
      forward('h', actual['next h'], out, largest(oracle.linear({ x: values.h, weight: layers.weight_hh, bias: layers.bias_hh }, { B: batch, C: H, R: 3 * H }).out)), // as exact as the product is large
      backward('dh of the step before', actual.dPrevious, d.dh, 1 / 4), // the largest slope of a gate: a saturated one is 1 − 1
      backward('d[x, r]', actual['d[x, r]'], d.dx, 1 / 4),
      backward('dW of the input', actual.dinput, weightsOf(I + M, 3 * H, d.dweight_ih, d.dbias_ih), 1 / 4),
      backward('dW of h', actual.dhidden, weightsOf(H, 3 * H, d.dweight_hh, d.dbias_hh), 1 / 4),
    ];
  },
  adjoint: (values, actual, sizes) => {
    const { batch, I, M, H } = sizes;
    return {
      oracle: (at) => oracle.gruCell({ x: at.x, h: at.h, ...layersOf(values, sizes) }, { B: batch, X: I + M, H }).out,
      at: { x: beside(batch, values.x, values.r), h: values.h },
      dout: values.dh,
      gradients: { x: actual['d[x, r]'], h: actual.dPrevious },
      terms: 1 / 4,
    };
  },
};
