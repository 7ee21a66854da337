/** Interrupted at random, in every way and through every wrapper, a run is saved, and goes on to the bits of one that was not: others in every run, and hundreds by npm run soak. */
import { existsSync } from 'node:fs';
import { expect, inject, it } from 'vitest';
import { describePlan, interrupt, planOf } from './interruptions.js';
import { pooled } from './pool.js';

const SEED = inject('seed');
const INTERRUPTIONS = 10;

it.skipIf(!existsSync('/proc/self/stat'))(`${INTERRUPTIONS} interruptions lose nothing (seeds ${SEED} to ${SEED + INTERRUPTIONS - 1})`, { timeout: 900_000 }, async () => {
  const faults: string[] = [];
  const outcomes = await pooled(Array.from({ length: INTERRUPTIONS }, (_, i) => planOf(SEED + i)), 2, async (plan) => {
    try {
      return (await interrupt(plan)).verdict;
    } catch (error) {
      faults.push(`${describePlan(plan)}: ${(error as Error).message}`);
      return null;
    }
  });
  expect(faults).toEqual([]);
  // Half of them as a rule.
  expect(outcomes.filter((verdict) => verdict === 'resumed to the bits').length).toBeGreaterThan(INTERRUPTIONS / 4);
});
