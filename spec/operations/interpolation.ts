/** Interpolation (§3.3.2, equation 7) of src/model/addressing.ts. */
import { interpolationBackward, interpolationForward } from '../../src/model/addressing.js';
import { interpolate } from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { randomWeightings, uniforms } from '../support/values.js';
import type { Operation } from './operation.js';

export const interpolation: Operation = {
  name: 'interpolation',
  record: (recorder, { R, N }) => {
    const [g, wc, previous, dwg] = [recorder.input('g', [R]), recorder.input('wc', [R, N]), recorder.input('previous', [R, N]), recorder.input('dwg', [R, N])];
    recorder.section('forward');
    const { out, saved } = interpolationForward(recorder, { g, wc, previous });
    Object.entries({ wg: out, ...interpolationBackward(recorder, saved, dwg) }).forEach(([name, tensor]) => recorder.expose(name, tensor));
  },
  draw: (draw, { batch, R, N }) => ({
    g: uniforms(draw, batch * R, 0, 1),
    wc: randomWeightings(draw, batch * R, N),
    previous: randomWeightings(draw, batch * R, N),
    dwg: uniforms(draw, batch * R * N),
  }),
  given: (inputs) => ({ inputs }),
  compare: ({ g, wc, previous, dwg }, actual, { batch, R, N }) => {
    const { out, gradients } = interpolate({ content: wc, previous, g }, { B: batch * R, N });
    const d = gradients(dwg);
    return [forward('w_g', actual.wg, out), backward('dw_c', actual.dwc, d.dcontent), backward('dg', actual.dg, d.dg), backward('dw_prev', actual.dprevious, d.dprevious)];
  },
  adjoint: ({ g, wc, previous, dwg }, actual, { batch, R, N }) => ({
    oracle: (at) => interpolate({ content: at.content, previous: at.previous, g: at.g }, { B: batch * R, N }).out,
    at: { content: wc, previous, g },
    dout: dwg,
    gradients: { content: actual.dwc, previous: actual.dprevious, g: actual.dg },
  }),
};
