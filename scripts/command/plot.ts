/** `plot`: figures from files alone, of runs and of models. */
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { proveWritable, readBytes } from '../../src/io/files.js';
import type { Safetensors } from '../../src/io/safetensors.js';
import { hasMemory } from '../../src/model/parts.js';
import type { ModelShape } from '../../src/model/shapes.js';
import type { Block } from '../../src/run/blocks.js';
import { METRICS, readBlocks } from '../../src/run/logs.js';
import { EVALUATION, readResult, type Result } from '../../src/run/results.js';
import { type Cell, cellLabel, cellsOf, longest } from '../../src/tasks/cells.js';
import type { Task } from '../../src/tasks/definition.js';
import { builtIn } from '../../src/tasks/index.js';
import { taskNameIn } from '../../src/training/checkpoint.js';
import { optionOf } from '../../src/training/configuration.js';
import { fromIo, loadTold } from './beginning.js';
import { type Console, oneLine, openConsole } from './console.js';
import { evaluationFault } from './demands.js';
import { end } from './end.js';
import { modelOf, runOf } from './evaluate-command.js';
import { type CliError, failure, optionIn, usage } from './options.js';
import type * as pictures from './pictures.js';
import { PLOT_HELP, type PlotArguments, readPlotArguments } from './plot-options.js';
import { pickBackend } from './session.js';
import { type GivenTask, loadTask, taskFault } from './tasks.js';

type Pictures = typeof pictures;

/** What draws: loaded once the command is known to make sense. */
interface Tools extends Pictures {
  readonly drawing: Awaited<ReturnType<Pictures['openDrawing']>>;
}

type Files = TE.TaskEither<CliError, readonly string[]>;

// ---------------------------------------------------------------- runs

/** What a run's folder holds. */
interface RunFolder {
  readonly path: string;
  readonly blocks: readonly Block[];
  readonly results: readonly Result[];
}

/** The lines of a file that are whole; none where there is no file. */
const linesIn = (path: string): TE.TaskEither<CliError, readonly string[]> => async () => {
  if (!(await stat(path).catch(() => null))) return E.right([]);
  return pipe(await readBytes(path)(), E.bimap(fromIo, (bytes) => new TextDecoder().decode(bytes).split('\n')));
};

const readRun = (path: string): TE.TaskEither<CliError, RunFolder> =>
  pipe(
    TE.Do,
    TE.bind('blocks', () => pipe(readBlocks(join(path, METRICS)), TE.mapLeft(fromIo))),
    TE.bind('results', () => pipe(linesIn(join(path, EVALUATION)), TE.map((lines) => lines.map(readResult).filter((result) => result !== null)))),
    TE.filterOrElse(
      ({ blocks, results }) => blocks.length + results.length > 0,
      () => failure(`${path}: no whole line of ${METRICS} or ${EVALUATION} in it: name a run's folder (runs/…) once it has trained for 100 iterations, or a model (.safetensors)`),
    ),
    TE.map((found) => ({ path, ...found })),
  );

/** Results of one kind of cell: of others only those of the first's task. */
const alike = (results: readonly Result[]): readonly Result[] => results.filter(({ task, cell }) => task === results[0]!.task && Object.keys(cell).join() === Object.keys(results[0]!.cell).join());

const drawRuns = ({ drawing, saveFigure, learningOf, lengthsOf }: Tools, folder: string, runs: readonly RunFolder[]): Files => {
  const trained = runs.filter(({ blocks }) => blocks.length > 0);
  const evaluated = runs.filter(({ results }) => results.length > 0);
  return pipe(
    trained.length === 0 ? TE.right([]) : saveFigure(drawing, join(folder, 'learning'), learningOf(drawing, trained.map(({ blocks }) => blocks))),
    TE.chain((curves) =>
      pipe(
        evaluated,
        TE.traverseSeqArray(({ path, results }) => saveFigure(drawing, join(folder, evaluated.length === 1 ? 'wrong-bits' : `wrong-bits-${basename(path)}`), lengthsOf(drawing, alike(results)))),
        TE.map((lengths) => [...curves, ...lengths.flat()]),
      ),
    ),
  );
};

// ---------------------------------------------------------------- models

/** The task that a model was trained on: the one named by --task, else the one that its file says. */
const taskFor = (path: string, file: Safetensors, source: string | null): TE.TaskEither<CliError, GivenTask> => {
  const name = taskNameIn(file);
  if (source !== null) return pipe(loadTask(source), TE.filterOrElse((given) => taskFault(path, file, given, 'eval') === null, () => usage(`${path} was trained on the task ${name}, not on that of --task ${source}`)));
  if (name === null) return TE.left(usage(`${path} does not say its task: name it with --task`));
  return pipe(loadTask(name), TE.mapLeft(() => usage(`${path} was trained on a task of its own, ${name}: name its file with --task`)));
};

/** The cells to draw: those that the task has drawn, or one with the sizes given. */
const cellsFor = ({ least, distribution, shown }: Task, sizes: PlotArguments['sizes']): E.Either<CliError, readonly Cell[]> => {
  if (Object.keys(sizes).length === 0) return E.right(shown.drawn);
  const lists = Object.fromEntries(Object.entries(sizes).map(([size, value]) => [size, [value]]));
  return pipe(cellsOf(longest(distribution), least, lists), E.mapLeft((fault) => usage(fault.replace(/^\w+/, optionOf))));
};

/** The heads asked for as places in the order of their panels, writing ones first. */
const headsFor = ({ readHeads, writeHeads }: ModelShape, given: PlotArguments['heads']): E.Either<CliError, readonly number[]> => {
  const places: number[] = [];
  for (const { kind, which } of given) {
    const [first, count] = kind === 'write' ? [0, writeHeads] : [writeHeads, readHeads];
    if (which !== null && which > count) return E.left(usage(`--head ${kind}${which}: the model has ${count} ${kind} head${count > 1 ? 's' : ''}`));
    places.push(...(which === null ? Array.from({ length: count }, (_, i) => first + i) : [first + which - 1]));
  }
  return E.right(places);
};

const stepFault = (task: Task, cell: Cell, step: number | undefined): CliError | null => {
  const steps = task.steps(cell);
  return step === undefined || step <= steps ? null : usage(`--step ${step}: the sequence has ${steps} steps`);
};

const drawModelFile = ({ drawing, drawScene }: Tools, folder: string, path: string, source: string | null, given: PlotArguments, out: Console): Files =>
  pipe(
    loadTold(path, out),
    TE.bindTo('file'),
    TE.bind('task', ({ file }) => taskFor(path, file, source)),
    TE.bind('model', ({ file }) => TE.fromEither(modelOf(path, file, { settings: {} }))),
    TE.bind('run', ({ file, model, task }) => TE.fromEither(runOf(path, file, model, task, { settings: { backend: given.backend } }))),
    TE.bind('cells', ({ run }) => TE.fromEither(cellsFor(run.task, given.sizes))),
    TE.bind('heads', ({ model }) => (hasMemory(model.shape) || given.heads.length === 0 ? TE.fromEither(headsFor(model.shape, given.heads)) : TE.left(usage(`--head: the model of ${path} has no memory`)))),
    TE.bind('choice', ({ run }) => pickBackend(run)),
    TE.chainFirst(({ model, run, cells, choice }) => {
      const fault = evaluationFault(model.shape, choice.backend, run.task, cells) ?? cells.map((cell) => stepFault(run.task, cell, given.step)).find((each) => each !== null) ?? null;
      return fault ? TE.left(fault) : TE.right(undefined);
    }),
    TE.chain(({ model, run, cells, heads, choice }) =>
      pipe(
        cells,
        TE.traverseSeqArray((cell) =>
          drawScene(drawing, choice.backend, run.task, model, join(folder, `${basename(path, '.safetensors')}-${cellLabel(cell, 'x')}`), {
            cell,
            ...(given.seed !== undefined && { seed: given.seed }),
            ...(given.step !== undefined && { step: given.step }),
            ...(heads.length > 0 && { heads }),
          }),
        ),
        TE.map((drawn) => drawn.flatMap(({ files }) => files)),
      ),
    ),
  );

// ---------------------------------------------------------------- the command

const isFolder = (path: string): TE.TaskEither<CliError, boolean> => async () => {
  const found = await stat(path).catch(() => null);
  return found ? E.right(found.isDirectory()) : E.left(usage(`${path}: no such file or folder: name a run's folder (runs/…) or a model (.safetensors)`));
};

const stamp = (date: Date): string => date.toISOString().slice(0, 19).replace(/[:T]/g, '-');

const plotCommand = (given: PlotArguments, source: string | null, out: Console): TE.TaskEither<CliError, void> =>
  pipe(
    given.runs,
    TE.traverseSeqArray((path) => pipe(isFolder(path), TE.map((folder) => ({ path, folder })))),
    TE.bindTo('named'),
    TE.bind('runs', ({ named }) => pipe(named.filter(({ folder }) => folder), TE.traverseSeqArray(({ path }) => readRun(path)))),
    TE.let('into', ({ named }) => given.out ?? (named.length === 1 && named[0]!.folder ? named[0]!.path : join('runs', `plot-${stamp(new Date())}`))),
    TE.bind('tools', () => TE.fromTask(async (): Promise<Tools> => {
      const loaded = await import('./pictures.js');
      return { ...loaded, drawing: await loaded.openDrawing(given) };
    })),
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
const sizesOf = (given: GivenTask | null): readonly string[] => [...new Set([...Object.values(builtIn), ...(given ? [given.task] : [])].flatMap(({ least }) => Object.keys(least)))];

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
  )().catch((error: unknown) => E.left(failure(verbose ? ((error as Error).stack ?? String(error)) : `unexpected: ${String(error)}; --verbose shows where`)));
  if (E.isLeft(result)) {
    process.stderr.write(`${verbose ? result.left.message : oneLine(result.left.message)}\n`);
    process.exitCode = result.left.code;
  }
  return end();
};
