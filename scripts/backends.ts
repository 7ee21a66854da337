/** Lists the backends of this machine: what each runs on, its speed, and how to get the missing ones. */
import * as E from 'fp-ts/lib/Either.js';
import { BACKENDS, probe } from '../src/gpu/backends.js';
import { median, trainIteration, workersFor } from './bench/cases.js';

const CASE = { task: 'copy', batch: 4, length: 10, repeats: 1 } as const;

process.stdout.write('one training iteration of the default model, copy length 10, batch 4:\n');
for (const backend of BACKENDS) {
  const found = await probe(backend)();
  if (E.isLeft(found)) {
    process.stdout.write(`${backend.padEnd(11)} –           ${found.left.message.replace(`--backend ${backend}: `, '')}\n`);
    continue;
  }
  const workers = workersFor(CASE, backend);
  const timed = await trainIteration(backend, CASE, workers);
  if (backend === 'webasm') await timed.round(60);
  const milliseconds = median(await timed.round(backend === 'webasm' ? 60 : 3));
  await timed.dispose();
  process.stdout.write(`${backend.padEnd(11)} ${milliseconds.toFixed(1).padStart(7)} ms  ${found.right.renderer}${workers > 1 ? `, ${workers} threads` : ''}${found.right.software && backend !== 'webasm' && backend !== 'cpu' ? ' (software: never chosen by auto)' : ''}\n`);
}
// Dawn, where webgpu was found, would keep the process running.
process.exit();
