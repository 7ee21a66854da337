/**
 * A lock beside a file, so that two processes do not write it at once: a small file that says who holds
 * it, made whole by a hard link. One that its holder could not take away, being killed, is recognised.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { IoError } from '../io/errors.js';
import { attempt, followLinks, isAlive } from '../io/files.js';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, as the system counts it, which tells it from a later one of its number; null where the system does not say. */
  readonly started: string | null;
  readonly since: string;
}

/** How long the end of a process that is about to end is waited for. */
const PATIENCE_MILLISECONDS = 5000;

const startOf = (pid: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
};

const parse = (text: string): Holder | null => {
  try {
    const { pid, host, started, since } = JSON.parse(text) as Partial<Holder>;
    return Number.isSafeInteger(pid) && pid! > 0 && typeof host === 'string' && (started === null || typeof started === 'string') && typeof since === 'string' ? { pid: pid!, host, started, since } : null;
  } catch {
    return null;
  }
};

const isGone = ({ pid, host, started }: Holder): boolean => host === hostname() && (!isAlive(pid) || (started !== null && startOf(pid) !== started));

/** The lock of a file: names may have 255 bytes. */
export const lockOf = (path: string): string => join(dirname(path), `.${Buffer.from(basename(path)).subarray(0, 200).toString()}.lock`);

const contents = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);

/** Puts our text at the lock's path, if nothing is there. */
const place = async (lock: string, temporary: string, text: string): Promise<boolean> => {
  try {
    await writeFile(temporary, text);
    await link(temporary, lock);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    // A file system without hard links.
    return await writeFile(lock, text, { flag: 'wx' }).then(() => true, () => false);
  } finally {
    await rm(temporary, { force: true });
  }
};

/** Takes a lock away whose holder is gone; puts back one that somebody else has just placed. */
const clear = async (lock: string, text: string, grave: string): Promise<void> => {
  await rename(lock, grave).catch(() => undefined);
  const found = await contents(grave);
  if (found !== null && found !== text) await link(grave, lock).catch(() => undefined);
  await rm(grave, { force: true });
};

/** Takes a lock of ours away. */
export type Release = () => void;

/** Locks a file until it is released or this process ends; says who holds it where somebody else does. */
export const acquireLock = (path: string): TE.TaskEither<IoError, Release> => {
  const text = JSON.stringify({ pid: process.pid, host: hostname(), started: startOf(process.pid), since: new Date().toISOString() } satisfies Holder);
  return attempt(
    path,
    async () => {
      const lock = lockOf(await followLinks(path));
      for (const begun = performance.now(); ; ) {
        const temporary = `${lock.slice(0, -5)}.${process.pid}.${randomUUID()}.tmp`;
        if (await place(lock, temporary, text)) break;
        const held = await contents(lock);
        if (held === null || held === text) continue;
        const holder = parse(held);
        if (holder && isGone(holder)) await clear(lock, held, temporary);
        else if (performance.now() - begun < PATIENCE_MILLISECONDS) await wait(100);
        else throw new Error(holder ? `in use by process ${holder.pid} on ${holder.host} since ${holder.since}: end it, or give another path (if it is gone, remove ${lock})` : `locked by ${lock}, which says nothing readable: remove it if no process uses the file`);
      }
      const release = (): void => {
        process.off('exit', release);
        try {
          if (readFileSync(lock, 'utf8') === text) rmSync(lock);
        } catch {
          // Gone already.
        }
      };
      process.once('exit', release);
      return release;
    },
    'cannot be locked: ',
  );
};

