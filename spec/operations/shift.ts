/** Circular shift (§3.3.2, equation 8) of src/model/addressing.ts. */
import { shiftBackward, shiftForward } from '../../src/model/addressing.js';
import { numbers } from '../arbitraries/numbers.js';
import { weightings } from '../arbitraries/weightings.js';
import * as oracle from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import type { Operation } from './operation.js';

export const shift: Operation = {
  name: 'circular shift',
  record: (recorder, { R, N, S }) => {
    const [wg, s, d] = [recorder.input('wg', [R, N]), recorder.input('s', [R, S]), recorder.input('d', [R, N])];
    recorder.section('forward');
    const { out, saved } = shiftForward(recorder, { wg, s });
    Object.entries({ shifted: out, ...shiftBackward(recorder, saved, d) }).forEach(([name, tensor]) => recorder.expose(name, tensor));
  },
  values: ({ batch, R, N, S }) => ({ wg: weightings(batch * R, N), s: weightings(batch * R, S), d: numbers(batch * R * N) }),
  given: (inputs) => ({ inputs }),
  compare: ({ wg, s, d }, actual, { batch, R, N, S }) => {
    const { out, gradients } = oracle.shift({ w: wg, s }, { B: batch * R, N, S });
    const { dw, ds } = gradients(d);
    return [forward('w̃', actual.shifted, out), backward('dw_g', actual.dwg, dw), backward('ds', actual.ds, ds)];
  },
  adjoint: ({ wg, s, d }, actual, { batch, R, N, S }) => ({
    oracle: ({ w, s: taps }) => oracle.shift({ w, s: taps }, { B: batch * R, N, S }).out,
    at: { w: wg, s },
    dout: d,
    gradients: { w: actual.dwg, s: actual.ds },
  }),
};
