/** Models in files. */
import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { readBytes, writeAtomically } from '../io/files.js';
import type { IoError } from '../io/errors.js';
import { loadNtm, type LoadOptions } from '../ntm/create.js';
import { fail } from '../ntm/errors.js';
import type { Ntm, SaveOptions } from '../ntm/ntm.js';

const done = async <A>(task: TE.TaskEither<IoError, A>): Promise<A> => {
  const result = await task();
  return E.isRight(result) ? result.right : fail('file', result.left.message);
};

/** {@link loadNtm} from a file; an error begins with its path. Throws what that throws, or `file`. */
export const openNtm = async (path: string, options: LoadOptions = {}): Promise<Ntm> => loadNtm(await done(readBytes(path)), options);

/** Saves a model, atomically: the file is the old one or the new one, whole. Folders are made. Throws `file`, or what `save` throws. */
export const saveNtm = async (ntm: Ntm, path: string, options: SaveOptions = {}): Promise<void> => done(writeAtomically(path, await ntm.save(options)));
