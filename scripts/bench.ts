/**
 * Times training iterations and inference on every backend present, against PyTorch or C if asked, and
 * prints what the compiler made of every kernel:
 *
 *   npm run bench -- [--only train-iteration|inference|profile|schedules] [--backend NAME] [--rounds N]
 *                    [--threads N] [--against-pytorch PATH_TO_ntm_pytorch.py] [--python /usr/bin/python3]
 *                    [--against-c PATH_TO_ntm.c] [--json]
 *
 * PyTorch, C and this library run in turn, round by round; the best of PyTorch's 1 and 2 threads counts.
 * C runs on one thread, so --threads 1 goes with it.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { type Backend, probe } from '../src/gpu/backends.js';
import { compileC } from './bench/c.js';
import { CASES, inferenceSpeed, openThreads, profileOf, workersFor } from './bench/cases.js';
import { type Case, median, shapeOf, timeTraining } from './bench/iteration.js';
import { schedulesOf } from './bench/schedules.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    backend: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    'against-pytorch': { type: 'string' },
    'against-c': { type: 'string' },
    threads: { type: 'string' },
    python: { type: 'string', default: '/usr/bin/python3' },
    json: { type: 'boolean', default: false },
  },
});

const rounds = Number(values.rounds);
const wanted = (name: string): boolean => values.only === undefined || values.only === name;
const say = (line: string): void => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
const data = (object: Readonly<Record<string, unknown>>): void => void (values.json && process.stdout.write(`${JSON.stringify(object)}\n`));
const label = (c: Case): string => `${c.task} ${c.length}${c.repeats > 1 ? `x${c.repeats}` : ''}, batch ${c.batch}`;

const iterationsFor = ({ batch }: Case, backend: Backend): number => (backend === 'webasm' ? (batch > 16 ? 15 : batch > 4 ? 40 : 100) : 2);

const pytorch = (script: string, c: Case, threads: number): number => {
  const iterations = c.batch > 16 ? 8 : 15;
  const output = execFileSync(values.python, [script, 'time', '--task', c.task, '--batch', `${c.batch}`, '--length', `${c.length}`, '--repeats', `${c.repeats}`, '--iters', `${iterations}`, '--threads', `${threads}`], { encoding: 'utf8' });
  return (JSON.parse(output.trim().split('\n').at(-1)!) as { median_ms: number }).median_ms;
};

const inC = values['against-c'] === undefined ? null : compileC(values['against-c']);
if (values['against-c'] !== undefined && !inC) say(`${values['against-c']} left out: no clang here compiles it to WebAssembly (packages clang and lld)`);

const benchCase = async (backend: Backend, c: Case): Promise<void> => {
  const workers = values.threads === undefined ? workersFor(c, backend) : Math.min(c.batch, Number(values.threads));
  const timed = await timeTraining(c, () => openThreads(backend, c, workers));
  await timed.round(iterationsFor(c, backend));
  const ours: number[] = [];
  const theirs: Record<number, number[]> = { 1: [], 2: [] };
  const script = backend === 'webasm' ? values['against-pytorch'] : undefined;
  const hand = backend === 'webasm' && c.task === 'copy' ? inC : null;
  const inHand: number[] = [];
  for (let i = 0; i < rounds; i++) {
    ours.push(...(await timed.round(iterationsFor(c, backend))));
    if (hand) inHand.push(hand.time(c.batch));
    if (script) for (const threads of [1, 2]) theirs[threads]!.push(pytorch(script, c, threads));
  }
  await timed.dispose();
  const milliseconds = median(ours);
  const baseline = script ? Math.min(median(theirs[1]!), median(theirs[2]!)) : null;
  const ratio = baseline === null ? null : baseline / milliseconds;
  const cMilliseconds = hand ? median(inHand) : null;
  const againstC = cMilliseconds === null ? '' : `   C ${cMilliseconds.toFixed(2).padStart(6)} ms   ${(milliseconds / cMilliseconds).toFixed(2)} times its time`;
  const comparison = baseline === null ? '' : `   PyTorch ${baseline.toFixed(1).padStart(7)} ms   ratio ${ratio!.toFixed(1)}`;
  say(`${label(c).padEnd(24)} ${backend.padEnd(11)} ${workers} thread${workers > 1 ? 's' : ' '} ${milliseconds.toFixed(2).padStart(9)} ms   first iteration after ${timed.startMilliseconds.toFixed(0)} ms${comparison}${againstC}`);
  data({ bench: 'train-iteration', task: c.task, batch: c.batch, length: c.length, repeats: c.repeats, backend, workers, median_ms: milliseconds, start_ms: timed.startMilliseconds, pytorch_ms: baseline, ratio, c_ms: cMilliseconds });
};

const candidates: readonly Backend[] = values.backend ? [values.backend as Backend] : ['webasm', 'cpu', 'headlessgl'];
const present: Backend[] = [];
for (const backend of candidates) {
  const found = await probe(backend)();
  if (E.isRight(found)) {
    present.push(backend);
    say(`${backend}: ${found.right.renderer}`);
  } else say(`${backend} left out: ${found.left.message}`);
}

if (wanted('train-iteration')) {
  say('\ntraining iteration: forward, backward, optimiser');
  for (const backend of present) for (const c of CASES) if (backend === 'webasm' || c.batch <= 4) await benchCase(backend, c);
}
if (wanted('inference')) {
  say('\ninference');
  for (const backend of present) {
    for (const c of CASES.filter(({ batch }) => backend === 'webasm' || batch <= 4)) {
      const speed = await inferenceSpeed(backend, c, backend === 'webasm' ? 30 : 2);
      say(`${label(c).padEnd(24)} ${backend.padEnd(11)} ${speed.toFixed(0).padStart(8)} steps/s`);
      data({ bench: 'inference', task: c.task, batch: c.batch, length: c.length, backend, steps_per_second: speed });
    }
  }
}
if (wanted('profile')) {
  for (const backend of present.filter((name) => name === 'webasm')) {
    for (const c of CASES.filter(({ task, batch }) => task === 'copy' && batch <= 16)) {
      const profile = await profileOf(backend, c, 20);
      const total = profile.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
      say(`\n${label(c)}, ${backend}, one thread, by kernel (timing included: ${total.toFixed(2)} ms, ${profile.reduce((sum, { calls }) => sum + calls, 0)} calls)`);
      for (const { kernel, section, calls, milliseconds } of profile.slice(0, 20)) {
        say(`${((100 * milliseconds) / total).toFixed(1).padStart(5)}%  ${milliseconds.toFixed(3)} ms  ${String(calls).padStart(4)} calls  ${section}: ${kernel}`);
        data({ bench: 'profile', batch: c.batch, backend, kernel, section, calls, milliseconds, share: milliseconds / total });
      }
    }
  }
}
if (wanted('schedules')) {
  say('\nwhat every kernel of a training iteration got (webasm)');
  for (const { kernel, shape, calls, schedule } of schedulesOf(shapeOf(CASES[0]!))) {
    say(`${kernel.padEnd(34)} ${`[${shape.join(', ')}]`.padEnd(12)} ${calls > 1 ? `${calls} × ` : ''}${schedule.join('\n'.padEnd(49))}`);
    data({ bench: 'schedules', kernel, shape, calls, schedule });
  }
}
inC?.dispose();
say(`\npeak memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
data({ bench: 'memory', peak_mib: process.resourceUsage().maxRSS / 1024 });
