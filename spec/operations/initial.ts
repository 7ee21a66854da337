/**
 * Learned initial states of src/model/linear.ts, the weightings' by softmax, and the blank memory. Rows
 * before the first step can be read only by the first step, so each goes through a kernel that hands it on.
 */
import { type Array2, type Array3, kernel, type Thread } from '../../kernels/kernel.js';
import { memory } from '../../kernels/memory.js';
import { softmaxBackward, softmaxForward } from '../../src/model/addressing.js';
import { initialGradient, initialState } from '../../src/model/linear.js';
import type { Tensor } from '../../src/program/graph.js';
import { numbers } from '../arbitraries/numbers.js';
import { softmax } from '../oracle/operations.js';
import { backward, exactly, forward } from '../support/tolerances.js';
import { largest, products } from '../support/values.js';
import type { Operation } from './operation.js';

const same = kernel('the same', 'x [B, X] -> [B, X]', function (this: Thread, x: Array2): number {
  return x[this.thread.y][this.thread.x];
});

const sameMatrix = kernel('the same matrix', 'x [B, Y, X] -> [B, Y, X]', function (this: Thread, x: Array3): number {
  return x[this.thread.z][this.thread.y][this.thread.x];
});

export const initial: Operation = {
  name: 'initial state',
  sections: ['initialise', 'forward', 'gradients'],
  record: (recorder, { H, R, N, M }) => {
    const [vector, logits] = [recorder.single('vector', [H], 'parameter'), recorder.single('logits', [R * N], 'parameter')];
    const [dvector, dlogits] = [recorder.single('dvector', [H], 'gradient'), recorder.single('dlogits', [R * N], 'gradient')];
    const [d, dw] = [recorder.input('d', [H]), recorder.input('dw', [R, N])];
    const w0 = softmaxForward(recorder, initialState(recorder, logits, [R, N]));
    const starts: Readonly<Record<string, Tensor>> = { h: initialState(recorder, vector, [H]), w: w0.out, m: recorder.apply(memory.blank, {}, { M, N }) };
    const carried = Object.entries(starts).map(([name, start]) => ({ name, ...recorder.carryForward(start) }));
    recorder.section('forward');
    for (const { name, previous, bind } of carried) {
      const now = recorder.apply(previous.shape.length === 1 ? same : sameMatrix, { x: previous });
      bind(now);
      recorder.expose(name, now);
    }
    recorder.section('gradients');
    initialGradient(recorder, dvector, d);
    initialGradient(recorder, dvector, d); // to what is there already
    initialGradient(recorder, dlogits, softmaxBackward(recorder, w0.saved, dw));
  },
  values: ({ batch, H, R, N }) => ({ vector: numbers(H), logits: numbers(R * N, -3, 3), d: numbers(batch * H), dw: numbers(batch * R * N) }),
  given: ({ vector, logits, d, dw }) => ({ singles: { vector, logits }, inputs: { d, dw } }),
  compare: ({ vector, logits, d, dw }, actual, { batch, R, N, M }) => {
    const rows = (row: ArrayLike<number>): number[] => Array.from({ length: batch }, () => Array.from(row)).flat();
    const sum = (values: ArrayLike<number>, size: number): number[] => Array.from({ length: size }, (_, x) => Array.from({ length: batch }, (_row, row) => values[row * size + x]).reduce((a, b) => a + b, 0));
    const { out, gradients } = softmax({ x: rows(logits) }, { B: batch * R, N });
    return [
      exactly('the vector in each row', actual.h, rows(vector)),
      forward('w_0', actual.w, out),
      exactly('M_0', actual.m, new Float32Array(batch * M * N).fill(1e-6)),
      backward('dvector', actual.dvector, sum(d, vector.length).map((v) => 2 * v)),
      backward('dlogits', actual.dlogits, sum(gradients(dw).dx, R * N), batch * largest(products(out, dw))),
    ];
  },
};
