/** What the front door says of any model is what the oracle says of it, on every backend, whole, in batches, and after a save. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createNtm, loadNtm, tasks } from '../../src/index.js';
import { decodeSafetensors } from '../../src/io/safetensors.js';
import { oracleForward } from '../oracle/ntm.js';
import { eachBackend } from '../support/backends.js';
import { models } from '../arbitraries/shapes.js';
import { faultOf, forward } from '../support/tolerances.js';
import { examples, openDrawn, PATIENCE, rowsOf } from './drawn.js';

const flat = (rows: ReadonlyArray<ArrayLike<number>>): number[] => rows.flatMap((row) => Array.from(row));

eachBackend('the front door', (backend) => {
  it('runs sequences of any lengths as the oracle does', { timeout: PATIENCE }, async () => {
    await fc.assert(
      fc.asyncProperty(models, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }), fc.nat(3), fc.nat(), async (model, lengths, answers, seed) => {
        const ntm = await openDrawn(backend, model, { initialFocus: 1 });
        const { I, V } = model;
        const sequences = lengths.map((steps, b) => rowsOf(seed + b, steps, I!));
        const results = await ntm.run(sequences, { answers, everyStep: true });
        const file = decodeSafetensors(await ntm.save({ only: 'weights' }));
        if (file._tag === 'Left') throw new Error(file.left);
        for (const [b, { output, weightings, memory }] of results.entries()) {
          const steps = lengths[b]! + answers;
          const input = [...flat(sequences[b]!), ...new Array<number>(answers * I!).fill(0)];
          const oracle = oracleForward({ weights: file.right.tensors, legacyWriteAddressing: model.legacyWriteAddressing, batch: 1, input, target: new Array<number>(steps * V!).fill(0), mask: new Array<number>(steps).fill(1) });
          const heads = Array.from({ length: steps }, (_, t) => weightings.flatMap((head) => Array.from(head[t]!)));
          const [R, W, N] = model.controller === 'none' ? [0, 0, 0] : [model.R!, model.W!, model.N!];
          const expected = Array.from({ length: steps }, (_, t) => [...oracle.readWeighting.slice(t * R * N, (t + 1) * R * N), ...oracle.writeWeighting.slice(t * W * N, (t + 1) * W * N)]);
          // What heads add to a slot is of order 1 and may cancel.
          const faults = [forward('output', flat(output), oracle.outputs), forward('weightings', flat(heads), flat(expected)), forward('memory', flat(memory), model.controller === 'none' ? [] : oracle.finalMemory, 1)].map(faultOf);
          expect(faults.filter((fault) => fault !== null)).toEqual([]);
        }
        await ntm.dispose();
      }),
      examples(backend, 20),
    );
  });

  it('takes one sequence and a batch, nested and flat, for the same', async () => {
    const ntm = await createNtm({ task: tasks.copy({ bits: 2 }), backend, hidden: 5, slots: 6, width: 3 });
    const batch = [rowsOf(1, 4, 3), rowsOf(2, 4, 3)];
    const [first, second] = await ntm.run(batch, { answers: 2 });
    const data = Float32Array.from(batch.flatMap(flat));
    expect(await ntm.run({ shape: [2, 4, 3], data }, { answers: 2 })).toEqual([first, second]);
    const alone = await ntm.run(batch[0]!, { answers: 2 });
    expect(await ntm.run({ shape: [4, 3], data: data.slice(0, 12) }, { answers: 2 })).toEqual(alone);
    expect(await ntm.run(batch[0]!.map((row) => Float32Array.from(row)), { answers: 2 })).toEqual(alone);
    expect(faultOf(forward('one of a batch', flat(alone.output), flat(first!.output)))).toBeNull();
    expect(alone.output).toHaveLength(2);
    expect((await ntm.run(batch[0]!)).output).toHaveLength(4);
    await ntm.dispose();
  });

  it('trains, saves, loads and goes on as if it had not stopped', { timeout: PATIENCE }, async () => {
    await fc.assert(
      fc.asyncProperty(models, fc.nat(1000), async (model, seed) => {
        const whole = await openDrawn(backend, model, { seed });
        await whole.train({ until: { iterations: 3 } });
        const saved = await whole.save();
        const loaded = await loadNtm(saved, { backend, task: whole.task! });
        expect(loaded.shape).toEqual(whole.shape);
        for (const each of [whole, loaded]) await each.train({ until: { iterations: 5 } });
        const [a, b] = [await whole.run(rowsOf(seed, 3, model.I!)), await loaded.run(rowsOf(seed, 3, model.I!))];
        expect(b).toEqual(a);
        const sequences = { cells: { length: 2 }, sequences: 3 } as const;
        expect(await loaded.evaluate(sequences)).toEqual(await whole.evaluate(sequences));
        await whole.dispose();
        await loaded.dispose();
      }),
      examples(backend, 5),
    );
  });
});
