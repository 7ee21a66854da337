/** Interrupted at random, in every way and through every wrapper, a run is saved, and goes on to the bits of one that was not: others in every run, and hundreds by npm run soak. */
import { existsSync } from 'node:fs';
import { expect, inject, it } from 'vitest';
import { describePlan, interrupt, type Outcome, planOf } from './interruptions.js';
import { pooled } from './pool.js';

const SEED = inject('seed');
const INTERRUPTIONS = 10;
const LEAST_RESUMED = 3;

it.skipIf(!existsSync('/proc/self/stat'))(`${INTERRUPTIONS} interruptions lose nothing (seeds ${SEED} to ${SEED + INTERRUPTIONS - 1})`, { timeout: 900_000 }, async () => {
  const faults: string[] = [];
  const verdictOn = async (seed: number): Promise<Outcome['verdict'] | null> => {
    const plan = planOf(seed);
    try {
      return (await interrupt(plan)).verdict;
    } catch (error) {
      faults.push(`${describePlan(plan)}: ${(error as Error).message}`);
      return null;
    }
  };
  const verdicts = [...(await pooled(Array.from({ length: INTERRUPTIONS }, (_, i) => SEED + i), 2, verdictOn))];
  // Half of them as a rule; where chance has it otherwise, more are drawn.
  const resumed = (): number => verdicts.filter((verdict) => verdict === 'resumed to the bits').length;
  while (resumed() < LEAST_RESUMED && faults.length === 0 && verdicts.length < 4 * INTERRUPTIONS) verdicts.push(await verdictOn(SEED + verdicts.length));
  expect(faults).toEqual([]);
  expect(resumed()).toBeGreaterThanOrEqual(LEAST_RESUMED);
});
