/** `backends`: what this machine can compute on in Node, how fast that is, and how to get what is missing. */
import * as E from 'fp-ts/lib/Either.js';
import { type Backend, type BackendError, BACKENDS } from '../../src/gpu/backends.js';
import { openThreads, workersFor } from '../bench/cases.js';
import { type Case, type Speed, speedOf } from '../bench/iteration.js';
import { end } from './end.js';

export const CASE: Case = { task: 'copy', batch: 4, length: 10, repeats: 1 };

/** One backend's line; `missing` is added where it is not there. */
export const sayBackend = (backend: Backend, found: E.Either<BackendError, Speed>, { threads = 1, missing = '' } = {}): void => {
  const line = (time: string, text: string): boolean => process.stdout.write(`${backend.padEnd(11)} ${time.padStart(10)}  ${text}\n`);
  if (E.isLeft(found)) {
    line('–', `${found.left.message.replace(`--backend ${backend}: `, '')}${missing}`);
    return;
  }
  const { milliseconds, renderer, software } = found.right;
  const never = software && backend !== 'webasm' && backend !== 'cpu';
  line(`${milliseconds.toFixed(1)} ms`, `${renderer}${threads > 1 ? `, ${threads} threads` : ''}${never ? ' (software: never chosen by auto)' : ''}`);
};

/** What is being measured, which can take half a minute; on a terminal the result takes its place. */
export const sayMeasuring = (what: string): void => void process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${what} …\r` : `${what} …\n`);

export const listBackends = async (missing: (backend: Backend) => string = () => ''): Promise<void> => {
  process.stdout.write('one training iteration of the default model, copy length 10, batch 4:\n');
  for (const backend of BACKENDS) {
    sayMeasuring(`measuring ${backend}`);
    sayBackend(backend, await speedOf(backend, CASE, backend === 'webasm' ? 60 : 3, openThreads), { threads: workersFor(CASE, backend), missing: missing(backend) });
  }
};

export const backendsMain = async (): Promise<never> => {
  await listBackends();
  return end();
};
