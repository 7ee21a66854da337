/** Files, at the edge: every write is atomic, every fault one line. */
import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type IoError, ioError } from './errors.js';
import { decodeLegacyTorch, isLegacyTorch, isTorchZip, TORCH_ZIP } from './legacy-torch.js';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the disk',
  EISDIR: 'is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'a part of the path is a file',
  ENAMETOOLONG: 'the name is too long',
};

const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code && REASONS[code]) || message;
};

const attempt = <A>(path: string, action: () => Promise<A>, doing = ''): TE.TaskEither<IoError, A> => TE.tryCatch(action, (error) => ioError(path, `${doing}${reasonOf(error)}`));

export const readBytes = (path: string): TE.TaskEither<IoError, Uint8Array> => attempt(path, async () => new Uint8Array(await readFile(path)));

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Names may have 255 bytes: the name's first 100, where a letter cut in two becomes a U+FFFD of 3 bytes. */
const temporaryName = (name: string): string => `.${Buffer.from(name).subarray(0, 100).toString()}.${randomUUID()}.tmp`;

/** Writes a temporary file beside `path`, flushes it and renames it: `path` is the old file or the new one, whole. */
export const writeAtomically = (path: string, bytes: Uint8Array): TE.TaskEither<IoError, void> =>
  attempt(
    path,
    async () => {
      const temporary = join(dirname(path), temporaryName(basename(path)));
      try {
        await mkdir(dirname(path), { recursive: true });
        const handle = await open(temporary, 'w');
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(temporary, path);
        await syncFolder(dirname(path));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    'cannot be written: ',
  );

/** Makes a folder and proves that it can be written to. */
export const proveWritable = (folder: string): TE.TaskEither<IoError, void> =>
  attempt(
    folder,
    async () => {
      await mkdir(folder, { recursive: true });
      const probe = join(folder, `.${process.pid}.probe`);
      await (await open(probe, 'w')).close();
      await rm(probe);
    },
    'cannot be written to: ',
  );

export const appendLine = (path: string, text: string): TE.TaskEither<IoError, void> => attempt(path, () => appendFile(path, `${text}\n`, { flush: true }), 'cannot be written: ');

export const appendBytes = (path: string, bytes: Uint8Array): TE.TaskEither<IoError, void> => attempt(path, () => appendFile(path, bytes, { flush: true }), 'cannot be written: ');

/** Named tensors of a safetensors file, or of a state dict in PyTorch's old format: the content tells which. */
export const loadTensors = (path: string): TE.TaskEither<IoError, Safetensors> =>
  pipe(
    readBytes(path),
    TE.chainEitherK((bytes) => pipe(isTorchZip(bytes) ? E.left(TORCH_ZIP) : (isLegacyTorch(bytes) ? decodeLegacyTorch : decodeSafetensors)(bytes), E.mapLeft((fault) => ioError(path, fault)))),
  );

export const saveTensors = (path: string, tensors: Safetensors): TE.TaskEither<IoError, void> =>
  pipe(
    TE.fromEither(E.tryCatch(() => encodeSafetensors(tensors), (fault) => ioError(path, (fault as Error).message))),
    TE.chain((bytes) => writeAtomically(path, bytes)),
  );
