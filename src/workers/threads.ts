/** Worker threads of Node. One loads what it runs (worker.ts) as soon as it is started, and is told later on what. */
import { Worker } from 'node:worker_threads';

export interface Thread {
  readonly worker: Worker;
  /** Once it has made its part of what it was told. */
  readonly ready: Promise<void>;
}

/** From TypeScript sources through tsx, which the thread must load itself. */
const workerOf = (): Worker => {
  const source = import.meta.url.endsWith('.ts');
  const module = new URL(source ? './worker.ts' : './worker.js', import.meta.url).href;
  if (!source) return new Worker(new URL(module));
  const loader = import.meta.resolve('tsx/esm/api');
  return new Worker(`import(${JSON.stringify(loader)}).then(({ tsImport }) => tsImport(${JSON.stringify(module)}, ${JSON.stringify(import.meta.url)}))`, { eval: true, execArgv: [] });
};

const start = (): Thread => {
  const worker = workerOf();
  worker.unref();
  const ready = new Promise<void>((resolve, reject) => worker.once('message', () => resolve()).once('error', reject));
  ready.catch(() => undefined);
  return { worker, ready };
};

const ahead: Thread[] = [];

/** Starts so many before it is known what they are to do: they load while this thread does. */
export const startAhead = (count: number): void => void ahead.push(...Array.from({ length: count }, start));

/** One that was started ahead, if there is one; the process lives for it until it has made its part. */
export const takeThread = (): Thread => {
  const thread = ahead.pop() ?? start();
  const { worker, ready } = thread;
  worker.ref();
  const release = (): void => worker.unref();
  ready.then(release, release);
  return thread;
};

/** Ends those started ahead that nobody has taken. */
export const endIdle = async (): Promise<void> => void (await Promise.all(ahead.splice(0).map(({ worker }) => worker.terminate())));
