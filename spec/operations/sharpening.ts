/** Sharpening (§3.3.2, equation 9) of src/model/addressing.ts. */
import { sharpeningBackward, sharpeningForward } from '../../src/model/addressing.js';
import { numbers } from '../arbitraries/numbers.js';
import { weightings } from '../arbitraries/weightings.js';
import { sharpen } from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { largest, products } from '../support/values.js';
import type { Operation, Values } from './operation.js';

/** Of the terms of dw̃, γ·w/w̃·dw, which cancel where one w is nearly 1. */
const sizeOfTerms = ({ shifted, gamma, dw }: Values, w: ArrayLike<number>): number => largest(gamma) * largest(products(w, dw).map((v, i) => v / Math.max(shifted[i], 1e-30)));

/** Of w̃, below which a central difference would reach over 0. */
const KINK = 1e-3;

const smallest = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => Math.min(a, b), Infinity);

export const sharpening: Operation = {
  name: 'sharpening',
  record: (recorder, { R, N }) => {
    const [shifted, gamma, dw] = [recorder.input('shifted', [R, N]), recorder.input('gamma', [R]), recorder.input('dw', [R, N])];
    recorder.section('forward');
    const { out, saved } = sharpeningForward(recorder, { shifted, gamma });
    Object.entries({ w: out, ...sharpeningBackward(recorder, saved, dw) }).forEach(([name, tensor]) => recorder.expose(name, tensor));
  },
  values: ({ batch, R, N }) => ({ shifted: weightings(batch * R, N), gamma: numbers(batch * R, 1, 25), dw: numbers(batch * R * N) }),
  given: (inputs) => ({ inputs }),
  compare: (values, actual, { batch, R, N }) => {
    const { out, gradients } = sharpen({ w: values.shifted, gamma: values.gamma }, { B: batch * R, N });
    const d = gradients(values.dw);
    // A rounding of w̃/max w̃ becomes γ of them.
    return [forward('w', actual.w, out, (largest(values.gamma) / 25) * largest(out)), backward('dw̃', actual.dshifted, d.dw, sizeOfTerms(values, out)), backward('dγ', actual.dgamma, d.dgamma, largest(products(out, values.dw)))];
  },
  adjoint: (values, actual, { batch, R, N }) =>
    smallest(values.shifted) < KINK
      ? null // there is a slope on one side only
      : {
          oracle: ({ w, gamma }) => sharpen({ w, gamma }, { B: batch * R, N }).out,
          at: { w: values.shifted, gamma: values.gamma },
          dout: values.dw,
          gradients: { w: actual.dshifted, gamma: actual.dgamma },
          terms: sizeOfTerms(values, actual.w),
        },
};
