/**
 * kernels/initial.ts. Rows before the first step can be read only by the first step, so each goes
 * through a kernel that hands it on as it is.
 */
import { rectifier } from '../../kernels/feed-forward.js';
import { initial as kernels } from '../../kernels/initial.js';
import { interpolation } from '../../kernels/interpolation.js';
import { memory } from '../../kernels/memory.js';
import { softmaxBackward, softmaxForward } from '../../src/model/addressing.js';
import { softmax } from '../oracle/operations.js';
import { backward, exactly, forward } from '../support/tolerances.js';
import { headRows, uniforms } from '../support/values.js';
import { type Operation, shapeOf } from './operation.js';

const AT = 4;

export const initial: Operation = {
  name: 'initial state',
  sections: ['initialise', 'forward', 'gradients'],
  record: (g, sizes) => {
    const { H, N, M } = sizes;
    const [vector, logits] = [g.single('vector', [H], 'parameter'), g.single('logits', [2, N], 'parameter')];
    const [dVector, dLogits] = [g.single('dVector', [H], 'gradient'), g.single('dLogits', [2, N], 'gradient')];
    const [shut, nothing, d, dw] = [g.input('head', [4 * M + 12]), g.input('nothing', [2, N]), g.input('d', [AT + H]), g.input('dw', [2, N])];
    const w0 = softmaxForward(g, shapeOf(sizes), g.apply(kernels.logits, [logits], [2, N]));
    const state = g.carryForward(g.apply(kernels.vector, [vector], [H]));
    const weighting = g.carryForward(w0);
    const blank = g.carryForward(g.apply(kernels.blankMemory, [], [M, N]));
    g.section('forward');
    const h = g.apply(rectifier.forward, [state.previous], [H]);
    const w = g.apply(interpolation.forward, [shut, nothing, weighting.previous], [2, N], { M, LEGACY: 0 });
    const m = g.apply(memory.write, [blank.previous, nothing, shut], [M, N], { M });
    state.bind(h);
    weighting.bind(w);
    blank.bind(m);
    Object.entries({ h, w, m }).forEach(([name, tensor]) => g.expose(name, tensor));
    g.section('gradients');
    g.sum(kernels.backwardVector, dVector, [d], { AT }, 'initial');
    g.sum(kernels.backwardLogits, dLogits, [softmaxBackward(g, shapeOf(sizes), w0, dw)], {}, 'initial');
  },
  draw: (draw, { batch, H, N }) => ({ vector: uniforms(draw, H, 0, 1), logits: uniforms(draw, 2 * N, -3, 3), d: uniforms(draw, batch * (AT + H)), dw: uniforms(draw, batch * 2 * N) }),
  given: ({ vector, logits, d, dw }, { batch, M }) => ({ singles: { vector, logits }, inputs: { head: headRows(batch, M, {}), d, dw } }),
  compare: ({ vector, logits, d, dw }, actual, { batch, H, N, M }) => {
    const rows = (row: ArrayLike<number>): number[] => Array.from({ length: batch }, () => Array.from(row)).flat();
    const sum = (values: ArrayLike<number>, from: number, size: number): number[] =>
      Array.from({ length: size }, (_, x) => Array.from({ length: batch }, (_row, row) => values[(row * values.length) / batch + from + x]).reduce((a, b) => a + b, 0));
    const { out, gradients } = softmax({ x: rows(logits) }, { B: 2 * batch, N });
    return [
      exactly('the vector in each row', actual.h, rows(vector)),
      forward('w_0', actual.w, out),
      exactly('M_0', actual.m, new Float32Array(batch * M * N).fill(1e-6)),
      backward('dvector', actual.dVector, sum(d, AT, H)),
      backward('dlogits', actual.dLogits, sum(gradients(dw).dx, 0, 2 * N)),
    ];
  },
};
