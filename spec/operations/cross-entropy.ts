/** kernels/cross-entropy.ts: outputs, losses, wrong bits and dl; none of a row whose weight is 0. */
import { crossEntropy as kernels } from '../../kernels/cross-entropy.js';
import { activation, binaryCrossEntropy } from '../oracle/operations.js';
import { backward, exactly, forward } from '../support/tolerances.js';
import { columns, uniforms } from '../support/values.js';
import type { Operation } from './operation.js';

const STEPS = 2;

export const crossEntropy: Operation = {
  name: 'cross-entropy',
  steps: STEPS,
  sections: ['forward', 'backward', 'gradients'],
  record: (g, { V }) => {
    const [logits, target, weight] = [g.input('logits', [V]), g.input('target', [V]), g.input('weight', [1])];
    const total = g.single('total', [2], 'gradient');
    g.section('forward');
    const losses = g.apply(kernels.losses, [logits, target, weight], [2], { V });
    g.expose('y', g.apply(kernels.output, [logits], [V]));
    g.expose('losses', losses);
    g.section('backward');
    g.expose('dl', g.apply(kernels.backward, [logits, target, weight], [V]));
    g.section('gradients');
    g.sum(kernels.totalLosses, total, [losses]);
  },
  draw: (draw, { batch, V }) => {
    const rows = batch * STEPS;
    return { logits: uniforms(draw, rows * V, -8, 8), target: uniforms(draw, rows * V, 0, 1).map(Math.round), weight: uniforms(draw, rows, 0, 1).with(0, 0) };
  },
  given: (inputs) => ({ inputs }),
  compare: ({ logits, target, weight }, actual, { batch, V }) => {
    const rows = batch * STEPS;
    const expected = Array.from({ length: rows }, (_, row) => {
      const [l, t] = [logits.subarray(row * V, (row + 1) * V), target.subarray(row * V, (row + 1) * V)];
      const { out, gradients } = binaryCrossEntropy({ logits: l, target: t });
      const wrong = l.reduce((sum, v, i) => sum + ((v >= 0 ? 1 : 0) === t[i] ? 0 : 1), 0);
      return { loss: V * weight[row] * out[0], wrong: weight[row] > 0 ? wrong : 0, dl: gradients([V * weight[row]]).dlogits };
    });
    const sum = (of: (row: (typeof expected)[number]) => number): number => expected.reduce((all, row) => all + of(row), 0);
    return [
      forward('y', actual.y, activation('sigmoid', { x: logits }).out),
      forward('L', columns(actual.losses, rows, 0, 1), expected.map(({ loss }) => loss)),
      exactly('wrong bits', columns(actual.losses, rows, 1, 1), expected.map(({ wrong }) => wrong)),
      backward('dl', actual.dl, expected.flatMap(({ dl }) => [...dl])),
      forward('total loss', actual.total.subarray(0, 1), [sum(({ loss }) => loss)]),
      exactly('total of wrong bits', actual.total.subarray(1), [sum(({ wrong }) => wrong)]),
    ];
  },
};
