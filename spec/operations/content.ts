/** Content addressing (§3.3.1) of src/model/addressing.ts; dM is put together where the model does it: in src/model/memory.ts. */
import { contentBackward, contentForward } from '../../src/model/addressing.js';
import { memoryGradient } from '../../src/model/memory.js';
import { numbers } from '../arbitraries/numbers.js';
import { contentWeighting } from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { largest, products, shortest, transposed } from '../support/values.js';
import type { Operation, Sizes, Values } from './operation.js';

const oracle = ({ k, beta, memory }: Readonly<Record<string, ArrayLike<number>>>, { batch, R, W, N, M }: Sizes) => contentWeighting({ k, beta, memory }, { B: batch, K: R + W, N, M });

/**
 * Of the terms of dz, w·dw − w·Σ w·dw, which cancel where one w is nearly 1; of these are made α·m and
 * κ·k, which cancel wholly at M = 1, where a cosine is ±1 whatever k is. Below 1e-8 there is no κ.
 */
const sizesOfTerms = ({ k, beta, memory, dwc }: Values, w: ArrayLike<number>, M: number) => {
  const dz = largest(products(w, dwc));
  const u = largest(beta) * dz;
  const below = largest(k) * largest(memory) <= 1e-8;
  return { dz, dk: u * (below ? largest(memory) / 1e-8 : 1 / shortest(k, M)), dmemory: u * (below ? largest(k) / 1e-8 : 1 / shortest(memory, M)) };
};

export const content: Operation = {
  name: 'content addressing',
  record: (recorder, { R, W, N, M }) => {
    const [k, beta, memory, dwc] = [recorder.input('k', [R + W, M]), recorder.input('beta', [R + W]), recorder.input('memory', [M, N]), recorder.input('dwc', [R + W, N])];
    const [reading, w, e, a] = [recorder.input('reading', [R, N]), recorder.input('w', [W, N]), recorder.input('e', [W, M]), recorder.input('a', [W, M])];
    const [dr, dMemory] = [recorder.input('dr', [R, M]), recorder.input('dMemoryNext', [M, N])];
    recorder.section('forward');
    const { out, saved } = contentForward(recorder, { k, beta, memory });
    const { dk, dbeta, alpha, mu } = contentBackward(recorder, saved, dwc);
    const dmemory = memoryGradient(recorder, { memory, w, e, a }, { memory, reading }, { k, alpha, mu }, dr, dMemory);
    Object.entries({ wc: out, dk, dbeta, dmemory }).forEach(([name, tensor]) => recorder.expose(name, tensor));
  },
  values: ({ batch, R, W, N, M }) => ({
    k: numbers(batch * (R + W) * M),
    memory: numbers(batch * N * M),
    beta: numbers(batch * (R + W), 0, 10),
    dwc: numbers(batch * (R + W) * N),
  }),
  given: ({ memory, ...inputs }, { N, M }) => ({ inputs: { ...inputs, memory: transposed(memory, N, M) } }),
  compare: (values, actual, sizes) => {
    const { out, gradients } = oracle(values, sizes);
    const d = gradients(values.dwc);
    const terms = sizesOfTerms(values, out, sizes.M);
    return [
      forward('w_c', actual.wc, out, largest(values.beta) * largest(out)), // β·c is as exact as β is large
      backward('dβ', actual.dbeta, d.dbeta, terms.dz),
      backward('dk', actual.dk, d.dk, terms.dk),
      backward('dM', transposed(actual.dmemory, sizes.M, sizes.N), d.dmemory, terms.dmemory),
    ];
  },
};
