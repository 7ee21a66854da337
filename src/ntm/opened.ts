import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { BackendError } from '../gpu/backends.js';
import { fail, inFields } from './errors.js';

/** What a backend gave, or `no-backend` with the remedy. */
export const opened = async <A>(task: TE.TaskEither<BackendError, A>): Promise<A> => {
  const result = await task();
  return E.isRight(result) ? result.right : fail('no-backend', inFields(result.left.message));
};
