/** The worker's side of the page: a promise for every question. */
import type { Api, Method, Reply, Told } from './messages.js';

type Asked = { readonly [M in Method]: (...args: Parameters<Api[M]>) => Promise<ReturnType<Api[M]>> };

const METHODS = [
  'ready', 'check', 'create', 'load', 'duplicate', 'train', 'pause', 'save', 'sequence', 'run', 'open', 'intervene', 'look',
] as const satisfies readonly Method[];

export const openWorker = (onTold: (told: Told) => void, onBroken: (message: string) => void): Asked => {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'ntm' });
  const waiting = new Map<number, { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }>();
  let last = 0;
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    if (data.kind === 'told') return onTold(data.told);
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.kind === 'answer') asked?.resolve(data.value);
    else asked?.reject(new Error(data.message));
  };
  worker.onerror = ({ message }) => onBroken(message || 'the worker did not start');
  const ask = (method: Method) => (...args: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      worker.postMessage({ id: last, method, args });
    });
  return Object.fromEntries(METHODS.map((method) => [method, ask(method)])) as unknown as Asked;
};
