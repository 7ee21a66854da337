/** kernels/softmax.ts, composed as src/model/addressing.ts composes it. */
import { softmaxBackward, softmaxForward } from '../../src/model/addressing.js';
import * as oracle from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { uniforms } from '../support/values.js';
import { type Operation, shapeOf } from './operation.js';

export const softmax: Operation = {
  name: 'softmax',
  record: (g, sizes) => {
    const [z, dw] = [g.input('z', [2, sizes.N]), g.input('dw', [2, sizes.N])];
    g.section('forward');
    const w = softmaxForward(g, shapeOf(sizes), z);
    g.expose('w', w);
    g.expose('dz', softmaxBackward(g, shapeOf(sizes), w, dw));
  },
  draw: (draw, { batch, N }) => ({ z: uniforms(draw, 2 * batch * N, -10, 10), dw: uniforms(draw, 2 * batch * N) }),
  given: (inputs) => ({ inputs }),
  compare: ({ z, dw }, actual, { batch, N }) => {
    const { out, gradients } = oracle.softmax({ x: z }, { B: 2 * batch, N });
    return [forward('w', actual.w, out), backward('dz', actual.dz, gradients(dw).dx)];
  },
  adjoint: ({ z, dw }, actual, { batch, N }) => ({ oracle: ({ x }) => oracle.softmax({ x }, { B: 2 * batch, N }).out, at: { x: z }, dout: dw, gradients: { x: actual.dz } }),
};
