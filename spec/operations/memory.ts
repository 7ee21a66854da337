/** src/model/memory.ts: reading, erasing and adding. */
import { memoryGradient, readingBackward, readingForward, writingBackward, writingForward } from '../../src/model/memory.js';
import { numbers } from '../arbitraries/numbers.js';
import { weightings } from '../arbitraries/weightings.js';
import * as oracle from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { transposed } from '../support/values.js';
import type { Operation, Sizes, Values } from './operation.js';

/** What the content of the heads' addressing asks of the memory: Σ_heads α·k − μ·M. */
const fromContent = ({ memory: before, k, alpha, mu }: Values, { batch, R, W, N, M }: Sizes): Float64Array =>
  Float64Array.from({ length: batch * N * M }, (_, i) => {
    const [b, n, m] = [Math.floor(i / (N * M)), Math.floor(i / M) % N, i % M];
    const heads = Array.from({ length: R + W }, (_head, h) => b * (R + W) + h);
    return heads.reduce((sum, head) => sum + alpha[head * N + n] * k[head * M + m], -mu[b * N + n] * before[i]);
  });

export const memory: Operation = {
  name: 'memory',
  record: (recorder, { R, W, N, M }) => {
    const rows = (name: string, ...shape: readonly number[]) => recorder.input(name, shape);
    const [before, reading, w, e, a] = [rows('memory', M, N), rows('reading', R, N), rows('w', W, N), rows('e', W, M), rows('a', W, M)];
    const [dr, dMemory, nextReading, nextWriting] = [rows('dr', R, M), rows('dMemory', M, N), rows('nextReading', R, N), rows('nextWriting', W, N)];
    const content = { k: rows('k', R + W, M), alpha: rows('alpha', R + W, N), mu: rows('mu', N) };
    recorder.section('forward');
    const read = readingForward(recorder, { memory: before, reading });
    const written = writingForward(recorder, { memory: before, w, e, a });
    const { dw, de, da } = writingBackward(recorder, written.saved, dMemory, nextWriting);
    const exposed = { r: read.out, written: written.out, dreading: readingBackward(recorder, read.saved, dr, nextReading), dw, de, da, dprevious: memoryGradient(recorder, written.saved, read.saved, content, dr, dMemory) };
    Object.entries(exposed).forEach(([name, tensor]) => recorder.expose(name, tensor));
  },
  values: ({ batch: B, R, W, N, M }) => ({
    memory: numbers(B * N * M),
    reading: weightings(B * R, N),
    w: weightings(B * W, N),
    e: numbers(B * W * M, 0, 1),
    a: numbers(B * W * M),
    k: numbers(B * (R + W) * M),
    alpha: numbers(B * (R + W) * N),
    mu: numbers(B * N),
    dr: numbers(B * R * M),
    dMemory: numbers(B * N * M),
    nextReading: numbers(B * R * N),
    nextWriting: numbers(B * W * N),
  }),
  given: ({ memory: before, dMemory, ...inputs }, { N, M }) => ({ inputs: { ...inputs, memory: transposed(before, N, M), dMemory: transposed(dMemory, N, M) } }),
  compare: (values, actual, sizes) => {
    const { memory: before, reading, w, e, a, dr, dMemory, nextReading, nextWriting } = values;
    const { batch: B, R, W, N, M } = sizes;
    const read = oracle.read({ w: reading, memory: before }, { B, K: R, N, M });
    const written = oracle.write({ memory: before, w, e, a }, { B, K: W, N, M });
    const [ofRead, ofWrite, ofContent] = [read.gradients(dr), written.gradients(dMemory), fromContent(values, sizes)];
    return [
      forward('r', actual.r, read.out),
      forward('M', transposed(actual.written, M, N), written.out),
      backward('dw of the read heads', actual.dreading, ofRead.dw.map((v, i) => v + nextReading[i])),
      backward('dw of the write heads', actual.dw, ofWrite.dw.map((v, i) => v + nextWriting[i])),
      backward('de', actual.de, ofWrite.de),
      backward('da', actual.da, ofWrite.da),
      backward('dM of the step before', transposed(actual.dprevious, M, N), ofRead.dmemory.map((v, i) => v + ofWrite.dmemory[i] + ofContent[i])),
    ];
  },
  adjoint: (values, actual, sizes) => {
    const { memory: before, reading, w, e, a, dr, dMemory, nextReading, nextWriting } = values;
    const { batch: B, R, W, N, M } = sizes;
    const ofContent = fromContent(values, sizes);
    return {
      oracle: (at) => [...oracle.read({ w: at.reading, memory: at.memory }, { B, K: R, N, M }).out, ...oracle.write({ memory: at.memory, w: at.w, e: at.e, a: at.a }, { B, K: W, N, M }).out],
      at: { memory: before, reading, w, e, a },
      dout: [...dr, ...dMemory],
      gradients: {
        memory: transposed(actual.dprevious, M, N).map((v, i) => v - ofContent[i]),
        reading: actual.dreading.map((v, i) => v - nextReading[i]),
        w: actual.dw.map((v, i) => v - nextWriting[i]),
        e: actual.de,
        a: actual.da,
      },
      terms: (R + W) * 2, // of what content and the next step ask, which are taken out again
    };
  },
};
