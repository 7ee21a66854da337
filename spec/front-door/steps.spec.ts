/** A model run step by step: the same numbers as in one run, the paper's stages, and what an intervention comes to. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Steps } from '../../src/index.js';
import { eachBackend } from '../support/backends.js';
import { models } from '../arbitraries/shapes.js';
import { faultOf, forward } from '../support/tolerances.js';
import { examples, openDrawn, PATIENCE, rowsOf } from './drawn.js';

const flat = (rows: ReadonlyArray<ArrayLike<number>>): number[] => rows.flatMap((row) => Array.from(row));
const remembering = models.filter(({ controller, legacyWriteAddressing }) => controller !== 'none' && !legacyWriteAddressing);
const close = (what: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void => expect(faultOf(forward(what, actual, expected, 1))).toBeNull();

eachBackend('steps', (backend) => {
  it('are those of one run', { timeout: PATIENCE }, async () => {
    await fc.assert(
      fc.asyncProperty(models, fc.nat(), async (model, seed) => {
        const ntm = await openDrawn(backend, model, { initialFocus: 1 });
        const rows = rowsOf(seed, model.steps, model.I!);
        const { output, weightings, memory } = await ntm.run(rows, { answers: 2, everyStep: true });
        const steps = await ntm.steps(rows, { answers: 2 });
        const seen = await steps.finish();
        expect([steps.time, steps.length, seen.length]).toEqual(new Array(3).fill(model.steps + 2));
        close('output', seen.flatMap((step) => Array.from(step.output)), flat(output));
        for (const [k, head] of weightings.entries()) close(`weighting ${k}`, seen.flatMap((step) => Array.from(step.heads[k]!.w)), flat(head));
        close('memory', flat(seen.at(-1)!.memory), flat(memory));
        await ntm.dispose();
      }),
      examples(backend, 15),
    );
  });

  it('show the stages of addressing, the memory that is read and what is written', { timeout: PATIENCE }, async () => {
    await fc.assert(
      fc.asyncProperty(remembering, fc.nat(), async (model, seed) => {
        const ntm = await openDrawn(backend, model, { initialFocus: 1 });
        const steps = await ntm.steps(rowsOf(seed, 3, model.I!));
        const [N, M, S] = [model.N!, model.M!, model.S!];
        while (steps.time < steps.length) {
          const { weightings: previous, memory: old } = steps.before;
          const { heads, read, memory } = await steps.step();
          for (const [k, { wc, wg, shifted, w, g, s, gamma }] of heads.entries()) {
            close('w_g', wg, Array.from(wc, (c, n) => g * c + (1 - g) * previous[k]![n]!));
            close('w̃', shifted, Array.from({ length: N }, (_, n) => Array.from(s).reduce((sum, tap, j) => sum + tap * wg[(((n - (S - 1) / 2 + j) % N) + N) % N]!, 0)));
            const powers = Array.from(shifted, (value) => value ** gamma);
            close('w', w, powers.map((power) => power / powers.reduce((a, b) => a + b, 0)));
          }
          read.forEach((r, i) => close('r', r, Array.from({ length: M }, (_, m) => heads[i]!.w.reduce((sum, w, n) => sum + w * old[n]![m]!, 0))));
          const writing = heads.filter(({ kind }) => kind === 'write');
          const written = old.map((slot, n) => Array.from(slot, (value, m) => writing.reduce((v, { w, e }) => v * (1 - w[n]! * e![m]!), value) + writing.reduce((sum, { w, a }) => sum + w[n]! * a![m]!, 0)));
          close('memory', flat(memory), flat(written));
        }
        await ntm.dispose();
      }),
      examples(backend, 10),
    );
  });

  it('come again after a rewind, and otherwise after an intervention', { timeout: PATIENCE }, async () => {
    await fc.assert(
      fc.asyncProperty(remembering, fc.nat(), fc.nat(), fc.nat(), async (model, seed, anySlot, anyHead) => {
        const ntm = await openDrawn(backend, model, { initialFocus: 1 });
        const steps = await ntm.steps(rowsOf(seed, 4, model.I!));
        const [N, M, S] = [model.N!, model.M!, model.S!];
        const [slot, head] = [anySlot % N, anyHead % steps.heads.length];
        const all = await steps.finish();
        steps.rewind(1);
        expect(await steps.finish()).toEqual(all);

        steps.rewind(2);
        const values = Array.from({ length: M }, (_, m) => Math.fround(m - 1.5));
        steps.write(slot, values);
        expect(Array.from(steps.before.memory[slot]!)).toEqual(values);
        steps.erase(slot);
        expect(Array.from(steps.before.memory[slot]!)).toEqual(values.map(() => 0));

        // Nothing by content, no shift, no sharpening: the head stays where it was put.
        const stay = { g: 0, gamma: 1, s: Array.from({ length: S }, (_, j) => (j === (S - 1) / 2 ? 1 : 0)) };
        steps.move(head, slot);
        const moved = await steps.step({ [head]: stay });
        close('w', moved.heads[head]!.w, Array.from({ length: N }, (_, n) => (n === slot ? 1 : 0)));
        expect(moved.heads[head]).toMatchObject({ g: 0, gamma: 1 });
        expect(moved.heads.filter((_, k) => k !== head).map(({ k, g }) => [k, g])).toEqual(all[2]!.heads.filter((_, k) => k !== head).map(({ k, g }) => [k, g]));

        steps.rewind(2);
        expect(await steps.finish()).toEqual(all);
        await ntm.dispose();
      }),
      examples(backend, 10),
    );
  });

  it('refuse what cannot be', async () => {
    const ntm = await openDrawn(backend, { controller: 'lstm', I: 2, V: 1, H: 4, L: 1, N: 5, M: 3, R: 1, W: 1, S: 3, batch: 1, steps: 2, legacyWriteAddressing: false, learnsMemory: false });
    const steps = await ntm.steps(rowsOf(1, 2, 2));
    const refusals: ReadonlyArray<readonly [act: (s: Steps) => unknown, code: string, words: RegExp]> = [
      [(s) => s.write(5, [0, 0, 0]), 'wrong-number', /slot.*0 to 4.*5/],
      [(s) => s.write(0, [0, 0]), 'wrong-shape', /values wants 3 numbers, got 2/],
      [(s) => s.write(0, [0, NaN, 0]), 'wrong-number', /values\[1\] is NaN/],
      [(s) => s.move(2, 0), 'wrong-number', /head.*0 to 1.*2/],
      [(s) => s.move(0, [1, 1, 0, 0, 0]), 'wrong-number', /sum is 1, got a sum of 2/],
      [(s) => s.rewind(1), 'wrong-number', /time.*0 to 0.*1/],
      [(s) => s.step({ 0: { g: 2 } }), 'wrong-number', /g wants from 0 to 1, got 2/],
      [(s) => s.step({ 0: { e: [0, 0, 0] } }), 'wrong-setting', /head 0, a read head, has no e/],
      [(s) => s.step({ 0: { strength: 1 } as object }), 'wrong-setting', /no strength.*beta/],
      [(s) => s.step({ 7: { g: 0 } }), 'wrong-number', /head.*0 to 1.*7/],
    ];
    for (const [act, code, words] of refusals) {
      await expect((async () => act(steps))()).rejects.toMatchObject({ name: 'NtmError', code, message: expect.stringMatching(words) });
    }
    const both = [steps.step(), steps.step()];
    await expect(both[1]).rejects.toMatchObject({ code: 'busy' });
    await both[0];
    await steps.finish();
    await expect(steps.step()).rejects.toMatchObject({ code: 'wrong-number', message: expect.stringMatching(/all 2 steps/) });
    await steps.dispose();
    await expect(steps.step()).rejects.toMatchObject({ code: 'disposed' });
    await ntm.dispose();
  });
});
