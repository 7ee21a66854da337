/** `plot`: figures from files alone, of runs and of models. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { proveWritable } from '../../src/io/files.js';
import { oneLine } from '../../src/ntm/text.js';
import { builtIn } from '../../src/tasks/index.js';
import { fromIo } from './beginning.js';
import { type Console, openConsole } from './console.js';
import { end } from './end.js';
import { type CliError, failure, optionIn, usage } from './options.js';
import { drawModelFile } from './plot-models.js';
import { PLOT_HELP, type PlotArguments, readPlotArguments } from './plot-options.js';
import { drawRuns, readRun } from './plot-runs.js';
import { loadTools } from './plot-tools.js';
import { type GivenTask, loadTask } from './tasks.js';

const isFolder =
  (path: string): TE.TaskEither<CliError, boolean> =>
  async () => {
    const found = await stat(path).catch(() => null);
    return found
      ? E.right(found.isDirectory())
      : E.left(usage(`${path}: no such file or folder: name a run's folder (runs/…) or a model (.safetensors)`));
  };

const stamp = (date: Date): string => date.toISOString().slice(0, 19).replace(/[:T]/g, '-');

const plotCommand = (given: PlotArguments, source: string | null, out: Console): TE.TaskEither<CliError, void> =>
  pipe(
    given.runs,
    TE.traverseSeqArray((path) =>
      pipe(
        isFolder(path),
        TE.map((folder) => ({ path, folder })),
      ),
    ),
    TE.bindTo('named'),
    TE.bind('runs', ({ named }) =>
      pipe(
        named.filter(({ folder }) => folder),
        TE.traverseSeqArray(({ path }) => readRun(path)),
      ),
    ),
    TE.let(
      'into',
      ({ named }) =>
        given.out ?? (named.length === 1 && named[0]!.folder ? named[0]!.path : join('runs', `plot-${stamp(new Date())}`)),
    ),
    TE.bind('tools', () => TE.fromTask(() => loadTools(given))),
    TE.chainFirst(({ into }) => pipe(proveWritable(into), TE.mapLeft(fromIo))),
    TE.chain(({ named, runs, into, tools }) =>
      pipe(
        drawRuns(tools, into, runs),
        TE.chain((files) =>
          pipe(
            named.filter(({ folder }) => !folder),
            TE.traverseSeqArray(({ path }) => drawModelFile(tools, into, path, source, given, out)),
            TE.map((more) => tools.sayFiles(out, [...files, ...more.flat()])),
          ),
        ),
      ),
    ),
  );

/** The names of all sizes that there are: those of the tasks built in, and of the one given. */
const sizesOf = (given: GivenTask | null): readonly string[] => [
  ...new Set([...Object.values(builtIn), ...(given ? [given.task] : [])].flatMap(({ least }) => Object.keys(least))),
];

/** Runs the command and ends the process with its exit code. */
export const plotMain = async (argv: readonly string[]): Promise<never> => {
  const verbose = argv.includes('--verbose');
  const out = openConsole(argv.includes('--json'));
  if (argv.includes('--help')) {
    out.text(PLOT_HELP);
    return end();
  }
  const source = optionIn(argv, 'task');
  const result = await pipe(
    source === null ? TE.right<CliError, GivenTask | null>(null) : loadTask(source),
    TE.chainEitherK((task) => readPlotArguments(argv, sizesOf(task))),
    TE.chain((given) => plotCommand(given, source, out)),
  )().catch((error: unknown) =>
    E.left(failure(verbose ? ((error as Error).stack ?? String(error)) : `unexpected: ${String(error)}; --verbose shows where`)),
  );
  if (E.isLeft(result)) {
    process.stderr.write(`${verbose ? result.left.message : oneLine(result.left.message)}\n`);
    process.exitCode = result.left.code;
  }
  return end();
};
