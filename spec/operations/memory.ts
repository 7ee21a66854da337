/** kernels/memory.ts: reading, erasing and adding. */
import { foldLanes } from '../../kernels/linear.js';
import { memory as kernels } from '../../kernels/memory.js';
import { floorTo } from '../../src/model/shapes.js';
import * as oracle from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { beside, columns, headRows, randomWeightings, transposed, uniforms } from '../support/values.js';
import type { Operation, Sizes, Values } from './operation.js';

/** What the output layer and the next controller ask of r. */
const dRead = ({ fromOutput, fromNext }: Values, { batch, M, H, I }: Sizes): Float64Array => {
  const fromController = columns(fromNext, batch, I, M);
  return columns(fromOutput, batch, H, M).map((v, i) => v + fromController[i]);
};

/** What the content of both heads' addressing asks of the memory. */
const fromContent = ({ memory: before, k, alpha, mu }: Values, { batch, N, M }: Sizes): Float64Array =>
  Float64Array.from({ length: batch * N * M }, (_, i) => {
    const [b, n, m] = [Math.floor(i / (N * M)), Math.floor(i / M) % N, i % M];
    return alpha[2 * b * N + n] * k[2 * b * M + m] + alpha[(2 * b + 1) * N + n] * k[(2 * b + 1) * M + m] - mu[b * N + n] * before[i];
  });

export const memory: Operation = {
  name: 'memory',
  record: (g, { N, M, H, I }) => {
    const constants = { N, N4: floorTo(N, 4), M };
    const [head, before, w, dMemory] = [g.input('head', [4 * M + 12]), g.input('memory', [M, N]), g.input('w', [2, N]), g.input('dMemory', [M, N])];
    const [fromOutput, fromNext, dwNext] = [g.input('fromOutput', [H + M]), g.input('fromNext', [I + M + H]), g.input('dwNext', [2, N])];
    const [alpha, mu] = [g.input('alpha', [2, N]), g.input('mu', [N])];
    g.section('forward');
    g.expose('r', g.apply(foldLanes, [g.apply(kernels.read, [w, before], [M, 4], constants)], [M]));
    g.expose('written', g.apply(kernels.write, [before, w, head], [M, N], constants));
    const dr = g.apply(kernels.backwardRead, [fromOutput, fromNext], [M], { H, I });
    g.expose('dw', g.apply(kernels.backwardWeighting, [before, head, dr, dMemory, dwNext], [2, N], constants));
    g.expose('de', g.apply(foldLanes, [g.apply(kernels.backwardErase, [before, w, dMemory], [M, 4], constants)], [M]));
    g.expose('da', g.apply(foldLanes, [g.apply(kernels.backwardAdd, [w, dMemory], [M, 4], constants)], [M]));
    g.expose('dPrevious', g.apply(kernels.backwardMemory, [before, w, head, alpha, mu, dr, dMemory], [M, N], constants));
  },
  draw: (draw, { batch, N, M, H, I }) => ({
    memory: uniforms(draw, batch * N * M),
    w: randomWeightings(draw, 2 * batch, N),
    a: uniforms(draw, batch * M),
    e: uniforms(draw, batch * M, 0, 1),
    k: uniforms(draw, 2 * batch * M),
    dMemory: uniforms(draw, batch * N * M),
    fromOutput: uniforms(draw, batch * (H + M)),
    fromNext: uniforms(draw, batch * (I + M + H)),
    dwNext: uniforms(draw, 2 * batch * N),
    alpha: uniforms(draw, 2 * batch * N),
    mu: uniforms(draw, batch * N),
  }),
  given: ({ memory: before, a, e, k, dMemory, ...inputs }, { batch, N, M }) => ({
    inputs: { ...inputs, head: headRows(batch, M, { k, a, e }), memory: transposed(before, N, M), dMemory: transposed(dMemory, N, M) },
  }),
  compare: (values, actual, sizes) => {
    const { memory: before, w, a, e, dMemory, dwNext } = values;
    const { batch, N, M } = sizes;
    const reading = oracle.read({ w: columns(w, batch, 0, N), memory: before }, { B: batch, N, M });
    const writing = oracle.write({ memory: before, w: columns(w, batch, N, N), e, a }, { B: batch, N, M });
    const [ofRead, ofWrite, ofContent] = [reading.gradients(dRead(values, sizes)), writing.gradients(dMemory), fromContent(values, sizes)];
    return [
      forward('r', actual.r, reading.out),
      forward('M', transposed(actual.written, M, N), writing.out),
      backward('dw', actual.dw, beside(batch, ofRead.dw, ofWrite.dw).map((v, i) => v + dwNext[i])),
      backward('de', actual.de, ofWrite.de),
      backward('da', actual.da, ofWrite.da),
      backward('dM of the step before', transposed(actual.dPrevious, M, N), ofRead.dmemory.map((v, i) => v + ofWrite.dmemory[i] + ofContent[i])),
    ];
  },
  adjoint: (values, actual, sizes) => {
    const { memory: before, w, a, e, dMemory, dwNext } = values;
    const { batch, N, M } = sizes;
    const ofContent = fromContent(values, sizes);
    return {
      oracle: (at) => {
        const reading = oracle.read({ w: columns(at.w, batch, 0, N), memory: at.memory }, { B: batch, N, M });
        return [...reading.out, ...oracle.write({ memory: at.memory, w: columns(at.w, batch, N, N), e: at.e, a: at.a }, { B: batch, N, M }).out];
      },
      at: { memory: before, w, e, a },
      dout: [...dRead(values, sizes), ...dMemory],
      gradients: { memory: transposed(actual.dPrevious, M, N).map((v, i) => v - ofContent[i]), w: actual.dw.map((v, i) => v - dwNext[i]), e: actual.de, a: actual.da },
    };
  },
};
