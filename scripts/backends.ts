/** Lists the backends of Node and of the Chromium here: what each runs on, its speed, and how to get the missing ones. */
import * as E from 'fp-ts/lib/Either.js';
import { chromium, CHROMIUM_MISSING, IN_CHROMIUM } from '../spec/support/chromium.js';
import { openChromium } from '../spec/support/page.js';
import { type Backend, type BackendError, BACKENDS } from '../src/gpu/backends.js';
import { openThreads, workersFor } from './bench/cases.js';
import { type Case, type Speed, speedOf } from './bench/iteration.js';
import { end } from './command/end.js';

const CASE: Case = { task: 'copy', batch: 4, length: 10, repeats: 1 };

const inBrowsers: readonly Backend[] = IN_CHROMIUM;
const MISSING_HERE = chromium ? '' : `; npm test runs it in Chromium, but ${CHROMIUM_MISSING}`;

const say = (backend: Backend, found: E.Either<BackendError, Speed>, threads = 1): void => {
  const line = (time: string, text: string): boolean => process.stdout.write(`${backend.padEnd(11)} ${time.padStart(10)}  ${text}\n`);
  if (E.isLeft(found)) {
    line('–', `${found.left.message.replace(`--backend ${backend}: `, '')}${inBrowsers.includes(backend) ? MISSING_HERE : ''}`);
    return;
  }
  const { milliseconds, renderer, software } = found.right;
  const never = software && backend !== 'webasm' && backend !== 'cpu';
  line(`${milliseconds.toFixed(1)} ms`, `${renderer}${threads > 1 ? `, ${threads} threads` : ''}${never ? ' (software: never chosen by auto)' : ''}`);
};

process.stdout.write('one training iteration of the default model, copy length 10, batch 4:\n');
/** What is being measured, which can take half a minute; on a terminal the result takes its place. */
const begin = (what: string): void => void process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${what} …\r` : `${what} …\n`);

for (const backend of BACKENDS) {
  begin(`measuring ${backend}`);
  say(backend, await speedOf(backend, CASE, backend === 'webasm' ? 60 : 3, openThreads), workersFor(CASE, backend));
}
if (chromium) {
  process.stdout.write('in Chromium, rendered in software as in the tests:\n');
  begin('starting Chromium');
  const { page: open, close } = await openChromium(chromium);
  const page = await open('scripts/bench/iteration.ts');
  for (const backend of IN_CHROMIUM) {
    begin(`measuring ${backend} in Chromium`);
    say(backend, await page.evaluate<E.Either<BackendError, Speed>>(`bundled.speedOf('${backend}', ${JSON.stringify(CASE)}, 3)`));
  }
  await close();
}
await end();
