/** The package as others get it: packed into a folder, looked over, measured. */
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const run = promisify(execFile);

/** What the package may weigh, in kilobytes. */
export const LIMITS = { 'the tarball': 1700, 'the front door in a page, minified and gzipped': 290 } as const;

export interface Packed {
  /** The tarball's path. */
  readonly tarball: string;
  readonly kilobytes: Readonly<Record<keyof typeof LIMITS, number>>;
  /** What publint, arethetypeswrong or a limit has to say; nothing, if all is well. */
  readonly findings: readonly string[];
}

/** The words of a command that failed, else nothing. */
const complaint = async (tool: string, args: readonly string[]): Promise<string[]> => {
  try {
    await run(process.execPath, [resolve('node_modules', tool), ...args]);
    return [];
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { readonly stdout?: string; readonly stderr?: string };
    return [`${tool}: ${stdout}${stderr}` || message];
  }
};

/** Kilobytes of a page that trains. */
const bundled = async (): Promise<number> => {
  const { outputFiles: [file] } = await build({ stdin: { contents: "export { createNtm, loadNtm, tasks } from './dist/src/index.js';", resolveDir: '.' }, bundle: true, minify: true, format: 'esm', platform: 'browser', write: false });
  return gzipSync(file!.contents).length / 1000;
};

export const pack = async (folder: string): Promise<Packed> => {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder]);
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ readonly filename: string }];
  const tarball = join(folder, filename);
  const kilobytes = { 'the tarball': statSync(tarball).size / 1000, 'the front door in a page, minified and gzipped': await bundled() };
  const large = (Object.keys(LIMITS) as ReadonlyArray<keyof typeof LIMITS>).flatMap((what) => (kilobytes[what] > LIMITS[what] ? [`${what} has ${kilobytes[what].toFixed(0)} kB, more than ${LIMITS[what]}`] : []));
  // The package is ESM, which Node from 20.19 on also requires; resolutions without "exports" are older than that.
  const [lint, types] = [await complaint('publint/src/cli.js', [tarball, '--strict']), await complaint('@arethetypeswrong/cli/dist/index.js', [tarball, '--profile', 'esm-only'])];
  return { tarball, kilobytes, findings: [...lint, ...types, ...large] };
};
