/** The two training commands: what their arguments ask for, done, and the exit code. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { loadTensors, proveWritable } from '../../src/io/files.js';
import type { Model } from '../../src/model/inspect.js';
import { decodeModel, fileConfiguration } from '../../src/training/checkpoint.js';
import { type Configuration, configure, rangeOf, taskOf } from '../../src/training/configuration.js';
import { type Console, openConsole } from './console.js';
import { end } from './end.js';
import { cellsOf, evaluateModel, legacyHint } from './evaluate.js';
import { type Arguments, type CliError, failure, helpText, readArguments, usage } from './options.js';
import { drawModel } from './pictures.js';
import { pickBackend } from './session.js';
import { fromIo, trainCommand } from './train.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const shortName = (task: Configuration['task']): string => (task === 'copy' ? 'copy' : 'repeat');

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

const loadModel = (path: string, given: Arguments): TE.TaskEither<CliError, Loaded> =>
  pipe(
    loadTensors(path),
    TE.mapLeft(fromIo),
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
      const wanted = given.settings.controller;
      const { controller } = loaded.model.shape;
      return wanted === undefined || wanted === controller ? E.right(loaded) : E.left(usage(`${path} holds a ${controller} controller, --controller asks for ${String(wanted)}`));
    }),
  );

/** The settings of a model whose file says none: those that its shapes tell. */
const configurationOf = (task: Configuration['task'], { shape }: Model, stored: Configuration | null, given: Arguments): E.Either<CliError, Configuration> => {
  if (stored && stored.task !== task) return E.left(usage(`these weights were trained on the ${stored.task} task; use scripts/train-${shortName(stored.task)}.ts`));
  const bits = shape.outputs - (task === 'copy' ? 0 : 1);
  if (bits < 1 || shape.inputs !== shape.outputs + 1) return E.left(usage(`a model of ${shape.inputs} inputs and ${shape.outputs} outputs does not fit the ${task} task`));
  const { controller, hidden, slots, width, legacyWriteAddressing } = shape;
  const base = stored ?? {};
  return pipe(
    configure(task, { ...base, controller, hidden, slots, width, legacyWriteAddressing, bits, backend: given.settings.backend ?? 'auto', ...(given.settings.countEncoding ? { countEncoding: given.settings.countEncoding } : {}) }),
    E.mapLeft(({ message }) => usage(message)),
  );
};

const evaluateCommand = (task: Configuration['task'], given: Arguments, out: Console, folder: string): TE.TaskEither<CliError, void> =>
  pipe(
    TE.fromEither(modelToEvaluate(task, given, out)),
    TE.bindTo('path'),
    TE.bind('loaded', ({ path }) => loadModel(path, given)),
    TE.bind('c', ({ loaded }) => TE.fromEither(configurationOf(task, loaded.model, loaded.configuration, given))),
    TE.bind('choice', ({ c }) => pickBackend(c)),
    TE.chainFirst(() => pipe(proveWritable(folder), TE.mapLeft(fromIo))),
    TE.chain(({ path, loaded: { model }, c, choice }) => {
      const t = taskOf(c);
      const { shape } = model;
      out.say(`${path}: ${shape.controller}, hidden ${shape.hidden}, memory ${shape.slots}x${shape.width}, ${c.bits} bits${shape.legacyWriteAddressing ? ', legacy write addressing' : ''}`);
      out.say(`backend: ${choice.backend} on ${choice.renderer} (${choice.reason})`);
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

/** Runs a training command and ends the process with its exit code. */
export const main = async (task: Configuration['task'], script: string): Promise<never> => {
  const parsed = readArguments(process.argv.slice(2));
  const json = E.isRight(parsed) && parsed.right.json;
  const out = openConsole(json);
  const run = (given: Arguments): TE.TaskEither<CliError, void> => {
    if (given.help) {
      out.say(helpText(script, task));
      return TE.right(undefined);
    }
    const folder = given.out ?? join('runs', `${shortName(task)}-${stamp(new Date())}`);
    if (given.evaluateOnly) return evaluateCommand(task, given, out, folder);
    const model = given.model ?? join('models', `${shortName(task)}.safetensors`);
    return trainCommand(task, given, out, { model, out: folder }, script);
  };
  const result = await pipe(TE.fromEither(parsed), TE.chain(run))().catch((error: unknown) => E.left({ code: 1, message: E.isRight(parsed) && parsed.right.verbose ? (error as Error).stack ?? String(error) : `unexpected: ${String(error)}; --verbose shows where` } as CliError));
  if (E.isLeft(result)) {
    (json ? process.stderr : result.left.code === 130 ? process.stdout : process.stderr).write(`${result.left.message}\n`);
    process.exitCode = result.left.code;
  }
  return end();
};

