/**
 * A checkpoint as named tensors and metadata: the weights under PyTorch's names, the optimiser's state
 * under `optimizer/…`, the configuration and the training state as JSON. Resuming is exact.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { constantMemory, inspectModel, type Model, type NamedArrays, readParameters } from '../model/inspect.js';
import { hasMemory } from '../model/parts.js';
import type { ModelShape } from '../model/shapes.js';
import { unpackParameters } from '../model/state-dict.js';
import { type Configuration, type ConfigurationError, configure, decodeConfiguration, shapeOf } from './configuration.js';
import { type Arrays, stateNames } from './learner.js';
import type { TrainingState } from './trainer.js';

export interface TensorFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: NamedArrays;
}

export interface Checkpoint {
  readonly configuration: Configuration;
  readonly state: TrainingState;
  /** `parameters` and the optimiser's state (src/training/learner.ts). */
  readonly arrays: Arrays;
}

/** The file's weights are the averages; the parameters that training goes on from stand beside the optimiser's state. */
const PREFIXES: Readonly<Record<string, string>> = { averages: '', parameters: 'optimizer/parameters/', 'square average': 'optimizer/square_average/', momentum: 'optimizer/momentum/', mean: 'optimizer/mean/' };

const StateCodec = t.exact(
  t.type({
    step: t.number,
    sequences: t.number,
    rng: t.readonlyArray(t.number),
    runningLoss: t.number,
    runningWrong: t.number,
    evaluations: t.number,
    good: t.number,
    reach: t.number,
    solvedAt: t.union([t.number, t.null]),
    flawless: t.number,
    skipped: t.number,
  }),
);

/** The weights alone, as PyTorch's state dict. */
export const encodeModel = ({ shape, parameters }: Model, metadata: Readonly<Record<string, string>> = {}): TensorFile => ({
  metadata: { format: 'pt', legacy_write_addressing: String(shape.legacyWriteAddressing), memory_init: shape.memoryInit, ...metadata },
  tensors: new Map([...unpackParameters(shape, parameters), ...(hasMemory(shape) && shape.memoryInit === 'constant' ? ([['memory.initial_state', constantMemory(shape)]] as const) : [])]),
});

export const encodeCheckpoint = ({ configuration, state, arrays }: Checkpoint): TensorFile => {
  const shape = shapeOf(configuration);
  const { metadata, tensors } = encodeModel({ shape, parameters: arrays.averages! }, { task: configuration.task, configuration: JSON.stringify(configuration), state: JSON.stringify(state) });
  const optimiser = stateNames(configuration.optimizer).flatMap((name) => [...unpackParameters(shape, arrays[name]!)].map(([tensor, array]) => [PREFIXES[name]! + tensor, array] as const));
  return { metadata, tensors: new Map([...tensors, ...optimiser]) };
};

const parseJson = (text: string): E.Either<string, unknown> => E.tryCatch(() => JSON.parse(text) as unknown, () => 'its metadata is not JSON');

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
export const decodeModel = (file: TensorFile, legacy?: boolean): E.Either<string, Model> =>
  inspectModel(file.tensors, {
    legacyWriteAddressing: legacy ?? file.metadata.legacy_write_addressing === 'true',
    memoryInit: file.metadata.memory_init ?? 'constant',
  });

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
        E.chain((json) => pipe(StateCodec.decode(json), E.mapLeft(() => 'its training state is incomplete'))),
      ),
    ),
    E.bind('arrays', ({ configuration }) =>
      pipe(
        stateNames(configuration.optimizer),
        E.traverseArray((name) => readArray(file, shapeOf(configuration), name)),
        E.map((arrays): Arrays => Object.fromEntries(arrays)),
      ),
    ),
  );
