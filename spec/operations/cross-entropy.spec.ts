/** kernels/cross-entropy.ts: outputs, losses, wrong bits and dl on every backend against the oracle. */
import { test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { crossEntropy } from '../../kernels/cross-entropy.js';
import { activation, binaryCrossEntropy } from '../oracle/operations.js';
import { eachBackend } from '../support/backends.js';
import { columns, EXAMPLES, numbers, useProgram } from '../support/run.js';
import { expectForward, expectGradient } from '../support/tolerances.js';

const STEPS = 2;

eachBackend('cross-entropy', (backend) => {
  describe.each([{ V: 1, batch: 3 }, { V: 8, batch: 1 }, { V: 7, batch: 3 }])('V=$V, batch $batch', ({ V, batch }) => {
    const rows = batch * STEPS;
    const run = useProgram(
      backend,
      (g) => {
        const [logits, target, weight] = [g.input('logits', [V]), g.input('target', [V]), g.input('weight', [1])];
        const total = g.single('total', [2], 'gradient');
        g.section('forward');
        const losses = g.apply(crossEntropy.losses, [logits, target, weight], [2], { V });
        g.expose('y', g.apply(crossEntropy.output, [logits], [V]));
        g.expose('losses', losses);
        g.section('backward');
        g.expose('dl', g.apply(crossEntropy.backward, [logits, target, weight], [V]));
        g.section('gradients');
        g.sum(crossEntropy.totalLosses, total, [losses]);
      },
      { batch, steps: STEPS, sections: ['forward', 'backward', 'gradients'] },
    );

    test.prop([numbers(rows * V, -8, 8), numbers(rows * V, 0, 1), numbers(rows, 0, 1)], EXAMPLES)('of weighted rows, of none where the weight is 0, and in total', async (logits, chances, weights) => {
      const target = chances.map((v) => (v < 0.5 ? 0 : 1));
      const weight = weights.with(0, 0);
      const actual = await run({ inputs: { logits, target, weight } });
      const expected = Array.from({ length: rows }, (_, row) => {
        const [l, t] = [logits.subarray(row * V, (row + 1) * V), target.subarray(row * V, (row + 1) * V)];
        const { out, gradients } = binaryCrossEntropy({ logits: l, target: t });
        const wrong = l.reduce((sum, v, i) => sum + ((v >= 0 ? 1 : 0) === t[i] ? 0 : 1), 0);
        return { loss: V * weight[row] * out[0], wrong: weight[row] > 0 ? wrong : 0, dl: gradients([V * weight[row]]).dlogits };
      });
      expectForward(actual.y, activation('sigmoid', { x: logits }).out, 'y');
      expectForward(columns(actual.losses, rows, 0, 1), expected.map(({ loss }) => loss), 'L');
      expect([...columns(actual.losses, rows, 1, 1)]).toEqual(expected.map(({ wrong }) => wrong));
      expectGradient(actual.dl, expected.flatMap(({ dl }) => [...dl]), 'dl');
      expectForward(actual.total, [expected.reduce((sum, { loss }) => sum + loss, 0), expected.reduce((sum, { wrong }) => sum + wrong, 0)], 'total');
    });
  });
});
