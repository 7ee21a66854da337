/** Worker threads of Node. One loads what it runs (worker.ts), and is then told on what. */
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

/** The process lives for it until it has made its part. */
export const startThread = (): Thread => {
  const worker = workerOf();
  const ready = new Promise<void>((resolve, reject) => worker.once('message', () => resolve()).once('error', reject));
  const release = (): void => worker.unref();
  ready.then(release, release);
  return { worker, ready };
};
