/**
 * A checkpoint as named tensors and metadata: the weights under PyTorch's names, the optimiser's state
 * under `optimizer/…`, the configuration and the training state as JSON. Resuming is exact.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { seal } from '../io/checksum.js';
import { asRecord, parseStrictly } from '../io/json.js';
import { constantMemory, inspectModel, type Model, type NamedArrays, readParameters } from '../model/inspect.js';
import { hasMemory } from '../model/parts.js';
import type { ModelShape } from '../model/shapes.js';
import { unpackParameters } from '../model/state-dict.js';
import type { Task } from '../tasks/definition.js';
import { taskNamed } from '../tasks/index.js';
import { type Configured, configure, shapeOf } from './configuration.js';
import { type Arrays, stateNames } from './learner.js';
import { decodeState } from './state.js';
import type { TrainingState } from './trainer.js';

export interface TensorFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: NamedArrays;
}

/** What the numbers of a run depend on beside its configuration. */
export interface RanOn {
  readonly threads: number;
  readonly backend: string;
}

export interface Checkpoint extends Configured {
  readonly state: TrainingState;
  /** `parameters` and the optimiser's state (src/training/learner.ts). */
  readonly arrays: Arrays;
  /** Missing in files of earlier versions. */
  readonly ranOn?: RanOn;
}

/** The file's weights are the averages; the parameters that training goes on from stand beside the optimiser's state. */
const PREFIXES: Readonly<Record<string, string>> = { averages: '', parameters: 'optimizer/parameters/', 'square average': 'optimizer/square_average/', momentum: 'optimizer/momentum/', mean: 'optimizer/mean/' };

const unsealedModel = ({ shape, parameters }: Model, metadata: Readonly<Record<string, string>>): TensorFile => ({
  metadata: { format: 'pt', legacy_write_addressing: String(shape.legacyWriteAddressing), memory_init: shape.memoryInit, ...metadata },
  tensors: new Map([...unpackParameters(shape, parameters), ...(hasMemory(shape) && shape.memoryInit === 'constant' ? ([['memory.initial_state', constantMemory(shape)]] as const) : [])]),
});

/** The weights alone, as PyTorch's state dict, with a checksum. */
export const encodeModel = (model: Model, metadata: Readonly<Record<string, string>> = {}): TensorFile => seal(unsealedModel(model, metadata));

/** The model, the optimiser’s state and all else that a run goes on from, with a checksum. */
export const encodeCheckpoint = ({ configuration, task, state, arrays, ranOn }: Checkpoint): TensorFile => {
  const shape = shapeOf({ configuration, task });
  const run = { task: task.name, configuration: JSON.stringify(configuration), state: JSON.stringify(state), ...(ranOn && { ran_on: JSON.stringify(ranOn) }) };
  const { metadata, tensors } = unsealedModel({ shape, parameters: arrays.averages! }, run);
  const optimiser = stateNames(configuration.optimizer).flatMap((name) => [...unpackParameters(shape, arrays[name]!)].map(([tensor, array]) => [PREFIXES[name]! + tensor, array] as const));
  return seal({ metadata, tensors: new Map([...tensors, ...optimiser]) });
};

const parseJson = (text: string): E.Either<string, unknown> => pipe(parseStrictly(text), E.mapLeft((fault) => `its metadata is ${fault}`));

const readRanOn = ({ metadata }: TensorFile): E.Either<string, { readonly ranOn?: RanOn }> => {
  if (metadata.ran_on === undefined) return E.right({});
  return pipe(
    parseJson(metadata.ran_on),
    E.chain((json): E.Either<string, { readonly ranOn: RanOn }> => {
      const { threads, backend } = asRecord(json) ?? {};
      return Number.isSafeInteger(threads) && (threads as number) >= 1 && typeof backend === 'string' ? E.right({ ranOn: { threads: threads as number, backend } }) : E.left('its ran_on wants a number of threads and a backend');
    }),
  );
};

/** Settings that files of earlier versions have, whether they mean anything to their task or not. */
const EARLIER: readonly string[] = ['minRepeats', 'maxRepeats', 'countEncoding'];

/** What versions did that had no such setting. */
const WITHOUT = { weightDecay: 0, initialStrength: 0, initialAdvance: 0, initialMatch: 0, targets: 'drawn' } as const;

const isPath = (name: string): boolean => /[/\\.]/.test(name);

/** The task that a file's configuration names, which must be given where it is not built in. */
const savedTask = (name: unknown, given: Task | undefined): E.Either<string, Task> => {
  if (typeof name !== 'string') return E.left(`--task wants a name or a file, got ${JSON.stringify(name) ?? 'nothing'}`);
  if (given) return E.right(given);
  return isPath(name) ? E.left(`its task is that of ${JSON.stringify(name)}, and is to be given`) : taskNamed(name);
};

/**
 * Settings out of JSON, of this version or an earlier one, and their task, which is `given` where it is not
 * built in or is known already. Those that are newer than the JSON have
 * the value that is as if they were not there, or the defaults of its task and preset.
 * Left: the first setting that is wrong.
 */
export const decodeConfiguration = (json: unknown, given?: Task): E.Either<string, Configured> => {
  const fields = asRecord(json) ?? {};
  return pipe(
    savedTask(fields.task, given),
    E.chain((task) => {
      const known = Object.entries(fields).filter(([key]) => Object.hasOwn(task.options, key) || !EARLIER.includes(key));
      return pipe(configure(task, { ...WITHOUT, ...Object.fromEntries(known) }), E.mapLeft(({ message }) => message));
    }),
  );
};

/** The name of the task that a file was trained on; null where it does not say. */
export const taskNameIn = ({ metadata }: TensorFile): string | null => metadata.task ?? null;

/** The configuration that a file of ours carries ({@link decodeConfiguration}); null where it carries none. */
export const fileConfiguration = ({ metadata }: TensorFile, given?: Task): E.Either<string, Configured | null> =>
  metadata.configuration === undefined
    ? E.right(null)
    : pipe(
        parseJson(metadata.configuration),
        E.chain((json) => pipe(decodeConfiguration(json, given), E.mapLeft((fault) => `its configuration: ${fault}`))),
      );

/** The model in any file of weights. `legacy` overrides what the file says of its write addressing. Left: the tensor that is missing or does not fit. */
export const decodeModel = (file: TensorFile, legacy?: boolean): E.Either<string, Model> => {
  const said = file.metadata.legacy_write_addressing ?? 'false';
  if (said !== 'true' && said !== 'false') return E.left(`its legacy_write_addressing wants true or false, got ${JSON.stringify(said.slice(0, 80))}`);
  return inspectModel(file.tensors, { legacyWriteAddressing: legacy ?? said === 'true', memoryInit: file.metadata.memory_init ?? 'constant' });
};

const readArray = (file: TensorFile, shape: ModelShape, name: string): E.Either<string, readonly [string, Float32Array]> =>
  pipe(
    readParameters(file.tensors, shape, PREFIXES[name]),
    E.map((values) => [name, values] as const),
  );

/** A file from which training can go on; its task as in {@link fileConfiguration}. Left: what the file lacks or has wrong. */
export const decodeCheckpoint = (file: TensorFile, given?: Task): E.Either<string, Checkpoint> =>
  pipe(
    E.Do,
    E.bind('configured', () =>
      pipe(
        fileConfiguration(file, given),
        E.chain(E.fromNullable('it holds weights but no training run; start from it with --init-from')),
      ),
    ),
    E.bind('state', () =>
      pipe(
        parseJson(file.metadata.state ?? 'null'),
        E.chain(decodeState),
      ),
    ),
    E.bind('arrays', ({ configured }) =>
      pipe(
        stateNames(configured.configuration.optimizer),
        E.traverseArray((name) => readArray(file, shapeOf(configured), name)),
        E.map((arrays): Arrays => Object.fromEntries(arrays)),
      ),
    ),
    E.bind('ran', () => readRanOn(file)),
    E.map(({ configured, state, arrays, ran }): Checkpoint => ({ ...configured, state, arrays, ...ran })),
  );
