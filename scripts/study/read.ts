/** The runs in a study's folders, as far as their files are whole: they may be going on, have been killed, or be half copied. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { METRICS, readBlocks } from '../../src/run/logs.js';
import { RECORD } from '../../src/study/record.js';
import { type Run, runOf, withoutCopies } from '../../src/study/summary.js';
import { recordIn } from '../command/continue.js';
import { type CliError, failure, usage } from '../command/options.js';
import { resultsIn } from '../command/plot-runs.js';

/** Deepest that runs lie within a study's folder. */
const DEEPEST = 5;

/** The folders of runs at and below a folder. */
const runFolders = async (folder: string, depth = 0): Promise<readonly string[]> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.some(({ name }) => name === RECORD || name === METRICS)) return [folder];
  if (depth >= DEEPEST) return [];
  const below = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name).sort();
  const found: string[] = [];
  for (const name of below) found.push(...(await runFolders(join(folder, name), depth + 1)));
  return found;
};

const readRun = async (folder: string): Promise<Run | null> => {
  const record = await recordIn(folder);
  if (record === null) return null;
  const [blocks, results] = [await readBlocks(join(folder, METRICS))(), await resultsIn(folder)()];
  return runOf(folder, record, E.isRight(blocks) ? blocks.right : [], E.isRight(results) ? results.right : []);
};

export interface Read {
  readonly runs: readonly Run[];
  /** What was passed over, in words. */
  readonly notes: readonly string[];
}

const readAll = async (studies: readonly string[]): Promise<Read> => {
  const folders: string[] = [];
  for (const study of studies) folders.push(...(await runFolders(study)));
  const read: Run[] = [];
  const notes: string[] = [];
  for (const folder of [...new Set(folders)]) {
    const run = await readRun(folder);
    if (run) read.push(run);
    else notes.push(`${folder}: passed over: its ${RECORD} is missing or not whole`);
  }
  const runs = withoutCopies(read);
  if (runs.length < read.length) notes.push(`${read.length - runs.length} runs are there more than once: the one that is further on counts`);
  return { runs, notes };
};

export const readStudies = (studies: readonly string[]): TE.TaskEither<CliError, Read> =>
  pipe(
    studies,
    TE.traverseSeqArray((study): TE.TaskEither<CliError, void> => async () =>
      (await stat(study).catch(() => null))?.isDirectory() ? E.right(undefined) : E.left(usage(`${study}: no such folder: name a study’s folder (runs/study-…) or a run’s`))),
    TE.chainTaskK(() => () => readAll(studies)),
    TE.filterOrElse(
      ({ runs }) => runs.length > 0,
      ({ notes }) => failure(`${studies.join(', ')}: no run in it${notes.length > 0 ? ` that can be read (${notes.length} passed over)` : ''}: name the folder that ntm sweep was given as --out`),
    ),
  );
