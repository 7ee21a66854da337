/** Whether memory stays flat over a long training, on headlessgl in Node and on webgl2 in Chromium (npm run bench:memory [-- iterations]). */
import { readdirSync, readFileSync } from 'node:fs';
import { chromium, CHROMIUM_MISSING } from '../spec/support/chromium.js';
import { openChromium } from '../spec/support/page.js';
import { type Progress, trainMixed } from './bench/mixed-training.js';

const ITERATIONS = Number(process.argv[2] ?? 2000);
const INTERVAL = ITERATIONS / 10;
/** Of resident memory, from the third reading (shaders compiled, code optimised) to the last three; arrays and kernels must not grow at all. */
const ALLOWED_GROWTH = 0.05;

const MEBI = 2 ** 20;

interface Reading extends Progress {
  /** In MiB. */
  readonly resident: number;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

const show = ({ iteration, resident, arrays, kernels, loss }: Reading, more = ''): void =>
  console.log(`${String(iteration).padStart(6)}  resident ${resident.toFixed(0).padStart(5)} MiB${more}  arrays ${arrays}  kernels ${kernels}  loss ${loss.toFixed(3)}`);

const judge = (name: string, readings: readonly Reading[]): void => {
  const [from, to] = [readings[2]!.resident, mean(readings.slice(-3).map(({ resident }) => resident))];
  const constant = (of: (reading: Reading) => number): boolean => new Set(readings.map(of)).size === 1;
  const flat = to <= from * (1 + ALLOWED_GROWTH) && constant(({ arrays }) => arrays) && constant(({ kernels }) => kernels);
  console.log(`${name}: ${flat ? 'flat' : 'NOT flat'} (${((to / from - 1) * 100).toFixed(1)}% from the third reading to the mean of the last three; at most ${ALLOWED_GROWTH * 100}% and constant arrays and kernels count as flat)\n`);
  if (!flat) process.exitCode = 1;
};

const inNode = async (): Promise<void> => {
  console.log('headlessgl in Node');
  const readings: Reading[] = [];
  await trainMixed('headlessgl', ITERATIONS, INTERVAL, async (progress) => {
    readings.push({ ...progress, resident: process.memoryUsage().rss / MEBI });
    show(readings.at(-1)!);
  });
  judge('headlessgl', readings);
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
  await page.evaluate(`bundled.trainMixed('webgl2', ${ITERATIONS}, ${INTERVAL}, (progress) => report(progress, performance.memory.usedJSHeapSize))`);
  judge('webgl2', readings);
  await close();
};

await inNode();
if (chromium) await inChromium(chromium);
else console.log(`webgl2: ${CHROMIUM_MISSING}`);
