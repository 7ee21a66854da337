/** The two training commands: what their arguments ask for, done, and the exit code. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { proveWritable, removeEmpty, removeTemporaries } from '../../src/io/files.js';
import type { Model } from '../../src/model/inspect.js';
import { decodeModel, fileConfiguration } from '../../src/training/checkpoint.js';
import { type Configuration, configure, type Key, optionOf, rangeOf, taskOf } from '../../src/training/configuration.js';
import type { Interruption } from '../run/interruption.js';
import { fromIo, loadTold, scriptOf, shortName } from './beginning.js';
import { type Console, oneLine, openConsole } from './console.js';
import { evaluationFault } from './demands.js';
import { end, endWhenAsked } from './end.js';
import { cellsOf, evaluateModel, legacyHint, sayWhatFits } from './evaluate.js';
import { type Arguments, type CliError, failure, helpText, readArguments, usage } from './options.js';
import { drawModel, PICTURE_CELLS } from './pictures.js';
import { pickBackend } from './session.js';
import { trainCommand } from './train.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const stamp = (date: Date): string => date.toISOString().slice(0, 19).replace(/[:T]/g, '-');

/** The model to evaluate: the one named, else one's own, else the one shipped with the library. */
const modelToEvaluate = (task: Configuration['task'], given: Arguments, out: Console): E.Either<CliError, string> => {
  if (given.model !== null) return E.right(given.model);
  const suffix = given.settings.controller === 'feed-forward' ? '-feed-forward' : '';
  const own = join('models', `${shortName(task)}.safetensors`);
  const shipped = join(ROOT, 'trained-models', `${shortName(task)}${suffix}.safetensors`);
  if (suffix === '' && existsSync(own)) return E.right(own);
  if (!existsSync(shipped)) return E.left(usage('no model to evaluate: name one with --model, or train one first'));
  out.say(`no model of your own in ${own}: evaluating the shipped ${shipped}`);
  return E.right(shipped);
};

interface Loaded {
  readonly model: Model;
  readonly configuration: Configuration | null;
}

/** What is a model's own, and no option can change. */
const FIXED = ['controller', 'hidden', 'slots', 'width'] as const;

/** Settings that an evaluation heeds; of the others it says that it does not. */
const HEEDED: readonly Key[] = [...FIXED, 'bits', 'countEncoding', 'legacyWriteAddressing', 'backend'];

const sayUnheeded = (out: Console, { settings }: Arguments): void => {
  const unheeded = (Object.keys(settings) as Key[]).filter((key) => !HEEDED.includes(key)).map(optionOf);
  if (unheeded.length > 0) out.say(`${unheeded.join(', ')}: of no meaning with --eval, which trains nothing`);
};

const loadModel = (path: string, given: Arguments, out: Console): TE.TaskEither<CliError, Loaded> =>
  pipe(
    loadTold(path, out),
    TE.chainEitherK((file) =>
      pipe(
        E.Do,
        E.bind('configuration', () => fileConfiguration(file)),
        E.bind('model', () => decodeModel(file, given.settings.legacyWriteAddressing as boolean | undefined)),
        E.map(({ configuration, model }): Loaded => ({ configuration, model })),
        E.mapLeft((fault) => failure(`${path}: ${fault}`)),
      ),
    ),
    TE.chainEitherK((loaded: Loaded): E.Either<CliError, Loaded> => {
      const { shape } = loaded.model;
      const wrong = FIXED.find((key) => given.settings[key] !== undefined && given.settings[key] !== shape[key]);
      return wrong ? E.left(usage(`${path} holds a model of ${wrong} ${String(shape[wrong])}, ${wrong === 'slots' || wrong === 'width' ? '--memory' : optionOf(wrong)} asks for ${String(given.settings[wrong])}: leave that out`)) : E.right(loaded);
    }),
  );

/** The settings of a model whose file says none: those that its shapes tell. */
const configurationOf = (task: Configuration['task'], { shape }: Model, stored: Configuration | null, given: Arguments): E.Either<CliError, Configuration> => {
  if (stored && stored.task !== task) return E.left(usage(`these weights were trained on the ${stored.task} task; use ${scriptOf(stored.task)}`));
  const bits = shape.outputs - (task === 'copy' ? 0 : 1);
  if (given.settings.bits !== undefined && given.settings.bits !== bits) return E.left(usage(`the model is of ${bits} bits, --bits asks for ${String(given.settings.bits)}: leave that out`));
  if (bits < 1 || shape.inputs !== shape.outputs + 1) return E.left(usage(`a model of ${shape.inputs} inputs and ${shape.outputs} outputs does not fit the ${task} task`));
  const { controller, hidden, slots, width, legacyWriteAddressing } = shape;
  const base = stored ?? {};
  return pipe(
    configure(task, { ...base, controller, hidden, slots, width, legacyWriteAddressing, bits, backend: given.settings.backend ?? 'auto', ...(given.settings.countEncoding ? { countEncoding: given.settings.countEncoding } : {}) }),
    E.mapLeft(({ message }) => usage(message)),
  );
};

const evaluateCommand = (task: Configuration['task'], given: Arguments, out: Console, folder: string): TE.TaskEither<CliError, void> => {
  let made: readonly string[] = [];
  const work = pipe(
    TE.fromEither(modelToEvaluate(task, given, out)),
    TE.bindTo('path'),
    TE.bind('loaded', ({ path }) => loadModel(path, given, out)),
    TE.bind('c', ({ loaded }) => TE.fromEither(configurationOf(task, loaded.model, loaded.configuration, given))),
    TE.bind('choice', ({ c }) => pickBackend(c)),
    TE.chainFirst(({ loaded: { model }, c, choice }) => {
      const fault = evaluationFault(model.shape, choice.backend, taskOf(c), [...cellsOf(taskOf(c), given), ...PICTURE_CELLS[c.task]]);
      return fault ? TE.left(fault) : TE.right(undefined);
    }),
    TE.chainFirst(() => pipe(proveWritable(folder), TE.bimap(fromIo, (folders) => void (made = folders)))),
    TE.chainFirst(() => TE.fromTask(() => removeTemporaries(folder))),
    TE.chain(({ path, loaded: { model }, c, choice }) => {
      const t = taskOf(c);
      const { shape } = model;
      out.say(`${path}: ${shape.controller}, hidden ${shape.hidden}, memory ${shape.slots}x${shape.width}, ${c.bits} bits${shape.legacyWriteAddressing ? ', legacy write addressing' : ''}`);
      out.say(`backend: ${choice.backend} on ${choice.renderer} (${choice.reason})`);
      sayUnheeded(out, given);
      sayWhatFits(out, shape, cellsOf(t, given));
      return pipe(
        evaluateModel(out, choice.backend, t, rangeOf(c), model, cellsOf(t, given), given.sequences),
        TE.chainFirst((results) =>
          pipe(
            legacyHint(choice.backend, t, rangeOf(c), model, results),
            TE.map((hint) => hint && out.say(hint)),
          ),
        ),
        TE.chain(() => drawModel(out, choice.backend, t, rangeOf(c), model, folder)),
      );
    }),
  );
  return async () => {
    const result = await work();
    await removeEmpty(made);
    return result;
  };
};

/** Runs a training command and ends the process with its exit code. */
export const main = async (task: Configuration['task'], script: string, argv: readonly string[], interruption: Interruption): Promise<never> => {
  const parsed = readArguments(argv);
  const json = E.isRight(parsed) && parsed.right.json;
  const out = openConsole(json);
  const run = (given: Arguments): TE.TaskEither<CliError, void> => {
    if (given.help) {
      out.text(helpText(script, task));
      return TE.right(undefined);
    }
    const folder = given.out ?? join('runs', `${shortName(task)}-${stamp(new Date())}`);
    if (given.evaluateOnly) {
      endWhenAsked(out, interruption, 'interrupted');
      return evaluateCommand(task, given, out, folder);
    }
    const model = given.model ?? join('models', `${shortName(task)}.safetensors`);
    return trainCommand({ task, given, out, paths: { model, out: folder }, script, interruption });
  };
  const unexpected = (error: unknown): CliError => failure(E.isRight(parsed) && parsed.right.verbose ? ((error as Error).stack ?? String(error)) : `unexpected: ${String(error)}; --verbose shows where`);
  const result = await pipe(TE.fromEither(parsed), TE.chain(run))().catch((error: unknown) => E.left(unexpected(error)));
  const verbose = E.isRight(parsed) && parsed.right.verbose;
  if (E.isLeft(result)) {
    const { code, message } = result.left;
    const stream = json || code < 100 ? process.stderr : process.stdout;
    if (stream.writable) stream.write(`${verbose ? message : oneLine(message)}\n`);
    process.exitCode = code;
  } else if (out.fault() !== null) {
    if (process.stderr.writable) process.stderr.write(`${oneLine(out.fault()!)}\n`);
    process.exitCode = 1;
  }
  return end();
};
