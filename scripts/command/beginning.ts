/** Where training begins: fresh, from a file's weights, or where a run stopped. */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { isSealed } from '../../src/io/checksum.js';
import type { IoError } from '../../src/io/errors.js';
import { loadTensors, readBytes } from '../../src/io/files.js';
import { asRecord, decodeUtf8, parseStrictly } from '../../src/io/json.js';
import type { Safetensors } from '../../src/io/safetensors.js';
import { initialParameters } from '../../src/model/initialise.js';
import type { Model } from '../../src/model/inspect.js';
import { seededRng } from '../../src/random.js';
import { type Checkpoint, decodeCheckpoint, decodeModel } from '../../src/training/checkpoint.js';
import { type Configuration, configure, decodeConfiguration, type Key, optionOf, shapeOf } from '../../src/training/configuration.js';
import { startingState } from '../../src/training/learner.js';
import { initialState } from '../../src/training/trainer.js';
import type { Console } from './console.js';
import { type Arguments, type CliError, failure, usage } from './options.js';

export const fromIo = ({ message }: IoError): CliError => failure(message);

/** A task's name in paths. */
export const shortName = (task: Configuration['task']): string => (task === 'copy' ? 'copy' : 'repeat');

export const scriptOf = (task: Configuration['task']): string => `scripts/train-${shortName(task)}.ts`;

/** A file of weights; what was converted, or cannot be checked, is said. */
export const loadTold = (path: string, out: Console): TE.TaskEither<CliError, Safetensors> =>
  pipe(
    loadTensors(path),
    TE.bimap(fromIo, (file) => {
      if (file.converted) out.say(`${path}: converted from ${file.converted.join(' and ')}`);
      if (file.metadata.configuration !== undefined && !isSealed(file)) out.say(`${path}: of an earlier version, without a checksum: damage to its numbers would not be seen`);
      return file;
    }),
  );

/** Where training begins, before its arrays are made: they may not fit into memory. */
export interface Beginning {
  readonly configuration: Configuration;
  readonly checkpoint: () => Checkpoint;
}

/** Settings that may differ from the checkpoint's when a run is resumed: none of them changes its numbers. */
const RESUMABLE: readonly Key[] = ['iterations', 'untilSolved', 'backend', 'workers'];

const resumeFrom = (task: Configuration['task'], path: string, settings: Arguments['settings'], out: Console): TE.TaskEither<CliError, Checkpoint> =>
  pipe(
    loadTold(path, out),
    TE.chainEitherK((file) => pipe(decodeCheckpoint(file), E.mapLeft((fault) => failure(`${path}: ${fault}`)))),
    TE.chainEitherK((checkpoint): E.Either<CliError, Checkpoint> => {
      const saved = checkpoint.configuration;
      if (saved.task !== task) return E.left(usage(`${path} was trained on the ${saved.task} task: use ${scriptOf(saved.task)}`));
      const fixed = (Object.keys(settings) as Key[]).find((key) => !RESUMABLE.includes(key) && settings[key] !== saved[key]);
      if (fixed) return E.left(usage(`${optionOf(fixed)} ${String(settings[fixed])} cannot change on --resume: ${path} was trained with ${String(saved[fixed])}`));
      return pipe(
        decodeConfiguration({ ...saved, ...settings }),
        E.mapLeft(({ message }) => usage(message)),
        E.filterOrElse(({ iterations }) => iterations >= checkpoint.state.step || settings.iterations === undefined, ({ iterations }) => usage(`--iterations ${iterations} is below the ${checkpoint.state.step} that ${path} has done: give at least that many`)),
        E.map((configuration) => ({ ...checkpoint, configuration })),
      );
    }),
  );

const fresh = (configuration: Configuration): Checkpoint => {
  const [parameters, rng] = initialParameters(shapeOf(configuration), configuration.initialFocus)(seededRng(configuration.seed));
  return { configuration, state: initialState(rng, configuration), arrays: startingState(configuration.optimizer, parameters) };
};

export const describeModel = (shape: Configuration | Model['shape']): string => `${shape.controller}, hidden ${shape.hidden}, memory ${shape.slots}x${shape.width}`;

const startFromWeights = (configuration: Configuration, path: string, out: Console): TE.TaskEither<CliError, Beginning> =>
  pipe(
    loadTold(path, out),
    TE.chainEitherK((file) => pipe(decodeModel(file, configuration.legacyWriteAddressing || undefined), E.mapLeft((fault) => failure(`${path}: ${fault}`)))),
    TE.chainEitherK(({ shape, parameters }): E.Either<CliError, Beginning> => {
      const wanted = shapeOf(configuration);
      const same = shape.controller === wanted.controller && shape.hidden === wanted.hidden && shape.slots === wanted.slots && shape.width === wanted.width && shape.inputs === wanted.inputs && shape.outputs === wanted.outputs;
      if (!same) return E.left(usage(`--init-from ${path} holds ${describeModel(shape)} with ${shape.inputs} inputs, the settings ask for ${describeModel(configuration)} with ${wanted.inputs}: give the options that match the file`));
      const changed = { ...configuration, legacyWriteAddressing: shape.legacyWriteAddressing };
      return E.right({ configuration: changed, checkpoint: () => ({ ...fresh(changed), arrays: startingState(changed.optimizer, parameters) }) });
    }),
  );

/** Longest --config file. */
const MOST_SETTINGS_BYTES = 2 ** 20;

const readJson = (path: string | null): TE.TaskEither<CliError, Readonly<Record<string, unknown>>> =>
  path === null
    ? TE.right({})
    : pipe(
        readBytes(path, MOST_SETTINGS_BYTES),
        TE.mapLeft(({ message }) => usage(`--config ${message}`)),
        TE.chainEitherK((bytes) =>
          pipe(
            decodeUtf8(bytes),
            E.chain((text) => parseStrictly(text.replace(/^\ufeff/, ''))),
            E.chain((json) => E.fromNullable('not an object of settings')(asRecord(json))),
            E.mapLeft((fault) => usage(`--config ${path}: is ${fault}`)),
          ),
        ),
      );

/** The settings in force: preset, then --config, then the options. */
export const settingsFor = (task: Configuration['task'], given: Pick<Arguments, 'config' | 'settings'>): TE.TaskEither<CliError, Configuration> =>
  pipe(
    readJson(given.config),
    TE.filterOrElse(
      (file) => file.task === undefined || file.task === task || (file.task !== 'copy' && file.task !== 'repeat-copy'),
      (file) => usage(`--config ${given.config}: its settings are of the ${String(file.task)} task: use ${scriptOf(file.task as Configuration['task'])}`),
    ),
    TE.chainEitherK((file) => pipe(configure(task, { ...file, ...given.settings }), E.mapLeft(({ message }) => usage(message)))),
  );

/** Where the arguments say that training begins. */
export const beginning = (task: Configuration['task'], given: Arguments, model: string, out: Console): TE.TaskEither<CliError, Beginning> => {
  if (given.resume) {
    return pipe(
      resumeFrom(task, model, given.settings, out),
      TE.map((checkpoint) => ({ configuration: checkpoint.configuration, checkpoint: () => checkpoint })),
    );
  }
  return pipe(
    settingsFor(task, given),
    TE.chain((configuration) => (given.initFrom === null ? TE.right({ configuration, checkpoint: () => fresh(configuration) }) : startFromWeights(configuration, given.initFrom, out))),
  );
};
