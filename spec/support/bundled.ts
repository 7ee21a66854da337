/**
 * Before the tests: the commands as a few modules of JavaScript, which begin in half the time that tsx takes
 * (spec/soak and spec/docs start tsx). What they say of themselves and where they look for files is as in a clone.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the bundled commands. */
    readonly bundled: string;
    /** The folder that specs make theirs in. */
    readonly folders: string;
  }
}

const COMMANDS = ['ntm', 'train-copy', 'train-repeat', 'infer', 'run/trainer'].map((name) => `scripts/${name}.ts`);

/** The one module that starts another of the bundled ones. */
const STARTS_ANOTHER = resolve('scripts/run/start-trainer.ts');

/** Modules take themselves for their sources. */
const asSources = (folder: string): Plugin => ({
  name: 'as sources',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/(src|scripts)\/.*\.ts$/ }, ({ path }) => {
      const at = path === STARTS_ANOTHER ? join(folder, relative('.', path)).replace(/ts$/, 'js') : path;
      return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(at).href)), loader: 'ts' };
    }),
});

export default async ({ provide }: TestProject): Promise<() => void> => {
  const folder = mkdtempSync(resolve('node_modules/.ntm-bundled-'));
  const folders = mkdtempSync(join(tmpdir(), 'ntm-spec-'));
  await build({ entryPoints: COMMANDS, outdir: folder, outbase: '.', bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external', logLevel: 'error', plugins: [asSources(folder)] });
  provide('bundled', folder);
  provide('folders', folders);
  return () => [folder, folders].forEach((each) => rmSync(each, { recursive: true, force: true }));
};
