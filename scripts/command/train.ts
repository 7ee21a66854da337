/** `train`: from the settings to trained weights, saved, evaluated and drawn. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { evaluatorBatch } from '../../src/evaluation/machines.js';
import type { Choice } from '../../src/gpu/backends.js';
import { isSameFile, proveWritable, removeEmpty, removeTemporaries } from '../../src/io/files.js';
import type { Model } from '../../src/model/inspect.js';
import { threadsFor } from '../../src/node/learner.js';
import type { Checkpoint, RanOn } from '../../src/training/checkpoint.js';
import { type Configured, shapeOf } from '../../src/training/configuration.js';
import type { Task } from '../../src/tasks/definition.js';
import type { Trainer } from '../../src/training/trainer.js';
import { type Film, openFilm } from '../../src/run/film.js';
import { openGenerations } from '../../src/run/generations.js';
import type { Interruption } from '../run/interruption.js';
import { type Ended, liveRun, wasStopped } from '../run/life.js';
import { acquireLock, type Release } from '../../src/run/lock.js';
import { appendImages, METRICS, openLogs } from '../../src/run/logs.js';
import { openSaver } from '../../src/run/saver.js';
import { settingsIn } from '../../src/study/job.js';
import { exitCodeOf } from '../run/signals.js';
import { beginning, describeModel, fromIo } from './beginning.js';
import type { Console } from './console.js';
import { recorded } from './continue.js';
import { describeBytes, evaluationFault, trainingMemory } from './demands.js';
import { endWhenAsked } from './end.js';
import { cellsOf, evaluateModel, saveResults, sayWhatFits } from './evaluate.js';
import { type Arguments, type CliError, failure, usage } from './options.js';
import { openEvaluator, openLearner, pickBackend } from './session.js';
import type { GivenTask } from './tasks.js';

export interface Paths {
  readonly model: string;
  readonly out: string;
}

export interface TrainCommand {
  readonly task: GivenTask;
  readonly given: Arguments;
  readonly out: Console;
  readonly paths: Paths;
  /** What the command is called by, to say how to go on. */
  readonly calledBy: string;
  readonly interruption: Interruption;
}

/** Refuses a place for the model that is no file, or is one that the run reads. */
const checkPlace = ({ given, paths }: TrainCommand): TE.TaskEither<CliError, void> => async () => {
  const found = await stat(paths.model).catch(() => null);
  if (found?.isDirectory()) return E.left(usage(`--model ${paths.model} is a folder: name a file, for example ${join(paths.model, 'model.safetensors')}`));
  if (found && !found.isFile()) return E.left(usage(`--model ${paths.model} is a device, a pipe or a socket: name a file`));
  if (given.config !== null && (await isSameFile(given.config, paths.model))) return E.left(usage(`--model ${paths.model} is the file of --config, which it would overwrite: name another`));
  if (given.keep === 0 && given.initFrom !== null && (await isSameFile(given.initFrom, paths.model))) return E.left(usage(`--init-from ${given.initFrom} is --model, which with --keep 0 would be lost: name another --model`));
  return E.right(undefined);
};

/** Settings as words: the task's options one by one. */
const listOf = (settings: Readonly<Record<string, unknown>>): string => Object.entries(settings).map(([key, value]) => `${key} ${String(value)}`).join(', ');

const announce = (out: Console, begin: Checkpoint, { backend, renderer, reason }: Choice, memory: number): void => {
  const { configuration: c, task, ranOn } = begin;
  const { task: source, options, ...settings } = c;
  const threads = threadsFor(c, backend);
  out.title(`${task.name}: ${describeModel(shapeOf(begin))}; ${task.inputs} inputs, ${task.outputs} outputs`);
  out.say(`settings: ${listOf({ task: source, ...options, ...settings })}`);
  out.say(`backend: ${backend} on ${renderer} (${reason}); ${threads} thread${threads > 1 ? 's' : ''}; about ${describeBytes(memory)} of memory`);
  out.data({ event: 'settings', ...c, threads });
  if (ranOn && ranOn.backend !== backend) out.say(`the run was begun on ${ranOn.backend}: on ${backend} it goes on with other bits; --backend ${ranOn.backend} keeps them`);
  else if (ranOn && ranOn.threads !== threads) out.say(`the run was begun with ${ranOn.threads} thread${ranOn.threads > 1 ? 's' : ''}: with ${threads} it goes on with other bits; --workers ${ranOn.threads} keeps them`);
};

interface Trained {
  readonly ended: Ended;
  readonly model: Model;
  readonly film: Film | null;
}

/** Trains, with everything that a run leaves on the disk. */
const trainAndSave = ({ given, out, paths, interruption }: TrainCommand, begin: Checkpoint, choice: Choice): TE.TaskEither<CliError, Trained> => {
  const { configuration: c, task } = begin;
  const shape = shapeOf(begin);
  const [batch, steps] = evaluatorBatch(begin);
  const ranOn: RanOn = { threads: threadsFor(c, choice.backend), backend: choice.backend };
  return pipe(
    TE.Do,
    TE.apS('learner', openLearner(begin, choice.backend)),
    TE.apS('evaluator', openEvaluator(shape, choice.backend, steps, batch)),
    TE.chainFirst(({ learner, evaluator }) =>
      TE.tryCatch(
        async () => {
          await learner.restore(begin.arrays);
          await evaluator.set('parameters', await learner.averages());
        },
        (error) => failure(`the weights could not be set: ${String(error)}`),
      ),
    ),
    TE.bind('logs', () => pipe(openLogs(paths.out, given.resume ? begin.state.step : null, out.say), TE.mapLeft(fromIo))),
    TE.bind('generations', () => pipe(openGenerations({ path: paths.model, task, keep: given.keep, source: given.initFrom, resumed: given.resume, say: out.say }), TE.mapLeft(fromIo))),
    TE.bind('film', ({ learner }): TE.TaskEither<CliError, Film | null> => {
      const [cell] = task.shown.drawn;
      if (!given.gif || !cell) return TE.right(null);
      return pipe(openEvaluator(shape, choice.backend, task.steps(cell) + task.more, 1), TE.map((machine) => openFilm(machine, task, cell, learner, () => performance.now())));
    }),
    TE.bind('ended', ({ learner, evaluator, logs, generations, film }) => {
      const trainer: Trainer = { configuration: c, task, learner, evaluator };
      const saver = openSaver({ configuration: c, task, ranOn, learner, generations, paths });
      return liveRun({ out, trainer, start: begin.state, logs, saver, interruption, saveEvery: given.saveEvery, film });
    }),
    TE.bind('parameters', ({ learner }) => TE.tryCatch(() => learner.averages(), (error) => failure(String(error)))),
    TE.chainFirst(({ learner, evaluator, film }) => TE.tryCatch(async () => { for (const each of [learner, evaluator, film]) await each?.dispose(); }, (error) => failure(String(error)))),
    TE.map(({ ended, film, parameters }) => ({ ended, film, model: { shape, parameters } })),
  );
};

/** Says what was saved and how to go on; a run that did not reach its end goes no further. */
const conclude = ({ out, paths, calledBy, interruption }: TrainCommand, run: Configured, ended: Ended): E.Either<CliError, void> => {
  const { state, seconds, saved, fault } = ended;
  const resume = `go on with: ${calledBy} --resume --model ${saved ?? paths.model}`;
  if (saved !== null) out.say(`${state.step} iterations, ${state.sequences} sequences, ${seconds.toFixed(1)} s; saved ${saved}`);
  if (fault !== null) return E.left(failure(saved === null ? fault : `${fault}; the weights are saved in ${saved}; ${resume}`));
  const asked = interruption.asked();
  if (asked === null && !wasStopped(run, ended)) return E.right(undefined);
  const code = exitCodeOf(asked ?? 'SIGINT');
  if (state.step === 0) return E.left({ code, message: 'interrupted before the first step: there was nothing to save', untouched: true });
  return E.left({ code, message: saved === null ? `interrupted before the next step: nothing new to save; ${resume}` : `saved; ${resume}` });
};

/** Draws what was trained: curves, film and model, into files and TensorBoard's events. */
const drawTrained = ({ out, paths }: TrainCommand, { backend }: Choice, task: Task, { ended: { blocks, state }, model, film }: Trained): TE.TaskEither<CliError, void> =>
  pipe(
    TE.fromTask(() => import('./pictures.js')),
    TE.chain(({ drawFilm, drawModel, learningOf, openDrawing, saveFigure }) =>
      pipe(
        TE.fromTask(() => openDrawing()),
        TE.chain((drawing) => (blocks.length > 0 ? saveFigure(drawing, join(paths.out, 'loss'), learningOf(drawing, [blocks])) : TE.right([]))),
        TE.chain((files) => (film === null ? TE.right(files) : pipe(drawFilm(join(paths.out, 'learning.gif'), task, film), TE.map((file) => [...files, file])))),
        TE.chain((files) => drawModel(out, backend, task, model, paths.out, files)),
      ),
    ),
    TE.chain((images) => pipe(appendImages(paths.out, state.step, Date.now() / 1000, images), TE.mapLeft(fromIo))),
  );

/** The whole command. */
export const trainCommand = (command: TrainCommand): TE.TaskEither<CliError, void> => {
  const { task, given, out, paths, interruption } = command;
  const made: string[] = [];
  const prepare = (folder: string): TE.TaskEither<CliError, void> => pipe(proveWritable(folder), TE.bimap(fromIo, (folders) => void made.unshift(...folders)));
  const locks: Release[] = [];
  const lock = (path: string): TE.TaskEither<CliError, void> => pipe(acquireLock(path), TE.bimap(fromIo, (release) => void locks.push(release)));
  const work = pipe(
    checkPlace(command),
    // What is resumed may be about to be saved by a process that is ending: it is read once that has ended.
    TE.chain(() => (given.resume && existsSync(paths.model) ? lock(paths.model) : TE.right(undefined))),
    TE.chain(() => beginning(task, given, paths.model, out)),
    TE.bindTo('begin'),
    TE.bind('cells', ({ begin }) => TE.fromEither(cellsOf(begin.configured.task, given))),
    TE.bind('choice', ({ begin }) => pickBackend(begin.configured)),
    TE.bind('memory', ({ begin, choice }) => TE.fromEither(trainingMemory(begin.configured, choice.backend))),
    TE.chainFirst(({ begin: { configured }, cells, choice }) => {
      const fault = evaluationFault(shapeOf(configured), choice.backend, configured.task, [...cells, ...configured.task.shown.drawn]);
      return fault ? TE.left(fault) : TE.right(undefined);
    }),
    TE.chainFirst(() => prepare(dirname(paths.model))),
    TE.chainFirst(() => prepare(paths.out)),
    TE.chainFirst(() => (given.resume ? TE.right(undefined) : lock(paths.model))),
    TE.chainFirst(() => lock(join(paths.out, METRICS))),
    TE.chainFirst(() => TE.fromTask(async () => { for (const folder of [dirname(paths.model), paths.out]) await removeTemporaries(folder); })),
    TE.chain(({ begin, cells, choice, memory }) => {
      const checkpoint = begin.checkpoint();
      const t = checkpoint.task;
      announce(out, checkpoint, choice, memory);
      const work = pipe(
        trainAndSave(command, checkpoint, choice),
        TE.chainFirst(({ ended }) => TE.fromEither(conclude(command, checkpoint, ended))),
        TE.chain(({ ended, model, film }) => {
          endWhenAsked(out, interruption, `interrupted; the weights are saved in ${ended.saved ?? paths.model}`);
          out.title('evaluation');
          sayWhatFits(out, model.shape, t, cells);
          return pipe(
            evaluateModel(out, choice.backend, t, model, cells, given.sequences),
            TE.chain((results) => saveResults(paths.out, t, results)),
            TE.chain(() => (given.pictures ? drawTrained(command, choice, t, { ended, model, film }) : TE.right(undefined))),
            TE.bimap(({ code, message }) => ({ code, message: `${message}; the weights are saved in ${ended.saved ?? paths.model}` }), () => ended.state),
          );
        }),
      );
      return recorded(paths.out, settingsIn(checkpoint), interruption.asked() !== null, work);
    }),
  );
  return async () => {
    const result = await work();
    locks.forEach((release) => release());
    await removeEmpty(made);
    return result;
  };
};
