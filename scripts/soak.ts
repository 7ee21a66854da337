/**
 * Crashes it on purpose, longer than the tests do, and prints what came of it as Markdown tables:
 *
 *   npm run soak -- [--interruptions 400] [--mutations 30000] [--terminal 40] [--heavy 20] [--seed 1] [--at-once 2]
 *
 * A fault names the seed by which it comes again: --seed S --interruptions 1.
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { describePlan, interrupt, type Outcome, planOf } from '../spec/soak/interruptions.js';
import { checkpointBytes, mutateAll } from '../spec/soak/mutate.js';
import { hasTerminal } from '../spec/soak/processes.js';
import { pressInTerminal, SIZES } from '../spec/soak/terminal.js';
import { pooled } from '../spec/soak/pool.js';

const { values } = parseArgs({ options: { interruptions: { type: 'string', default: '400' }, mutations: { type: 'string', default: '30000' }, terminal: { type: 'string', default: '40' }, heavy: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' }, 'at-once': { type: 'string', default: '2' } } });
const [interruptions, mutations, terminal, heavy, seed, atOnce] = [values.interruptions, values.mutations, values.terminal, values.heavy, values.seed, values['at-once']].map(Number) as [number, number, number, number, number, number];

const faults: string[] = [];
const before = process.resourceUsage().maxRSS / 1024;
const begun = performance.now();
const table = (head: readonly string[], rows: ReadonlyArray<readonly (string | number)[]>): void => {
  process.stdout.write(`${[head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')}\n\n`);
};
const count = <A>(items: readonly A[], of: (item: A) => string): ReadonlyArray<readonly [string, number]> => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(of(item), (counts.get(of(item)) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
};

process.stdout.write(`Seed ${seed}, Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${new Date().toISOString().slice(0, 10)}.\n\n`);

let done = 0;
const outcomes = await pooled(Array.from({ length: interruptions }, (_, i) => planOf(seed + i)), atOnce, async (plan): Promise<Outcome | null> => {
  try {
    return await interrupt(plan);
  } catch (error) {
    faults.push((error as Error).message);
    process.stderr.write(`${(error as Error).message}\n`);
    return null;
  } finally {
    done++;
    if (done % 20 === 0) process.stderr.write(`${done} interruptions, ${faults.length} faults; last ${describePlan(plan)}\n`);
  }
});
process.stdout.write(`Interruptions, ${interruptions} of them:\n\n`);
const found = outcomes.filter((outcome) => outcome !== null);
const verdicts = [...new Set(found.map(({ verdict }) => verdict))].sort();
if (interruptions > 0) for (const [name, of] of [['way', (o: Outcome) => o.plan.way], ['route', (o: Outcome) => o.plan.route], ['moment', (o: Outcome) => o.plan.moment]] as const) {
  table([name, ...verdicts, 'all'], count(found, of).map(([key, all]) => [key, ...verdicts.map((verdict) => found.filter((o) => of(o) === key && o.verdict === verdict).length), all]));
}

for (const [size, times] of [['default', terminal], ['heavy', heavy]] as const) {
  if (times === 0 || !hasTerminal) continue;
  const steps = await pooled(Array.from({ length: times }, (_, i) => seed + i), 1, (each) =>
    pressInTerminal(size, each).catch((error: unknown) => {
      faults.push((error as Error).message);
      process.stderr.write(`${(error as Error).message}\n`);
      return null;
    }),
  );
  const saved = steps.filter((step) => step !== null);
  process.stdout.write(`npx tsx scripts/train-repeat.ts --no-until-solved ${SIZES[size].join(' ')} in a terminal, Ctrl-C: ${saved.length} of ${times} saved and resumed to the bits, at steps ${Math.min(...saved)} to ${Math.max(...saved)}.\n\n`);
}

process.stdout.write(`Mutated files, ${mutations} of them:\n\n`);
const { rows, faults: mutantFaults } = await mutateAll(seed, mutations, await checkpointBytes(), (line) => process.stderr.write(`${line}\n`));
faults.push(...mutantFaults);
for (const fault of mutantFaults) process.stderr.write(`${fault}\n`);
table(['file', 'mutants', 'refused', 'read the same', 'read otherwise', 'slowest (ms)'], rows);
process.stdout.write(`Largest growth of memory: ${(process.resourceUsage().maxRSS / 1024 - before).toFixed(0)} MB.\n\n`);
process.stdout.write(`${faults.length} faults in ${interruptions} interruptions, ${terminal + heavy} presses of Ctrl-C and ${mutations} mutants, ${((performance.now() - begun) / 60_000).toFixed(1)} min.\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
