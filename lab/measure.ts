/**
 * What the lab is held to, measured on this machine: the worker's speed as a share of Node's in one thread, the page's
 * longest tasks and its frames while it trains, and when it is first seen by a Chromium that has begun (each page is a
 * new context, with nothing cached). Speeds are in sequences per second of processor time of the one thread, which other
 * work on the machine does not change, and a second by the clock. `npx tsx lab/measure.ts`; Linux.
 */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright';
import { median } from '../scripts/bench/iteration.js';
import { createNtm, tasks } from '../src/index.js';
import { openLab } from '../spec/lab/lab-page.js';
import { chromium, CHROMIUM_MISSING } from '../spec/support/chromium.js';

/** Sequences between which time is taken: after everything is compiled, before anything is solved. */
const [FROM, TO] = [400, 3200];
const ROUNDS = 5;

/** Ticks of /proc, in seconds. */
const TICK = 1 / 100;

/** Seconds of processor time of this very thread. */
const threadSeconds = (): number => {
  const fields = readFileSync('/proc/thread-self/stat', 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK;
};

interface Speed {
  /** Sequences a second. */
  readonly processor: number;
  readonly clock: number;
}

const inNode = async (): Promise<Speed> => {
  const ntm = await createNtm({ task: tasks.copy(), seed: 1 });
  const at = () => ({ processor: threadSeconds(), clock: performance.now() / 1000 });
  let [from, to] = [at(), at()];
  const stop = new AbortController();
  await ntm.train({
    every: 10,
    signal: stop.signal,
    onProgress: ({ sequences }) => {
      if (sequences === FROM) from = at();
      if (sequences !== TO) return;
      to = at();
      stop.abort();
    },
  });
  await ntm.dispose();
  return { processor: (TO - FROM) / (to.processor - from.processor), clock: (TO - FROM) / (to.clock - from.clock) };
};

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of processor time. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Seconds of processor time of every task of the threads of one name. */
const tasksOf = (events: readonly TraceEvent[], thread: string): readonly number[] => {
  const of = ({ pid, tid }: TraceEvent): string => `${pid}:${tid}`;
  const named = new Set(events.filter(({ name, args }) => name === 'thread_name' && args?.name === thread).map(of));
  return events.filter((event) => event.name === 'RunTask' && event.tdur !== undefined && named.has(of(event))).map(({ tdur }) => tdur! / 1e6);
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const sequences = (page: Page): Promise<number> => page.evaluate<number>(`Number(document.querySelector('#train [data-number="sequences"]').textContent.replaceAll(',', ''))`);

const until = async (page: Page, least: number): Promise<{ readonly sequences: number; readonly clock: number }> => {
  await page.waitForFunction(`Number(document.querySelector('#train [data-number="sequences"]').textContent.replaceAll(',', '')) >= ${least}`, null, { timeout: 120_000 });
  return { sequences: await sequences(page), clock: performance.now() / 1000 };
};

/** Frames per second of a page, over this many seconds. */
const framesOf = (page: Page, seconds: number): Promise<number> =>
  page.evaluate<number>(`new Promise((done) => {
    const begun = performance.now();
    let count = 0;
    const frame = (now) => {
      count++;
      if (now - begun < ${seconds * 1000}) requestAnimationFrame(frame);
      else done((count * 1000) / (now - begun));
    };
    requestAnimationFrame(frame);
  })`);

if (!chromium) throw new Error(CHROMIUM_MISSING);
/** The page is drawn by Chromium itself; a graphics card made of software would draw it with what the training leaves. */
const FLAGS = ['--no-sandbox', '--disable-gpu'];
const lab = await openLab(chromium, FLAGS);
await (await lab.browser.newPage()).screenshot();

const inPage = async (): Promise<Speed & { readonly longest: number; readonly busy: number; readonly seen: number; readonly frames: number }> => {
  const { page, context } = await lab.page('', { bypassCSP: true });
  await page.locator('.parameters').waitFor();
  const seen = await page.evaluate<number>(`performance.getEntriesByName('first-contentful-paint')[0].startTime`);
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await until(page, FROM);
  const frames = await framesOf(page, 1);
  await lab.browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  const from = await until(page, FROM);
  const to = await until(page, TO);
  const { traceEvents } = JSON.parse((await lab.browser.stopTracing()).toString()) as { readonly traceEvents: readonly TraceEvent[] };
  await context.close();
  const [worker, main] = [tasksOf(traceEvents, 'DedicatedWorker thread'), tasksOf(traceEvents, 'CrRendererMain')];
  const [count, clock] = [to.sequences - from.sequences, to.clock - from.clock];
  return { processor: count / sum(worker), clock: count / clock, longest: Math.max(...main), busy: sum(main) / clock, seen, frames };
};

const show = ({ processor, clock }: Speed): string => `${processor.toFixed(0)} (${clock.toFixed(0)} by the clock)`;

const shares: number[] = [];
for (let round = 1; round <= ROUNDS; round++) {
  const [node, page] = [await inNode(), await inPage()];
  shares.push(page.processor / node.processor);
  console.log(
    `round ${round}: sequences per second, worker ${show(page)}, Node ${show(node)}: ${(shares.at(-1)! * 100).toFixed(0)}%; ` +
      `page at work ${(page.busy * 100).toFixed(1)}% of the time, longest task ${(page.longest * 1000).toFixed(1)} ms of processor time; ${page.frames.toFixed(0)} frames per second; first seen after ${page.seen.toFixed(0)} ms`,
  );
}
console.log(`median share ${(median(shares) * 100).toFixed(0)}%`);
await lab.close();
