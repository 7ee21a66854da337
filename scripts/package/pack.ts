/** The package as others get it: packed into a folder, looked over, measured. */
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the tarball may weigh, in kilobytes; what a page may load stands in package.json (size-limit). */
const MOST_KILOBYTES = 2700;

export interface Packed {
  /** The tarball's path. */
  readonly tarball: string;
  /** What was measured, in words. */
  readonly sizes: string;
  /** What publint, arethetypeswrong or a limit has to say; nothing, if all is well. */
  readonly findings: readonly string[];
}

/** What a tool says, and whether it complains. */
const heard = async (tool: string, args: readonly string[]): Promise<{ readonly words: string; readonly complains: boolean }> => {
  try {
    const { stdout } = await run(process.execPath, [resolve('node_modules', tool), ...args]);
    return { words: stdout, complains: false };
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { readonly stdout?: string; readonly stderr?: string };
    return { words: `${tool}: ${stdout}${stderr}` || message, complains: true };
  }
};

export const pack = async (folder: string): Promise<Packed> => {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder]);
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ readonly filename: string }];
  const tarball = join(folder, filename);
  const kilobytes = statSync(tarball).size / 1000;
  const size = `the tarball has ${kilobytes.toFixed(0)} kB of at most ${MOST_KILOBYTES}`;
  const pages = await heard('size-limit/bin.js', []);
  // The package is ESM, which Node from 20.19 on also requires; resolutions without "exports" are older than that.
  const others = [await heard('publint/src/cli.js', [tarball, '--strict']), await heard('@arethetypeswrong/cli/dist/index.js', [tarball, '--profile', 'esm-only'])];
  return {
    tarball,
    sizes: `${size}\n${pages.words}`,
    findings: [...(kilobytes > MOST_KILOBYTES ? [size] : []), ...[pages, ...others].filter(({ complains }) => complains).map(({ words }) => words)],
  };
};
