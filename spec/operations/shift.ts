/** kernels/shift.ts. */
import { shift as kernels } from '../../kernels/shift.js';
import * as oracle from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { randomWeightings, uniforms } from '../support/values.js';
import type { Operation } from './operation.js';

export const shift: Operation = {
  name: 'circular shift',
  record: (g, { N }) => {
    const [wg, s, d] = [g.input('wg', [2, N]), g.input('s', [2, 3]), g.input('d', [2, N])];
    g.section('forward');
    g.expose('shifted', g.apply(kernels.forward, [wg, s], [2, N], { N }));
    g.expose('dwg', g.apply(kernels.backwardGated, [s, d], [2, N], { N }));
    g.expose('ds', g.apply(kernels.backwardTaps, [wg, d], [2, 3], { N }));
  },
  draw: (draw, { batch, N }) => ({ wg: randomWeightings(draw, 2 * batch, N), s: randomWeightings(draw, 2 * batch, 3), d: uniforms(draw, 2 * batch * N) }),
  given: (inputs) => ({ inputs }),
  compare: ({ wg, s, d }, actual, { batch, N }) => {
    const { out, gradients } = oracle.shift({ w: wg, s }, { B: 2 * batch, N });
    const { dw, ds } = gradients(d);
    return [forward('w̃', actual.shifted, out), backward('dw_g', actual.dwg, dw), backward('ds', actual.ds, ds)];
  },
  adjoint: ({ wg, s, d }, actual, { batch, N }) => ({ oracle: ({ w, s: taps }) => oracle.shift({ w, s: taps }, { B: 2 * batch, N }).out, at: { w: wg, s }, dout: d, gradients: { w: actual.dwg, s: actual.ds } }),
};
