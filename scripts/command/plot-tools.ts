/** What `plot` draws with: the plotting library, loaded once the command is known to make sense. */
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Style } from '../../src/pictures/style.js';
import type { CliError } from './options.js';
import type * as pictures from './pictures.js';

type Pictures = typeof pictures;

export interface Tools extends Pictures {
  readonly drawing: Awaited<ReturnType<Pictures['openDrawing']>>;
}

/** What was written. */
export type Files = TE.TaskEither<CliError, readonly string[]>;

export const loadTools = async (style: Style): Promise<Tools> => {
  const loaded = await import('./pictures.js');
  return { ...loaded, drawing: await loaded.openDrawing(style) };
};
