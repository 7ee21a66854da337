/** kernels/interpolation.ts; both rules for the write head's previous weighting. */
import { interpolation as kernels } from '../../kernels/interpolation.js';
import { interpolate } from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { beside, columns, headRows, randomWeightings, uniforms } from '../support/values.js';
import type { Operation } from './operation.js';

export const interpolation: Operation = {
  name: 'interpolation',
  record: (g, { N, M, legacy }) => {
    const constants = { N, M, LEGACY: legacy };
    const [head, wc, previous, dwg] = [g.input('head', [4 * M + 12]), g.input('wc', [2, N]), g.input('previous', [2, N]), g.input('dwg', [2, N])];
    g.section('forward');
    g.expose('wg', g.apply(kernels.forward, [head, wc, previous], [2, N], constants));
    g.expose('dwc', g.apply(kernels.backwardContent, [head, dwg], [2, N], constants));
    g.expose('dg', g.apply(kernels.backwardGate, [wc, previous, dwg], [2], constants));
    g.expose('dPrevious', g.apply(kernels.backwardPrevious, [head, dwg], [2, N], constants));
  },
  draw: (draw, { batch, N }) => ({
    g: uniforms(draw, 2 * batch, 0, 1),
    wc: randomWeightings(draw, 2 * batch, N),
    previous: randomWeightings(draw, 2 * batch, N),
    dwg: uniforms(draw, 2 * batch * N),
  }),
  given: ({ g, ...inputs }, { batch, M }) => ({ inputs: { head: headRows(batch, M, { g }), ...inputs } }),
  compare: ({ g, wc, previous, dwg }, actual, { batch, N, legacy }) => {
    const [ofRead, ofWrite] = [(v: ArrayLike<number>) => columns(v, batch, 0, N), (v: ArrayLike<number>) => columns(v, batch, N, N)];
    /** What each head interpolates with: under the old rule, the read head's weighting both times. */
    const seen = legacy ? beside(batch, ofRead(previous), ofRead(previous)) : previous;
    const { out, gradients } = interpolate({ content: wc, previous: seen, g }, { B: 2 * batch, N });
    const d = gradients(dwg);
    const other = ofWrite(d.dprevious);
    const dPrevious = legacy ? beside(batch, ofRead(d.dprevious).map((v, i) => v + other[i]), new Float32Array(batch * N)) : d.dprevious;
    return [forward('w_g', actual.wg, out), backward('dw_c', actual.dwc, d.dcontent), backward('dg', actual.dg, d.dg), backward('dw_prev', actual.dPrevious, dPrevious)];
  },
};
