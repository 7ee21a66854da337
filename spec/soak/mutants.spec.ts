/** Files changed at random are refused or, where they carry a checksum, read the same; none crashes a reader, hangs it or takes much memory. */
import { expect, it } from 'vitest';
import { checkpointBytes, mutateAll } from './mutate.js';

const SEED = 7;
const MUTANTS = 2000;
const MOST_MEGABYTES = 300;

it(`${MUTANTS} mutants over every reader (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const checkpoint = await checkpointBytes();
  const before = process.resourceUsage().maxRSS / 1024;
  const { rows, faults } = await mutateAll(SEED, MUTANTS, checkpoint);
  expect(faults).toEqual([]);
  expect(process.resourceUsage().maxRSS / 1024 - before).toBeLessThan(MOST_MEGABYTES);
  const refused = Object.fromEntries(rows.map(([name, , count]) => [name, count as number]));
  for (const name of ['checkpoint', 'checkpoint without checksum', '.pt, old format', '.pt, zip', 'configuration']) expect(refused[name], name).toBeGreaterThan(200);
});
