/** A page of somebody else's, built by Vite, whose worker trains. */
import { join } from 'node:path';
import { chromium as launcher } from 'playwright';
import { build, preview } from 'vite';
import { CHROMIUM_FLAGS } from '../support/chromium.js';
import type { Project } from './project.js';

const WORKER = `
import { createNtm, loadNtm, tasks } from 'ntm-gpu';
const ntm = await createNtm({ task: tasks.copy(), seed: 1 });
const { solved, sequences } = await ntm.train({ every: 500, onProgress: ({ sequences, wrongBits }) => postMessage({ sequences, wrongBits }) });
const loaded = await loadNtm(await ntm.save());
await ntm.dispose();
const rows = ['101100100', '011010010', '000000001'].map((row) => [...row].map(Number));
const { output } = await loaded.run(rows, { answers: 2 });
await loaded.dispose();
postMessage({ solved, sequences, output: output.map((row) => Array.from(row, Math.round).join('')) });
`;

const PAGE = `
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
window.result = new Promise((done, fail) => {
  worker.onmessage = ({ data }) => void ('output' in data ? done(data) : (document.body.textContent = JSON.stringify(data)));
  worker.onerror = ({ message }) => fail(new Error(message));
});
`;

export interface Result {
  readonly solved: boolean;
  readonly sequences: number;
  readonly output: readonly string[];
}

export const trainInPage = async ({ folder, write }: Project, executablePath: string): Promise<Result> => {
  write('page/index.html', '<!doctype html><body></body><script type="module" src="./page.js"></script>');
  write('page/page.js', PAGE);
  write('page/worker.js', WORKER);
  const root = join(folder, 'page');
  await build({ root, configFile: false, logLevel: 'warn', worker: { format: 'es' } });
  const server = await preview({ root, configFile: false, logLevel: 'warn', preview: { port: 0 } });
  const browser = await launcher.launch({ executablePath, args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage();
    await page.goto(server.resolvedUrls!.local[0]!);
    return await page.evaluate<Result>('window.result');
  } finally {
    await browser.close();
    await server.close();
  }
};
