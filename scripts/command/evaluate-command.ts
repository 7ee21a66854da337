/** `eval`: a model judged cell by cell, and drawn. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Backend } from '../../src/gpu/backends.js';
import { proveWritable, removeEmpty, removeTemporaries } from '../../src/io/files.js';
import type { Safetensors } from '../../src/io/safetensors.js';
import type { Model } from '../../src/model/inspect.js';
import { withSlots } from '../../src/model/slots.js';
import { fitTo, type Task } from '../../src/tasks/definition.js';
import { shortName } from '../../src/tasks/index.js';
import { decodeModel, fileConfiguration } from '../../src/training/checkpoint.js';
import { type Configured, configure, optionOf } from '../../src/training/configuration.js';
import { architectureOf } from '../../src/training/start.js';
import { describeModel, fromIo, loadTold } from './beginning.js';
import { ROOT } from './called.js';
import type { Console } from './console.js';
import { evaluationFault } from './demands.js';
import { cellsOf, evaluateModel, legacyHint, saveResults, sayWhatFits } from './evaluate.js';
import { type Arguments, type CliError, failure, usage } from './options.js';
import { pickBackend } from './session.js';
import { type GivenTask, taskFault } from './tasks.js';

/** The model to evaluate: the one named, else one's own, else the one shipped with the library. */
const modelToEvaluate = ({ task }: GivenTask, given: Arguments, out: Console): E.Either<CliError, string> => {
  if (given.model !== null) return E.right(given.model);
  const name = shortName(task);
  const { controller } = given.settings;
  const suffix = controller === 'feed-forward' && task.controller !== controller ? '-feed-forward' : '';
  const own = join('models', `${name}.safetensors`);
  const shipped = fileURLToPath(new URL(`trained-models/${name}${suffix}.safetensors`, ROOT));
  if (suffix === '' && existsSync(own)) return E.right(own);
  if (!existsSync(shipped)) return E.left(usage('no model to evaluate: name one with --model, or train one first'));
  out.say(`no model of your own in ${own}: evaluating the shipped ${shipped}`);
  return E.right(shipped);
};

const draw = (out: Console, backend: Backend, task: Task, model: Model, folder: string): TE.TaskEither<CliError, void> =>
  pipe(
    TE.fromTask(() => import('./pictures.js')),
    TE.chain(({ drawModel }) => drawModel(out, backend, task, model, folder)),
    TE.map(() => undefined),
  );

/** What is a model's own, and no option can change. Slots can be added. */
const FIXED = ['controller', 'hidden', 'layers', 'width', 'readHeads', 'writeHeads', 'taps'] as const;

/** Settings that an evaluation heeds beside the task's; of the others it says that it does not. */
const HEEDED: readonly string[] = [...FIXED, 'slots', 'legacyWriteAddressing', 'backend'];

const sayUnheeded = (out: Console, { options }: Task, { settings }: Arguments): void => {
  const unheeded = Object.keys(settings).filter((key) => !HEEDED.includes(key) && !Object.hasOwn(options, key)).map(optionOf);
  if (unheeded.length > 0) out.say(`${unheeded.join(', ')}: of no meaning with --eval, which trains nothing`);
};

/** The model of a file, with as many slots as are asked for. */
export const modelOf = (path: string, file: Safetensors, { settings }: Pick<Arguments, 'settings'>): E.Either<CliError, Model> =>
  pipe(
    decodeModel(file, settings.legacyWriteAddressing as boolean | undefined),
    E.mapLeft((fault) => failure(`${path}: ${fault}`)),
    E.chain((model): E.Either<CliError, Model> => {
      const wrong = FIXED.find((key) => settings[key] !== undefined && settings[key] !== model.shape[key]);
      if (wrong) {
        const option = wrong === 'width' ? '--memory' : optionOf(wrong);
        return E.left(usage(`${path} holds a model of ${wrong} ${String(model.shape[wrong])}, ${option} asks for ${String(settings[wrong])}: leave that out`));
      }
      const { slots } = settings;
      if (typeof slots !== 'number') return E.right(model);
      return pipe(withSlots(model, slots), E.mapLeft((fault) => usage(`--memory ${slots}x${String(settings.width)}: ${fault}`)));
    }),
  );

const namesGiven = ({ options }: Task, { settings }: Pick<Arguments, 'settings'>): readonly string[] => Object.keys(settings).filter((key) => Object.hasOwn(options, key));

/** The task that a model's file tells, with the options given; of weights alone, the one whose channels are theirs. */
export const runOf = (path: string, file: Safetensors, { shape }: Model, { task, source }: GivenTask, given: Pick<Arguments, 'settings'>): E.Either<CliError, Configured> => {
  const own = Object.fromEntries(namesGiven(task, given).map((key) => [key, given.settings[key]]));
  const architecture = { ...architectureOf(shape), backend: given.settings.backend ?? 'auto' };
  return pipe(
    fileConfiguration(file, task),
    E.mapLeft((fault) => failure(`${path}: ${fault}`)),
    E.chain((stored) =>
      pipe(
        configure(task, { task: source, ...stored?.configuration, ...architecture, ...own }),
        E.mapLeft(({ message }) => usage(message)),
        E.chain((run) =>
          pipe(
            fitTo(run.task, shape.inputs, shape.outputs),
            E.filterOrElse((fitting) => namesGiven(task, given).every((name) => fitting.settings[name] === run.task.settings[name]), () => `${path} is of ${shape.inputs} inputs and ${shape.outputs} outputs, for which the task's options ask otherwise: leave out ${namesGiven(task, given).map(optionOf).join(', ')}`),
            E.bimap((fault) => usage(fault), (fitting) => ({ configuration: { ...run.configuration, options: fitting.settings }, task: fitting })),
          ),
        ),
      ),
    ),
  );
};

export const evaluateCommand = (named: GivenTask, given: Arguments, out: Console, folder: string): TE.TaskEither<CliError, void> => {
  let made: readonly string[] = [];
  const work = pipe(
    TE.fromEither(modelToEvaluate(named, given, out)),
    TE.bindTo('path'),
    TE.bind('file', ({ path }) => loadTold(path, out)),
    TE.chainFirst(({ path, file }) => {
      const fault = taskFault(path, file, named, 'eval');
      return fault === null ? TE.right(undefined) : TE.left(usage(fault));
    }),
    TE.bind('model', ({ path, file }) => TE.fromEither(modelOf(path, file, given))),
    TE.bind('run', ({ path, file, model }) => TE.fromEither(runOf(path, file, model, named, given))),
    TE.bind('cells', ({ run }) => TE.fromEither(cellsOf(run.task, given))),
    TE.bind('choice', ({ run }) => pickBackend(run)),
    TE.chainFirst(({ model, run: { task }, cells, choice }) => {
      const fault = evaluationFault(model.shape, choice.backend, task, [...cells, ...task.shown.drawn]);
      return fault ? TE.left(fault) : TE.right(undefined);
    }),
    TE.chainFirst(() => pipe(proveWritable(folder), TE.bimap(fromIo, (folders) => void (made = folders)))),
    TE.chainFirst(() => TE.fromTask(() => removeTemporaries(folder))),
    TE.chain(({ path, model, run: { task }, cells, choice }) => {
      const { shape } = model;
      out.say(`${path}: ${task.name}, ${describeModel(shape)}${shape.legacyWriteAddressing ? ', legacy write addressing' : ''}`);
      out.say(`backend: ${choice.backend} on ${choice.renderer} (${choice.reason})`);
      sayUnheeded(out, task, given);
      sayWhatFits(out, shape, task, cells);
      return pipe(
        evaluateModel(out, choice.backend, task, model, cells, given.sequences),
        TE.chainFirst((results) =>
          pipe(
            legacyHint(choice.backend, task, model, results),
            TE.map((hint) => hint && out.say(hint)),
          ),
        ),
        TE.chain((results) => saveResults(folder, task, results)),
        TE.chain(() => (given.pictures ? draw(out, choice.backend, task, model, folder) : TE.right(undefined))),
      );
    }),
  );
  return async () => {
    const result = await work();
    await removeEmpty(made);
    return result;
  };
};
