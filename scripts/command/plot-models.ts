/** `plot` of models: their answers, heads, memories and stages on one sequence. */
import { basename, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Safetensors } from '../../src/io/safetensors.js';
import { hasMemory } from '../../src/model/parts.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { type Cell, cellLabel, cellsOf, longest } from '../../src/tasks/cells.js';
import type { Task } from '../../src/tasks/definition.js';
import { taskNameIn } from '../../src/training/checkpoint.js';
import { optionOf } from '../../src/training/configuration.js';
import { loadTold } from './beginning.js';
import type { Console } from './console.js';
import { evaluationFault } from './demands.js';
import { modelOf, runOf } from './evaluate-command.js';
import { type CliError, usage } from './options.js';
import type { PlotArguments } from './plot-options.js';
import type { Files, Tools } from './plot-tools.js';
import { pickBackend } from './session.js';
import { type GivenTask, loadTask, taskFault } from './tasks.js';

/** The task that a model was trained on: the one named by --task, else the one that its file says. */
const taskFor = (path: string, file: Safetensors, source: string | null): TE.TaskEither<CliError, GivenTask> => {
  const name = taskNameIn(file);
  if (source !== null)
    return pipe(
      loadTask(source),
      TE.filterOrElse(
        (given) => taskFault(path, file, given, 'eval') === null,
        () => usage(`${path} was trained on the task ${name}, not on that of --task ${source}`),
      ),
    );
  if (name === null) return TE.left(usage(`${path} does not say its task: name it with --task`));
  return pipe(
    loadTask(name),
    TE.mapLeft(() => usage(`${path} was trained on a task of its own, ${name}: name its file with --task`)),
  );
};

/** The cells to draw: those that the task has drawn, or one with the sizes given. */
const cellsFor = ({ least, distribution, shown }: Task, sizes: PlotArguments['sizes']): E.Either<CliError, readonly Cell[]> => {
  if (Object.keys(sizes).length === 0) return E.right(shown.drawn);
  const lists = Object.fromEntries(Object.entries(sizes).map(([size, value]) => [size, [value]]));
  return pipe(
    cellsOf(longest(distribution), least, lists),
    E.mapLeft((fault) => usage(fault.replace(/^\w+/, optionOf))),
  );
};

/** The heads asked for as places in the order of their panels, writing ones first. */
const headsFor = (
  { readHeads, writeHeads }: ModelShape,
  given: PlotArguments['heads'],
): E.Either<CliError, readonly number[]> => {
  const places: number[] = [];
  for (const { kind, which } of given) {
    const [first, count] = kind === 'write' ? [0, writeHeads] : [writeHeads, readHeads];
    if (which !== null && which > count)
      return E.left(usage(`--head ${kind}${which}: the model has ${count} ${kind} head${count > 1 ? 's' : ''}`));
    places.push(...(which === null ? Array.from({ length: count }, (_, i) => first + i) : [first + which - 1]));
  }
  return E.right(places);
};

const stepFault = (task: Task, cell: Cell, step: number | undefined): CliError | null => {
  const steps = task.steps(cell);
  return step === undefined || step <= steps ? null : usage(`--step ${step}: the sequence has ${steps} steps`);
};

/** Draws the model of a file. */
export const drawModelFile = (
  { drawing, drawScene }: Tools,
  folder: string,
  path: string,
  source: string | null,
  given: PlotArguments,
  out: Console,
): Files =>
  pipe(
    loadTold(path, out),
    TE.bindTo('file'),
    TE.bind('task', ({ file }) => taskFor(path, file, source)),
    TE.bind('model', ({ file }) => TE.fromEither(modelOf(path, file, { settings: {} }))),
    TE.bind('run', ({ file, model, task }) =>
      TE.fromEither(runOf(path, file, model, task, { settings: { backend: given.backend } })),
    ),
    TE.bind('cells', ({ run }) => TE.fromEither(cellsFor(run.task, given.sizes))),
    TE.bind('heads', ({ model }) =>
      hasMemory(model.shape) || given.heads.length === 0
        ? TE.fromEither(headsFor(model.shape, given.heads))
        : TE.left(usage(`--head: the model of ${path} has no memory`)),
    ),
    TE.bind('choice', ({ run }) => pickBackend(run)),
    TE.chainFirst(({ model, run, cells, choice }) => {
      const fault =
        evaluationFault(model.shape, choice.backend, run.task, cells) ??
        cells.map((cell) => stepFault(run.task, cell, given.step)).find((each) => each !== null) ??
        null;
      return fault ? TE.left(fault) : TE.right(undefined);
    }),
    TE.chain(({ model, run, cells, heads, choice }) =>
      pipe(
        cells,
        TE.traverseSeqArray((cell) =>
          drawScene(
            drawing,
            choice.backend,
            run.task,
            model,
            join(folder, `${basename(path, '.safetensors')}-${cellLabel(cell, 'x')}`),
            {
              cell,
              ...(given.seed !== undefined && { seed: given.seed }),
              ...(given.step !== undefined && { step: given.step }),
              ...(heads.length > 0 && { heads }),
            },
          ),
        ),
        TE.map((drawn) => drawn.flatMap(({ files }) => files)),
      ),
    ),
  );
