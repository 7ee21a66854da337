/** `plot` of runs: what their folders hold, and the figures of it. */
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { readBytes } from '../../src/io/files.js';
import type { Block } from '../../src/run/blocks.js';
import { METRICS, readBlocks } from '../../src/run/logs.js';
import { EVALUATION, readResult, type Result } from '../../src/run/results.js';
import { fromIo } from './beginning.js';
import { type CliError, failure } from './options.js';
import type { Files, Tools } from './plot-tools.js';

/** What a run's folder holds. */
export interface RunFolder {
  readonly path: string;
  readonly blocks: readonly Block[];
  readonly results: readonly Result[];
}

/** The lines of a file that are whole; none where there is no file. */
const linesIn =
  (path: string): TE.TaskEither<CliError, readonly string[]> =>
  async () => {
    if (!(await stat(path).catch(() => null))) return E.right([]);
    return pipe(
      await readBytes(path)(),
      E.bimap(fromIo, (bytes) => new TextDecoder().decode(bytes).split('\n')),
    );
  };

/** The results of a run's evaluation, those of whose lines are whole. */
export const resultsIn = (folder: string): TE.TaskEither<CliError, readonly Result[]> =>
  pipe(
    linesIn(join(folder, EVALUATION)),
    TE.map((lines) => lines.map(readResult).filter((result) => result !== null)),
  );

/** Reads a run as far as its files are whole. */
export const readRun = (path: string): TE.TaskEither<CliError, RunFolder> =>
  pipe(
    TE.Do,
    TE.bind('blocks', () => pipe(readBlocks(join(path, METRICS)), TE.mapLeft(fromIo))),
    TE.bind('results', () => resultsIn(path)),
    TE.filterOrElse(
      ({ blocks, results }) => blocks.length + results.length > 0,
      () =>
        failure(
          `${path}: no whole line of ${METRICS} or ${EVALUATION} in it: name a run's folder (runs/…) once it has trained for 100 iterations, or a model (.safetensors)`,
        ),
    ),
    TE.map((found) => ({ path, ...found })),
  );

/** Results of one kind of cell: of others only those of the first's task. */
const alike = (results: readonly Result[]): readonly Result[] =>
  results.filter(
    ({ task, cell }) => task === results[0]!.task && Object.keys(cell).join() === Object.keys(results[0]!.cell).join(),
  );

/** One figure of all learning curves, and one a run of its wrong bits. */
export const drawRuns = (
  { drawing, saveFigure, learningOf, lengthsOf }: Tools,
  folder: string,
  runs: readonly RunFolder[],
): Files => {
  const trained = runs.filter(({ blocks }) => blocks.length > 0);
  const evaluated = runs.filter(({ results }) => results.length > 0);
  return pipe(
    trained.length === 0
      ? TE.right([])
      : saveFigure(
          drawing,
          join(folder, 'learning'),
          learningOf(
            drawing,
            trained.map(({ blocks }) => blocks),
          ),
        ),
    TE.chain((curves) =>
      pipe(
        evaluated,
        TE.traverseSeqArray(({ path, results }) =>
          saveFigure(
            drawing,
            join(folder, evaluated.length === 1 ? 'wrong-bits' : `wrong-bits-${basename(path)}`),
            lengthsOf(drawing, alike(results)),
          ),
        ),
        TE.map((lengths) => [...curves, ...lengths.flat()]),
      ),
    ),
  );
};
