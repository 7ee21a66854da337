/** Where training begins: fresh, from a file's weights, or where a run stopped. */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { isSealed } from '../../src/io/checksum.js';
import type { IoError } from '../../src/io/errors.js';
import { loadTensors, readBytes } from '../../src/io/files.js';
import { asRecord, decodeUtf8, parseStrictly } from '../../src/io/json.js';
import type { Safetensors } from '../../src/io/safetensors.js';
import { hasMemory } from '../../src/model/parts.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { type Checkpoint, decodeCheckpoint, decodeModel } from '../../src/training/checkpoint.js';
import { type Configured, configure, type Key, optionOf, shapeOf } from '../../src/training/configuration.js';
import { architectureOf, freshRun, runFrom } from '../../src/training/start.js';
import type { Console } from './console.js';
import { type Arguments, type CliError, failure, usage } from './options.js';
import { type GivenTask, otherTask, taskFault } from './tasks.js';

export const fromIo = ({ message }: IoError): CliError => failure(message);

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
  readonly configured: Configured;
  readonly checkpoint: () => Checkpoint;
}

/** Settings that may differ from the checkpoint's when a run is resumed: none of them changes its numbers. */
const RESUMABLE: readonly Key[] = ['iterations', 'untilSolved', 'backend', 'workers'];

const resumeFrom = (given: GivenTask, path: string, settings: Arguments['settings'], out: Console): TE.TaskEither<CliError, Checkpoint> =>
  pipe(
    loadTold(path, out),
    TE.chainFirst((file) => {
      const fault = taskFault(path, file, given, 'train');
      return fault === null ? TE.right(undefined) : TE.left(usage(fault));
    }),
    TE.chainEitherK((file) => pipe(decodeCheckpoint(file, given.task), E.mapLeft((fault) => failure(`${path}: ${fault}`)))),
    TE.chainEitherK((checkpoint): E.Either<CliError, Checkpoint> => {
      const { configuration, task } = checkpoint;
      const saved: Readonly<Record<string, unknown>> = { ...task.settings, ...configuration };
      const fixed = Object.keys(settings).find((key) => !(RESUMABLE as readonly string[]).includes(key) && settings[key] !== saved[key]);
      if (fixed) return E.left(usage(`${optionOf(fixed)} ${String(settings[fixed])} cannot change on --resume: ${path} was trained with ${String(saved[fixed])}`));
      return pipe(
        configure(task, { ...configuration, ...settings }),
        E.mapLeft(({ message }) => usage(message)),
        E.filterOrElse(
          ({ configuration: { iterations } }) => iterations >= checkpoint.state.step || settings.iterations === undefined,
          ({ configuration: { iterations } }) => usage(`--iterations ${iterations} is below the ${checkpoint.state.step} that ${path} has done: give at least that many`),
        ),
        E.map((configured) => ({ ...checkpoint, ...configured })),
      );
    }),
  );

/** `lstm, hidden 100, memory 128x20`, and heads where there are others than one of each kind. */
export const describeModel = (shape: ModelShape): string => {
  const { controller, layers, hidden, slots, width, readHeads, writeHeads } = shape;
  const heads = readHeads === 1 && writeHeads === 1 ? '' : `, ${readHeads} reading and ${writeHeads} writing heads`;
  return `${controller}, hidden ${layers > 1 ? `${layers} × ` : ''}${hidden}, ${hasMemory(shape) ? `memory ${slots}x${width}${heads}` : 'no memory'}`;
};

/** What weights of the shape fix: a memory that is drawn may be learned from there, and how writing heads address is the file's to say. */
const fixedBy = (shape: ModelShape): Readonly<Record<string, unknown>> => {
  const architecture = architectureOf(shape);
  return { inputs: shape.inputs, outputs: shape.outputs, ...architecture, ...(architecture.memoryInit === 'learned' && { memoryInit: 'random' }), legacyWriteAddressing: null };
};

const startFromWeights = (run: Configured, path: string, out: Console): TE.TaskEither<CliError, Beginning> =>
  pipe(
    loadTold(path, out),
    TE.chainEitherK((file) => pipe(decodeModel(file, run.configuration.legacyWriteAddressing || undefined), E.mapLeft((fault) => failure(`${path}: ${fault}`)))),
    TE.chainEitherK(({ shape, parameters }): E.Either<CliError, Beginning> => {
      const wanted = shapeOf(run);
      const [held, asked] = [fixedBy(shape), fixedBy(wanted)];
      const other = Object.keys({ ...held, ...asked }).find((size) => held[size] !== asked[size]) as keyof ModelShape | undefined;
      if (other) {
        const described = (each: ModelShape): string => `${describeModel(each)} with ${each.inputs} inputs`;
        return E.left(usage(`--init-from ${path} holds ${described(shape)}, the settings ask for ${described(wanted)} (${other} ${shape[other]}, ${wanted[other]}): give the options that match the file`));
      }
      const configured = { ...run, configuration: { ...run.configuration, legacyWriteAddressing: shape.legacyWriteAddressing } };
      return E.right({ configured, checkpoint: () => runFrom(configured, parameters) });
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
export const settingsFor = ({ task, source }: GivenTask, given: Pick<Arguments, 'config' | 'settings'>): TE.TaskEither<CliError, Configured> =>
  pipe(
    readJson(given.config),
    TE.filterOrElse(
      (file) => typeof file.task !== 'string' || file.task === source || file.task === task.name,
      (file) => usage(`--config ${given.config}: its settings are of ${otherTask(String(file.task), 'train')}`),
    ),
    TE.chainEitherK((file) => pipe(configure(task, { ...file, ...(file.task === undefined && { task: source }), ...given.settings }), E.mapLeft(({ message }) => usage(message)))),
  );

/** Where the arguments say that training begins. */
export const beginning = (task: GivenTask, given: Arguments, model: string, out: Console): TE.TaskEither<CliError, Beginning> => {
  if (given.resume) {
    return pipe(
      resumeFrom(task, model, given.settings, out),
      TE.map((checkpoint) => ({ configured: checkpoint, checkpoint: () => checkpoint })),
    );
  }
  return pipe(
    settingsFor(task, given),
    TE.chain((configured) => (given.initFrom === null ? TE.right({ configured, checkpoint: () => freshRun(configured) }) : startFromWeights(configured, given.initFrom, out))),
  );
};
