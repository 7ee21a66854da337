/**
 * Whether memory and the time per step stay flat over a long training of mixed lengths, and on webasm of lengths
 * that grow to 200 by half of it: npm run bench:memory [-- ITERATIONS [BACKEND…]], of webasm, headlessgl and
 * webgl2 (in Chromium).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { chromium, CHROMIUM_MISSING } from '../spec/support/chromium.js';
import { openChromium } from '../spec/support/page.js';
import { type Lengths, type Progress, trainMixed } from './bench/mixed-training.js';

const [iterations = '2000', ...backends] = process.argv.slice(2);
const ITERATIONS = Number(iterations);
const isAsked = (backend: string): boolean => backends.length === 0 || backends.includes(backend);
const INTERVAL = ITERATIONS / 10;
/** Of resident memory, from the first reading that counts to the last three; arrays and kernels must not grow at all. */
const ALLOWED_GROWTH = 0.05;
/** The reading by which shaders are compiled and code is optimised, or lengths have grown. */
const FIRST = { mixed: 2, growing: 5 } as const;

const MEBI = 2 ** 20;

interface Reading extends Progress {
  /** In MiB. */
  readonly resident: number;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

const show = ({ iteration, resident, arrays, kernels, loss, microseconds }: Reading, more = ''): void =>
  console.log(`${String(iteration).padStart(6)}  resident ${resident.toFixed(0).padStart(5)} MiB${more}  arrays ${arrays}  kernels ${kernels}  loss ${loss.toFixed(3)}  ${microseconds.toFixed(0)} µs a step`);

const judge = (name: string, lengths: Lengths, readings: readonly Reading[]): void => {
  const counting = readings.slice(FIRST[lengths]);
  const change = mean(counting.slice(-3).map(({ resident }) => resident)) / counting[0]!.resident - 1;
  const constant = (of: (reading: Reading) => number): boolean => new Set(counting.map(of)).size === 1;
  const flat = change <= ALLOWED_GROWTH && constant(({ arrays }) => arrays) && constant(({ kernels }) => kernels);
  console.log(`${name}, ${lengths} lengths: ${flat ? 'flat' : 'NOT flat'} (${(change * 100).toFixed(1)}% from reading ${FIRST[lengths] + 1} to the mean of the last three; at most ${ALLOWED_GROWTH * 100}% and constant arrays and kernels count as flat)\n`);
  if (!flat) process.exitCode = 1;
};

const inNode = async (backend: 'webasm' | 'headlessgl', lengths: Lengths): Promise<void> => {
  console.log(`${backend} in Node, ${lengths} lengths`);
  const readings: Reading[] = [];
  await trainMixed(backend, lengths, ITERATIONS, INTERVAL, async (progress) => {
    readings.push({ ...progress, resident: process.memoryUsage().rss / MEBI });
    show(readings.at(-1)!);
  });
  judge(backend, lengths, readings);
};

/** Resident memory of a process and all below it, from Linux's /proc. */
const residentBelow = (pid: number): number => {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((id) => {
    try {
      const fields = readFileSync(`/proc/${id}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
      return [{ id: Number(id), parent: Number(fields[1]), resident: (Number(fields[21]) * 4096) / MEBI }];
    } catch {
      return []; // ended meanwhile
    }
  });
  const total = (id: number): number => processes.filter((each) => each.id === id || each.parent === id).reduce((sum, each) => sum + (each.id === id ? each.resident : total(each.id)), 0);
  return total(pid);
};

const inChromium = async (executablePath: string): Promise<void> => {
  console.log('webgl2 in Chromium (resident: all its processes)');
  const { pid, page: open, close } = await openChromium(executablePath, ['--enable-precise-memory-info']);
  const page = await open('scripts/bench/mixed-training.ts');
  const readings: Reading[] = [];
  await page.exposeFunction('report', (progress: Progress, heap: number) => {
    readings.push({ ...progress, resident: residentBelow(pid) });
    show(readings.at(-1)!, `  JavaScript heap ${(heap / MEBI).toFixed(1)} MiB`);
  });
  await page.evaluate(`bundled.trainMixed('webgl2', 'mixed', ${ITERATIONS}, ${INTERVAL}, (progress) => report(progress, performance.memory.usedJSHeapSize))`);
  judge('webgl2', 'mixed', readings);
  await close();
};

if (isAsked('webasm')) for (const lengths of ['mixed', 'growing'] as const) await inNode('webasm', lengths);
if (isAsked('headlessgl')) await inNode('headlessgl', 'mixed');
if (isAsked('webgl2')) {
  if (chromium) await inChromium(chromium);
  else console.log(`webgl2: ${CHROMIUM_MISSING}`);
}
