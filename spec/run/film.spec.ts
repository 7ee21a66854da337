/** Proves that a film of learning has its first and last moment, few in between, and takes little of the time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/program/machine.js';
import { openFilm } from '../../src/run/film.js';
import { builtIn } from '../../src/tasks/index.js';

/** A machine whose runs take so many milliseconds of a clock, and whose outputs are the parameters' first number. */
const clockwork = (milliseconds: number) => {
  let now = 0;
  let looking = 0;
  let value = 0;
  const machine: Machine = {
    batch: 1,
    capacity: 100,
    set: async (_, values) => void (value = values[0]!),
    get: async () => new Float32Array(),
    run: async () => {
      now += milliseconds;
      looking += milliseconds;
    },
    rows: async (_, steps) => new Float32Array(8 * steps).fill(value),
    profile: () => [],
    resources: () => ({ arrays: 0, kernels: 0 }),
    dispose: async () => undefined,
  };
  return { machine, now: () => now, pass: (time: number) => void (now += time), looked: () => looking };
};

describe('a film', () => {
  it('begins with the first look, ends with the last, rises, and has at most 64 moments', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 300 }),
        async (glances, cost, between) => {
          const clock = clockwork(cost);
          let learned = 0;
          const film = openFilm(
            clock.machine,
            builtIn.copy,
            { length: 3 },
            { averages: async () => Float32Array.of(learned) },
            clock.now,
          );
          await film.look(0);
          for (let i = 1; i <= glances; i++) {
            clock.pass(between);
            learned = i;
            await film.glance(4 * i);
          }
          await film.look(4 * glances);
          const moments = film.moments();
          const at = moments.map(({ sequences }) => sequences);
          expect([at[0], at.at(-1)]).toEqual([0, 4 * glances]);
          expect(at.length).toBeLessThanOrEqual(64);
          for (let i = 1; i < at.length; i++) expect(at[i]!).toBeGreaterThan(at[i - 1]!);
          // Each shows what was learned when it was taken.
          for (const { sequences, outputs } of moments) expect(outputs[0]).toBe(sequences / 4);
          expect(clock.looked()).toBeLessThanOrEqual(0.01 * clock.now() + 3 * cost);
        },
      ),
      { numRuns: 30 },
    ));
});
