/** kernels/cross-entropy.ts: losses, wrong bits and dl, none of a row whose weight is 0; their sums over rows; and the outputs. */
import { activation as activations } from '../../kernels/activation.js';
import { crossEntropy as kernels } from '../../kernels/cross-entropy.js';
import { rows as rowKernels } from '../../kernels/rows.js';
import { bits, numbers } from '../arbitraries/numbers.js';
import { activation, binaryCrossEntropy } from '../oracle/operations.js';
import { backward, exactly, forward } from '../support/tolerances.js';
import { largest } from '../support/values.js';
import type { Operation } from './operation.js';

const STEPS = 2;

export const crossEntropy: Operation = {
  name: 'cross-entropy',
  steps: STEPS,
  sections: ['forward', 'backward', 'gradients'],
  record: (recorder, { V }) => {
    const given = { logits: recorder.input('logits', [V]), target: recorder.input('target', [V]), weight: recorder.input('weight', [1]) };
    const [loss, wrong] = [recorder.single('loss', [1], 'gradient'), recorder.single('wrong', [1], 'gradient')];
    recorder.section('forward');
    const [losses, wrongBits] = [recorder.apply(kernels.losses, given), recorder.apply(kernels.wrongBits, given)];
    recorder.expose('y', recorder.apply(activations.sigmoid, { z: given.logits }));
    recorder.expose('losses', losses);
    recorder.expose('wrong bits', wrongBits);
    recorder.section('backward');
    recorder.expose('dl', recorder.apply(kernels.backward, given));
    recorder.section('gradients');
    recorder.sum(rowKernels.total, loss, { x: losses });
    recorder.sum(rowKernels.total, wrong, { x: wrongBits });
  },
  values: ({ batch, V }) => {
    const count = batch * STEPS;
    return { logits: numbers(count * V, -8, 8), target: bits(count * V), weight: numbers(count, 0, 1).map((weight) => weight.with(0, 0)) };
  },
  given: (inputs) => ({ inputs }),
  compare: ({ logits, target, weight }, actual, { batch, V }) => {
    const expected = Array.from({ length: batch * STEPS }, (_, row) => {
      const [l, t] = [logits.subarray(row * V, (row + 1) * V), target.subarray(row * V, (row + 1) * V)];
      const { out, gradients } = binaryCrossEntropy({ logits: l, target: t });
      const wrong = l.reduce((sum, v, i) => sum + ((v >= 0 ? 1 : 0) === t[i] ? 0 : 1), 0);
      return { loss: V * weight[row] * out[0], wrong: weight[row] > 0 ? wrong : 0, dl: gradients([V * weight[row]]).dlogits };
    });
    const sum = (of: (row: (typeof expected)[number]) => number): number => expected.reduce((all, row) => all + of(row), 0);
    return [
      forward('y', actual.y, activation('sigmoid', { x: logits }).out),
      forward('L', actual.losses, expected.map(({ loss }) => loss)),
      exactly('wrong bits', actual['wrong bits'], expected.map(({ wrong }) => wrong)),
      backward('dl', actual.dl, expected.flatMap(({ dl }) => [...dl]), largest(weight)), // σ(l) − t cancels
      forward('total loss', actual.loss, [sum(({ loss }) => loss)]),
      exactly('total of wrong bits', actual.wrong, [sum(({ wrong }) => wrong)]),
    ];
  },
};
