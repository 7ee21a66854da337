/** Interpolation (§3.3.2, equation 7) of src/model/addressing.ts. */
import { interpolationBackward, interpolationForward } from '../../src/model/addressing.js';
import { numbers } from '../arbitraries/numbers.js';
import { weightings } from '../arbitraries/weightings.js';
import { interpolate } from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { largest, products } from '../support/values.js';
import type { Operation, Values } from './operation.js';

/** Of the terms of dg, Σ dw_g·(w_c − w_prev), which cancel. */
const sizeOfTerms = ({ wc, previous, dwg }: Values): number => largest(products(dwg, wc.map((v, i) => v - previous[i])));

export const interpolation: Operation = {
  name: 'interpolation',
  record: (recorder, { R, N }) => {
    const [g, wc, previous, dwg] = [recorder.input('g', [R]), recorder.input('wc', [R, N]), recorder.input('previous', [R, N]), recorder.input('dwg', [R, N])];
    recorder.section('forward');
    const { out, saved } = interpolationForward(recorder, { g, wc, previous });
    Object.entries({ wg: out, ...interpolationBackward(recorder, saved, dwg) }).forEach(([name, tensor]) => recorder.expose(name, tensor));
  },
  values: ({ batch, R, N }) => ({
    g: numbers(batch * R, 0, 1),
    wc: weightings(batch * R, N),
    previous: weightings(batch * R, N),
    dwg: numbers(batch * R * N),
  }),
  given: (inputs) => ({ inputs }),
  compare: (values, actual, { batch, R, N }) => {
    const { g, wc, previous, dwg } = values;
    const { out, gradients } = interpolate({ content: wc, previous, g }, { B: batch * R, N });
    const d = gradients(dwg);
    return [forward('w_g', actual.wg, out), backward('dw_c', actual.dwc, d.dcontent), backward('dg', actual.dg, d.dg, sizeOfTerms(values)), backward('dw_prev', actual.dprevious, d.dprevious)];
  },
  adjoint: (values, actual, { batch, R, N }) => ({
    oracle: (at) => interpolate({ content: at.content, previous: at.previous, g: at.g }, { B: batch * R, N }).out,
    at: { content: values.wc, previous: values.previous, g: values.g },
    dout: values.dwg,
    gradients: { content: actual.dwc, previous: actual.dprevious, g: actual.dg },
    terms: sizeOfTerms(values),
  }),
};
