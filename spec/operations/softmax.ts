/** Softmax over the slots, of src/model/addressing.ts. */
import { softmaxBackward, softmaxForward } from '../../src/model/addressing.js';
import { numbers } from '../arbitraries/numbers.js';
import * as oracle from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { largest, products } from '../support/values.js';
import type { Operation } from './operation.js';

export const softmax: Operation = {
  name: 'softmax',
  record: (recorder, { R, N }) => {
    const [z, dw] = [recorder.input('z', [R, N]), recorder.input('dw', [R, N])];
    recorder.section('forward');
    const { out, saved } = softmaxForward(recorder, z);
    recorder.expose('w', out);
    recorder.expose('dz', softmaxBackward(recorder, saved, dw));
  },
  values: ({ batch, R, N }) => ({ z: numbers(batch * R * N, -10, 10), dw: numbers(batch * R * N) }),
  given: (inputs) => ({ inputs }),
  compare: ({ z, dw }, actual, { batch, R, N }) => {
    const { out, gradients } = oracle.softmax({ x: z }, { B: batch * R, N });
    return [forward('w', actual.w, out), backward('dz', actual.dz, gradients(dw).dx, largest(products(out, dw)))]; // w·dw − w·Σ w·dw, where w is nearly 1
  },
  adjoint: ({ z, dw }, actual, { batch, R, N }) => ({ oracle: ({ x }) => oracle.softmax({ x }, { B: batch * R, N }).out, at: { x: z }, dout: dw, gradients: { x: actual.dz }, terms: largest(products(actual.w, dw)) }),
};
