/**
 * How many sequences and seconds a training command needs until *solved*, seed by seed, and whether the
 * run ever falls apart in the iterations after:
 *
 *   npm run bench:solve -- [--task copy|repeat] [--seeds 1,2,3,4,5] [--after 10000] [--json] [-- options of train-*.ts]
 *
 * A run falls apart when a block of 100 iterations has more than 1 wrong bit a sequence.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './bench/iteration.js';

const { values, positionals } = parseArgs({
  options: { task: { type: 'string', default: 'copy' }, seeds: { type: 'string', default: '1,2,3,4,5' }, after: { type: 'string', default: '10000' }, json: { type: 'boolean', default: false } },
  allowPositionals: true,
});

interface Outcome {
  readonly seed: number;
  readonly sequences: number | null;
  readonly seconds: number | null;
  readonly firstProgress: number | null;
  /** Largest mean of wrong bits per sequence in a block of 100 iterations after *solved*. */
  readonly worstAfter: number;
}

type Line = Readonly<Record<string, unknown>>;

const script = join(dirname(fileURLToPath(import.meta.url)), `train-${values.task}.ts`);
const after = Number(values.after);

/** Runs one seed and watches its lines; stops it `after` iterations past *solved*. */
const runSeed = async (seed: number): Promise<Outcome> => {
  const folder = await mkdtemp(join(tmpdir(), 'ntm-solve-'));
  const begun = performance.now();
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, '--json', '--seed', `${seed}`, '--sequences', '1', '--length', '1', '--no-until-solved', '--model', join(folder, 'model.safetensors'), '--out', folder, ...positionals], { stdio: ['ignore', 'pipe', 'pipe'] });
  let firstProgress: number | null = null;
  child.stderr.on('data', (chunk: Buffer) => {
    if (firstProgress === null && chunk.toString().includes('iteration ')) firstProgress = (performance.now() - begun) / 1000;
  });
  let solved: { step: number; sequences: number; seconds: number } | null = null;
  let worstAfter = 0;
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    if (line.event === 'solved') solved = { step: line.step as number, sequences: line.sequences as number, seconds: line.seconds as number };
    if (line.event === 'progress' && solved && (line.step as number) > solved.step) {
      worstAfter = Math.max(worstAfter, line.wrong_bits as number);
      if ((line.step as number) >= solved.step + after) child.kill('SIGTERM');
    }
    if (solved && after === 0) child.kill('SIGTERM');
  }
  await rm(folder, { recursive: true, force: true });
  return { seed, sequences: solved?.sequences ?? null, seconds: solved?.seconds ?? null, firstProgress, worstAfter };
};

const outcomes: Outcome[] = [];
for (const seed of values.seeds.split(',').map(Number)) {
  const outcome = await runSeed(seed);
  outcomes.push(outcome);
  const solved = outcome.sequences === null ? 'not solved' : `solved after ${outcome.sequences} sequences, ${outcome.seconds!.toFixed(1)} s`;
  process.stderr.write(`seed ${seed}: ${solved}; first progress after ${outcome.firstProgress?.toFixed(1)} s; worst block in the ${after} iterations after: ${outcome.worstAfter.toFixed(3)} wrong bits per sequence\n`);
  if (values.json) process.stdout.write(`${JSON.stringify({ bench: 'solve', task: values.task, ...outcome })}\n`);
}
const all = (of: (o: Outcome) => number | null): number[] => outcomes.map((o) => of(o) ?? Infinity);
process.stderr.write(`median ${median(all((o) => o.sequences))} sequences, ${median(all((o) => o.seconds)).toFixed(1)} s; ${outcomes.filter(({ sequences }) => sequences === null).length} of ${outcomes.length} not solved, ${outcomes.filter(({ worstAfter }) => worstAfter > 1).length} fell apart\n`);
