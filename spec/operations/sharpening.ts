/** kernels/sharpening.ts, composed as src/model/addressing.ts composes it. */
import { sharpening as kernels } from '../../kernels/sharpening.js';
import { softmax } from '../../kernels/softmax.js';
import { floorTo } from '../../src/model/shapes.js';
import { sharpen } from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { headRows, randomWeightings, uniforms } from '../support/values.js';
import type { Operation } from './operation.js';

export const sharpening: Operation = {
  name: 'sharpening',
  record: (g, { N, M }) => {
    const constants = { N, N4: floorTo(N, 4), M };
    const [head, shifted, dw] = [g.input('head', [4 * M + 12]), g.input('shifted', [2, N]), g.input('dw', [2, N])];
    g.section('forward');
    const top = g.apply(softmax.largest, [shifted], [2], constants);
    const power = g.apply(kernels.power, [shifted, top, head], [2, N], constants);
    const w = g.apply(softmax.normalise, [power, g.apply(softmax.total, [power], [2], constants)], [2, N]);
    const average = g.apply(softmax.mean, [w, dw], [2], constants);
    g.expose('w', w);
    g.expose('dShifted', g.apply(kernels.backwardShifted, [shifted, w, head, dw, average], [2, N], constants));
    g.expose('dGamma', g.apply(kernels.backwardGamma, [g.apply(kernels.logarithm, [shifted, top, w], [2, N]), dw, average], [2], constants));
  },
  draw: (draw, { batch, N }) => ({ shifted: randomWeightings(draw, 2 * batch, N), gamma: uniforms(draw, 2 * batch, 1, 25), dw: uniforms(draw, 2 * batch * N) }),
  given: ({ shifted, gamma, dw }, { batch, M }) => ({ inputs: { head: headRows(batch, M, { gamma }), shifted, dw } }),
  compare: ({ shifted, gamma, dw }, actual, { batch, N }) => {
    const { out, gradients } = sharpen({ w: shifted, gamma }, { B: 2 * batch, N });
    const d = gradients(dw);
    return [forward('w', actual.w, out), backward('dw̃', actual.dShifted, d.dw), backward('dγ', actual.dGamma, d.dgamma)];
  },
  adjoint: ({ shifted, gamma, dw }, actual, { batch, N }) => ({
    oracle: ({ w, gamma: powers }) => sharpen({ w, gamma: powers }, { B: 2 * batch, N }).out,
    at: { w: shifted, gamma },
    dout: dw,
    gradients: { w: actual.dShifted, gamma: actual.dGamma },
  }),
};
