/** A project of somebody else's, in a folder of its own, with the tarball installed as from the registry. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Finished } from '../support/command.js';

export const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'ntm-package-'));

/** Ends with what the program said. */
export const run = (program: string, args: readonly string[], cwd: string): Promise<Finished> =>
  new Promise((done, fail) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' } });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('error', fail).on('close', (code) => done({ code, out, err }));
  });

export interface Project {
  readonly folder: string;
  readonly node: (...args: readonly string[]) => Promise<Finished>;
  /** The command that the package brings. */
  readonly ntm: (...args: readonly string[]) => Promise<Finished>;
  readonly tsc: (...args: readonly string[]) => Promise<Finished>;
  readonly write: (path: string, text: string) => void;
  /** What npm said of the installation. */
  readonly installed: Finished;
}

export const openProject = async (tarball: string): Promise<Project> => {
  const folder = freshFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('package.json', '{ "name": "somebody-elses", "private": true }');
  const installed = await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], folder);
  return {
    folder,
    installed,
    write,
    node: (...args) => run(process.execPath, args, folder),
    ntm: (...args) => run(join(folder, 'node_modules/.bin/ntm'), args, folder),
    tsc: (...args) => run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), ...args], folder),
  };
};
