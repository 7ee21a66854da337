/**
 * What the lab is held to, measured on this machine: the worker's speed as a share of Node's in one thread, long tasks
 * of the page while it trains, and when it is first seen. `npx tsx lab/measure.ts`.
 */
import { createNtm, tasks } from '../src/index.js';
import { openLab } from '../spec/lab/lab-page.js';
import { chromium, CHROMIUM_MISSING } from '../spec/support/chromium.js';

/** Sequences between which time is taken: after everything is compiled, before anything is solved. */
const [FROM, TO] = [400, 3200];
const ROUNDS = 5;

/** Sequences a second from one count of sequences to the other. */
const inNode = async (): Promise<number> => {
  const ntm = await createNtm({ task: tasks.copy(), seed: 1, iterations: TO / 4 + 50 });
  let [from, to] = [0, 0];
  const stop = new AbortController();
  await ntm.train({
    every: 10,
    signal: stop.signal,
    onProgress: ({ sequences }) => {
      if (sequences === FROM) from = performance.now();
      if (sequences === TO) {
        to = performance.now();
        stop.abort();
      }
    },
  });
  await ntm.dispose();
  return ((TO - FROM) / (to - from)) * 1000;
};

const WATCH = `
  window.long = [];
  new PerformanceObserver((list) => window.long.push(...list.getEntries().map(({ duration }) => Math.round(duration)))).observe({ type: 'longtask' });
  window.frames = 0;
  const count = () => { window.frames += 1; requestAnimationFrame(count); };
  requestAnimationFrame(count);
`;

const timed = `new Promise((resolve) => {
  const count = () => Number(document.querySelector('#train [data-number="sequences"]').textContent.replaceAll(',', ''));
  let from = null;
  const look = () => {
    const now = { at: performance.now(), sequences: count(), frames: window.frames };
    if (from === null && now.sequences >= ${FROM}) from = now;
    if (now.sequences >= ${TO}) resolve({ speed: ((now.sequences - from.sequences) / (now.at - from.at)) * 1000, frames: ((now.frames - from.frames) / (now.at - from.at)) * 1000 });
    else setTimeout(look, 5);
  };
  look();
})`;

interface Found {
  readonly speed: number;
  readonly frames: number;
  /** Share of the time in which the page's thread was at work. */
  readonly busy: number;
  readonly long: readonly number[];
  readonly paint: number;
}

if (!chromium) throw new Error(CHROMIUM_MISSING);
const lab = await openLab(chromium);

const inPage = async (): Promise<Found> => {
  const { page, context } = await lab.page();
  await page.locator('[data-wrong]').waitFor();
  await page.locator('.parameters').waitFor();
  const paint = await page.evaluate<number>(`performance.getEntriesByName('first-contentful-paint')[0].startTime`);
  await page.evaluate(WATCH);
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  const work = async (): Promise<number> => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')!.value;
  const [before, begun] = [await work(), performance.now()];
  const found = await page.evaluate<{ speed: number; frames: number }>(timed);
  const busy = ((await work()) - before) / ((performance.now() - begun) / 1000);
  const long = await page.evaluate<number[]>('window.long');
  await context.close();
  return { ...found, busy, long, paint };
};

let [best, bestNode] = [0, 0];
for (let round = 1; round <= ROUNDS; round++) {
  const node = await inNode();
  const { speed, frames, busy, long, paint } = await inPage();
  [best, bestNode] = [Math.max(best, speed), Math.max(bestNode, node)];
  console.log(
    `round ${round}: worker ${speed.toFixed(0)} sequences a second, Node ${node.toFixed(0)}: ${((speed / node) * 100).toFixed(0)}%; ` +
      `${frames.toFixed(0)} frames a second, its thread at work ${(busy * 100).toFixed(0)}% of the time; long tasks of the page: ${long.length ? long.map((ms) => `${ms} ms`).join(', ') : 'none'}; first seen after ${paint.toFixed(0)} ms`,
  );
}
console.log(`best of ${ROUNDS}: worker ${best.toFixed(0)}, Node ${bestNode.toFixed(0)}: ${((best / bestNode) * 100).toFixed(0)}%`);
await lab.close();
