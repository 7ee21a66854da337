/** Lists the backends of Node and of the Chromium here: what each runs on, its speed, and how to get the missing ones. */
import type * as E from 'fp-ts/lib/Either.js';
import { chromium, CHROMIUM_MISSING, IN_CHROMIUM } from '../spec/support/chromium.js';
import { openChromium } from '../spec/support/page.js';
import type { Backend, BackendError } from '../src/gpu/backends.js';
import type { Speed } from './bench/iteration.js';
import { CASE, listBackends, sayBackend, sayMeasuring } from './command/backends.js';
import { end } from './command/end.js';

const inBrowsers: readonly Backend[] = IN_CHROMIUM;
const MISSING_HERE = chromium ? '' : `; npm test runs it in Chromium, but ${CHROMIUM_MISSING}`;

await listBackends((backend) => (inBrowsers.includes(backend) ? MISSING_HERE : ''));
if (chromium) {
  process.stdout.write('in Chromium, rendered in software as in the tests:\n');
  sayMeasuring('starting Chromium');
  const { page: open, close } = await openChromium(chromium);
  const page = await open('scripts/bench/iteration.ts');
  for (const backend of IN_CHROMIUM) {
    sayMeasuring(`measuring ${backend} in Chromium`);
    sayBackend(backend, await page.evaluate<E.Either<BackendError, Speed>>(`bundled.speedOf('${backend}', ${JSON.stringify(CASE)}, 3)`));
  }
  await close();
}
await end();
