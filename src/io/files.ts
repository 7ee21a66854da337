/** Files, at the edge: every write is atomic and keeps the file's mode and links, every fault is one line. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { appendFile, lstat, mkdir, open, readdir, readFile, readlink, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type IoError, ioError } from './errors.js';
import { encodeSafetensors, type Safetensors } from './safetensors.js';
import { decodeTensors } from './tensors.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EISDIR: 'is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'a part of the path is a file',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links lead in a circle',
};

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const reasonOf = (error: unknown): string => {
  const code = codeOf(error);
  return (code && REASONS[code]) || (error as Error).message;
};

/** A task whose fault is one line: the path, what was being done, and why it failed. */
export const attempt = <A>(path: string, action: () => Promise<A>, doing = ''): TE.TaskEither<IoError, A> => TE.tryCatch(action, (error) => ioError(path, `${doing}${reasonOf(error)}`));

/** Null where the action finds no file. */
const orNull = async <A>(action: Promise<A>): Promise<A | null> => {
  try {
    return await action;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
};

/** Longest file that is read at once. */
const MOST_BYTES = 2 ** 31 - 1;

/** The bytes of a regular file of at most `most` bytes; a device or a pipe might never end. */
export const readBytes = (path: string, most: number = MOST_BYTES): TE.TaskEither<IoError, Uint8Array> =>
  attempt(path, async () => {
    const found = await stat(path);
    if (found.isDirectory()) throw new Error(REASONS.EISDIR);
    if (!found.isFile()) throw new Error('is a device, a pipe or a socket, not a file');
    if (found.size > most) throw new Error(`has ${found.size} bytes; at most ${most} are read`);
    return new Uint8Array(await readFile(path));
  });

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Makes a folder and those above it, and returns the ones that were not there, deepest first. Not mkdir's own recursion, which never ends below /proc. */
const makeFolders = async (folder: string): Promise<readonly string[]> => {
  const missing: string[] = [];
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = await orNull(stat(at));
    if (found?.isDirectory()) break;
    if (found) throw Object.assign(new Error(), { code: missing.length === 0 ? 'EEXIST' : 'ENOTDIR' });
    missing.push(at);
  }
  for (const at of [...missing].reverse()) {
    await mkdir(at).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') throw new Error('no folder can be made there');
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  }
  return missing;
};

/** Removes the folders that are empty, in their order. */
export const removeEmpty = async (folders: readonly string[]): Promise<void> => {
  for (const folder of folders) await rmdir(folder).catch(() => undefined);
};

/** Most links that are followed, as in Linux. */
const MOST_LINKS = 40;

/** The file behind a path's symbolic links, whether it is there or not. */
export const followLinks = async (path: string): Promise<string> => {
  let at = path;
  for (let i = 0; i < MOST_LINKS; i++) {
    const found = await orNull(lstat(at));
    if (!found?.isSymbolicLink()) return at;
    at = resolve(dirname(at), await readlink(at));
  }
  throw Object.assign(new Error(), { code: 'ELOOP' });
};

/** Whether two paths, both of which are there, lead to one file. */
export const isSameFile = async (a: string, b: string): Promise<boolean> => {
  const [one, other] = await Promise.all([a, b].map((path) => stat(path, { bigint: true }).catch(() => null)));
  return Boolean(one && other && one.dev === other.dev && one.ino === other.ino);
};

/** Names may have 255 bytes: the name's first 100, where a letter cut in two becomes a U+FFFD of 3 bytes; then the process. */
const temporaryName = (name: string): string => `.${Buffer.from(name).subarray(0, 100).toString()}.${process.pid}.${randomUUID()}.tmp`;

const TEMPORARY = /^\..+\.(\d+)\.[0-9a-f]{8}-[0-9a-f-]{27}\.tmp$|^\.(\d+)\.probe$/;

/** Temporary files that stand now: a process that ends in the middle of a write takes them away. */
const standing = new Set<string>();
process.once('exit', () => standing.forEach((path) => rmSync(path, { force: true })));

/** Whether a process of this machine is there. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
};

/** Removes from a folder what {@link writeAtomically} and {@link proveWritable} left there when their process was killed. */
export const removeTemporaries = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder).catch(() => [])) {
    const match = TEMPORARY.exec(name);
    if (match && !isAlive(Number(match[1] ?? match[2]))) await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
};

/**
 * Writes a temporary file beside the file that `path` leads to, flushes it and renames it: the file is
 * the old one or the new one, whole. A file that was there keeps its mode.
 * Left: the path, and what is in the way.
 */
export const writeAtomically = (path: string, bytes: Uint8Array): TE.TaskEither<IoError, void> =>
  attempt(
    path,
    async () => {
      await makeFolders(dirname(path));
      const target = await followLinks(path);
      const old = await orNull(stat(target));
      if (old && !old.isFile() && !old.isDirectory()) throw new Error('is a device, a pipe or a socket, not a file');
      const temporary = join(dirname(target), temporaryName(basename(target)));
      try {
        standing.add(temporary);
        const handle = await open(temporary, 'wx');
        try {
          if (old?.isFile()) await handle.chmod(old.mode & 0o7777);
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(temporary, target);
        await syncFolder(dirname(target));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      } finally {
        standing.delete(temporary);
      }
    },
    'cannot be written: ',
  );

/** Makes a folder and proves that it can be written to; returns the folders made, deepest first. */
export const proveWritable = (folder: string): TE.TaskEither<IoError, readonly string[]> =>
  attempt(
    folder,
    async () => {
      const made = await makeFolders(folder);
      const probe = join(folder, `.${process.pid}.probe`);
      await (await open(probe, 'w')).close();
      await rm(probe);
      return made;
    },
    'cannot be written to: ',
  );

export const appendLine = (path: string, text: string): TE.TaskEither<IoError, void> => attempt(path, () => appendFile(path, `${text}\n`, { flush: true }), 'cannot be written: ');

export const appendBytes = (path: string, bytes: Uint8Array): TE.TaskEither<IoError, void> => attempt(path, () => appendFile(path, bytes, { flush: true }), 'cannot be written: ');

/** Named tensors of a safetensors file, or of a state dict in one of PyTorch's formats: the content tells which. Left: the path, and why it cannot be read. */
export const loadTensors = (path: string): TE.TaskEither<IoError, Safetensors> =>
  pipe(
    readBytes(path),
    TE.chainEitherK((bytes) => pipe(decodeTensors(bytes), E.mapLeft((fault) => ioError(path, fault)))),
  );

/** Writes a safetensors file, atomically. Left: which path, and what is in the way. */
export const saveTensors = (path: string, tensors: Safetensors): TE.TaskEither<IoError, void> =>
  pipe(
    TE.fromEither(E.tryCatch(() => encodeSafetensors(tensors), (fault) => ioError(path, (fault as Error).message))),
    TE.chain((bytes) => writeAtomically(path, bytes)),
  );
