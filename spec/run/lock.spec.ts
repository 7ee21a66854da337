/** Two processes never hold one lock; that of a process that is gone is taken over. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { acquireLock, lockOf } from '../../src/run/lock.js';
import { freshFolder } from '../support/command.js';

/** A process that takes the lock, says so, and holds it until its input ends. */
const holder = (path: string) => {
  const body = `const { acquireLock } = await import(${JSON.stringify(resolve('src/run/lock.ts'))}); const r = await acquireLock(${JSON.stringify(path)})(); console.log(r._tag === 'Right' ? 'held' : r.left.message); process.stdin.resume(); process.stdin.on('end', () => process.exit(0));`;
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', body], { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = new Promise<string>((done) => child.stdout.once('data', (chunk: Buffer) => done(chunk.toString().trim())));
  const ended = new Promise((done) => child.once('exit', done));
  return { child, said, ended };
};

const faultOf = async (path: string): Promise<string> => {
  const result = await acquireLock(path)();
  return E.isLeft(result) ? result.left.message : 'locked';
};

it.concurrent('says who holds it, gives it to the next when that ends, and takes it from one that was killed', async () => {
  const path = join(freshFolder(), 'm.safetensors');
  const first = holder(path);
  expect(await first.said).toBe('held');
  const fault = await faultOf(path);
  expect(fault).toContain(`${path}: cannot be locked: in use by process ${first.child.pid} on ${hostname()} since 20`);
  expect(fault).not.toContain('\n');
  first.child.stdin.end();
  await first.ended;
  expect(existsSync(lockOf(path))).toBe(false);
  const second = holder(path);
  expect(await second.said).toBe('held');
  second.child.kill('SIGKILL');
  await second.ended;
  expect(existsSync(lockOf(path))).toBe(true);
  expect(await faultOf(path)).toBe('locked');
  expect(JSON.parse(readFileSync(lockOf(path), 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
});

it.concurrent('of a process whose number another has now is taken over, and of another machine is not', async () => {
  const folder = freshFolder();
  const path = join(folder, 'm.safetensors');
  const since = new Date().toISOString();
  writeFileSync(lockOf(path), JSON.stringify({ pid: process.ppid, host: hostname(), started: '1', since }));
  expect(await faultOf(path)).toBe('locked');
  const other = join(folder, 'other');
  writeFileSync(lockOf(other), JSON.stringify({ pid: spawnSync('true').pid, host: 'elsewhere', started: null, since }));
  expect(await faultOf(other)).toMatch(/in use by process \d+ on elsewhere/);
});

it.concurrent('is that of the file a link leads to', async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, 'm.safetensors'), '');
  symlinkSync('m.safetensors', join(folder, 'link'));
  expect(await faultOf(join(folder, 'link'))).toBe('locked');
  expect(existsSync(lockOf(join(folder, 'm.safetensors')))).toBe(true);
});
