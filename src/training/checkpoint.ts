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
import { type Configuration, type ConfigurationError, configure, decodeConfiguration, shapeOf } from './configuration.js';
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

export interface Checkpoint {
  readonly configuration: Configuration;
  readonly state: TrainingState;
  /** `parameters` and the optimiser's state (src/training/learner.ts). */
  readonly arrays: Arrays;
  /** Missing in files of earlier versions. */
  readonly ranOn?: RanOn;
}

/** The file's weights are the averages; the parameters that training goes on from stand beside the optimiser's state. */
const PREFIXES: Readonly<Record<string, string>> = { averages: '', parameters: 'optimizer/parameters/', 'square average': 'optimizer/square_average/', momentum: 'optimizer/momentum/', mean: 'optimizer/mean/' };

/** The weights alone, as PyTorch's state dict, with a checksum. */
export const encodeModel = ({ shape, parameters }: Model, metadata: Readonly<Record<string, string>> = {}): TensorFile =>
  seal({
    metadata: { format: 'pt', legacy_write_addressing: String(shape.legacyWriteAddressing), memory_init: shape.memoryInit, ...metadata },
    tensors: new Map([...unpackParameters(shape, parameters), ...(hasMemory(shape) && shape.memoryInit === 'constant' ? ([['memory.initial_state', constantMemory(shape)]] as const) : [])]),
  });

export const encodeCheckpoint = ({ configuration, state, arrays, ranOn }: Checkpoint): TensorFile => {
  const shape = shapeOf(configuration);
  const run = { task: configuration.task, configuration: JSON.stringify(configuration), state: JSON.stringify(state), ...(ranOn && { ran_on: JSON.stringify(ranOn) }) };
  const { metadata, tensors } = encodeModel({ shape, parameters: arrays.averages! }, run);
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

/** Settings that are newer than the file have the defaults of its task and preset. */
const complete = (json: unknown): E.Either<ConfigurationError, Configuration> => {
  const given = typeof json === 'object' && json !== null ? (json as Readonly<Record<string, unknown>>) : {};
  return given.task === 'copy' || given.task === 'repeat-copy' ? configure(given.task, given) : decodeConfiguration(json);
};

/** The configuration that a file of ours carries; null where it carries none. */
export const fileConfiguration = ({ metadata }: TensorFile): E.Either<string, Configuration | null> =>
  metadata.configuration === undefined
    ? E.right(null)
    : pipe(
        parseJson(metadata.configuration),
        E.chain((json) => pipe(complete(json), E.mapLeft(({ message }) => `its configuration: ${message}`))),
      );

/** The model in any file of weights. `legacy` overrides what the file says of its write addressing. */
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

/** A file from which training can go on. */
export const decodeCheckpoint = (file: TensorFile): E.Either<string, Checkpoint> =>
  pipe(
    E.Do,
    E.bind('configuration', () => pipe(fileConfiguration(file), E.chain((c): E.Either<string, Configuration> => (c ? E.right(c) : E.left('it holds weights but no training run; start from it with --init-from'))))),
    E.bind('state', () =>
      pipe(
        parseJson(file.metadata.state ?? 'null'),
        E.chain(decodeState),
      ),
    ),
    E.bind('arrays', ({ configuration }) =>
      pipe(
        stateNames(configuration.optimizer),
        E.traverseArray((name) => readArray(file, shapeOf(configuration), name)),
        E.map((arrays): Arrays => Object.fromEntries(arrays)),
      ),
    ),
    E.bind('ran', () => readRanOn(file)),
    E.map(({ ran, ...checkpoint }): Checkpoint => ({ ...checkpoint, ...ran })),
  );
