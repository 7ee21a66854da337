/**
 * What `ntm sweep` costs beside the runs themselves: a study of short runs, its time against the runs' own
 * time divided by the slots:
 *
 *   npm run bench:sweep -- [--runs 40] [--jobs N] [--iterations 300] [--json]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const text = (value: string) => ({ type: 'string', default: value }) as const;
const { values } = parseArgs({ options: { runs: text('40'), jobs: text(String(availableParallelism())), iterations: text('300'), json: { type: 'boolean', default: false } } });
const slots = Number(values.jobs);

const ntm = join(dirname(fileURLToPath(import.meta.url)), 'ntm.ts');
const folder = mkdtempSync(join(tmpdir(), 'ntm-bench-'));
const study = ['sweep', 'copy', '--seeds', `1..${values.runs}`, '--jobs', values.jobs, '--out', join(folder, 'study'), '--json'];
const training = ['--hidden', '8', '--memory', '8x4', '--bits', '1', '--max-length', '2', '--iterations', values.iterations, '--length', '2', '--sequences', '4'];

const begun = performance.now();
const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), ntm, ...study, '--', ...training], { stdio: ['ignore', 'pipe', 'ignore'] });
const own: number[] = [];
for await (const line of createInterface({ input: child.stdout })) {
  const { event, result, seconds } = JSON.parse(line) as { readonly event: string; readonly result?: string; readonly seconds?: number };
  if (event === 'run' && result === 'done') own.push(seconds!);
}
const seconds = (performance.now() - begun) / 1000;
rmSync(folder, { recursive: true, force: true });

const ideal = own.reduce((sum, each) => sum + each, 0) / slots;
const overhead = seconds / ideal - 1;
process.stdout.write(
  values.json
    ? `${JSON.stringify({ bench: 'sweep', runs: own.length, slots, seconds, ideal, overhead })}\n`
    : `${own.length} runs, ${slots} at a time: ${seconds.toFixed(1)} s; their own time over ${slots}: ${ideal.toFixed(1)} s; ${(100 * overhead).toFixed(1)}% more\n`,
);
process.exitCode = own.length === Number(values.runs) ? 0 : 1;
