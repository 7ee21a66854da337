/** Runs a script of the project from outside, in a folder of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inject } from 'vitest';

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Gone once all specs are through (bundled.ts). */
export const freshFolder = (): string => mkdtempSync(join(inject('folders'), 'f-'));

export interface Running {
  /** Resolves once stdout holds the text. */
  readonly says: (text: string) => Promise<void>;
  readonly interrupt: () => void;
  readonly end: Promise<Finished>;
}

/** Node alone, with what was bundled before the tests (bundled.ts); a task in TypeScript takes tsx. */
const wordsOf = (script: string, options: readonly string[]): readonly string[] =>
  options.some((option) => option.endsWith('.ts')) ? ['--import', import.meta.resolve('tsx'), resolve('scripts', script)] : [join(inject('bundled'), 'scripts', script.replace(/ts$/, 'js'))];

export const start = (script: string, options: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Running => {
  const child = spawn(process.execPath, [...wordsOf(script, options), ...options], { cwd, env: { ...process.env, NO_COLOR: '1', ...env } });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return {
    says: (text) =>
      new Promise((done, fail) => {
        const look = (): void => void (out.includes(text) && done());
        child.stdout.on('data', look);
        child.on('close', () => fail(new Error(`ended without saying "${text}": ${out}${err}`)));
        look();
      }),
    interrupt: () => void child.kill('SIGINT'),
    end: new Promise((done) => void child.on('close', (code) => done({ code, out, err }))),
  };
};

export const command = (script: string, options: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Finished> => start(script, options, cwd, env).end;
