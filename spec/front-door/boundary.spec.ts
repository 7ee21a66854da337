/** However iterations and looks fall together, nobody looks while an iteration runs, and everybody who asks gets to look. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boundaries } from '../../src/ntm/boundary.js';

it('looks and iterations exclude each other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), async (scheduler, iterations, lookers) => {
      const boundary = boundaries();
      let [iterating, looking] = [false, 0];
      const clashes: string[] = [];
      const wait = (label: string): Promise<void> => scheduler.schedule(Promise.resolve(), label);
      const look = (i: number) => async (): Promise<number> => {
        looking++;
        if (iterating) clashes.push(`look ${i} began in an iteration`);
        await wait(`look ${i}`);
        if (iterating) clashes.push(`look ${i} ended in an iteration`);
        looking--;
        return i;
      };
      const train = async (): Promise<void> => {
        for (let i = 0; i < iterations; i++) {
          await boundary.close();
          if (looking > 0) clashes.push(`iteration ${i} began while somebody looked`);
          iterating = true;
          await wait(`iteration ${i}`);
          iterating = false;
          boundary.open();
          await wait(`report ${i}`);
        }
      };
      const looks = Array.from({ length: lookers }, async (_, i) => {
        await wait(`ask ${i}`);
        return boundary.look(look(i));
      });
      const all = Promise.all([train(), ...looks]);
      await scheduler.waitFor(all);
      expect((await all).slice(1)).toEqual(Array.from({ length: lookers }, (_, i) => i));
      expect(clashes).toEqual([]);
    }),
    { seed: 14105401, numRuns: 300 },
  );
});

it('a look that fails fails for whoever asked, and holds nobody up', async () => {
  const boundary = boundaries();
  await boundary.close();
  const failing = boundary.look(() => Promise.reject(new Error('no')));
  boundary.open();
  await expect(failing).rejects.toThrow('no');
  await boundary.close();
});
