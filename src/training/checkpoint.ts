/**
 * A checkpoint as named tensors and metadata: the weights under PyTorch's names, the optimiser's state
 * under `optimizer/…`, the configuration and the training state as JSON. Resuming is exact.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { seal } from '../io/checksum.js';
import { asRecord, parseStrictly } from '../io/json.js';
import { initialMemory, inspectModel, type Model, type NamedArray, type NamedArrays, readParameters } from '../model/inspect.js';
import type { ModelShape } from '../model/shapes.js';
import { unpackParameters } from '../model/state-dict.js';
import { type Configuration, type ConfigurationError, configure, decodeConfiguration, shapeOf } from './configuration.js';
import { type Arrays, parameterNames } from './learner.js';
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
  /** Parameters, `v.…`, `m.…` and `a.…` (src/training/learner.ts). */
  readonly arrays: Arrays;
  /** Missing in files of earlier versions. */
  readonly ranOn?: RanOn;
}

/** The file's weights are the averages; the parameters that training goes on from stand beside the optimiser's state. */
const PREFIXES: Readonly<Record<string, string>> = { 'a.': '', '': 'optimizer/parameters/', 'v.': 'optimizer/square_average/', 'm.': 'optimizer/momentum/' };

const withPrefix = (arrays: Arrays, shape: ModelShape, prefix: string): Arrays => Object.fromEntries(parameterNames(shape).map((name) => [name, arrays[prefix + name]!]));

const named = (shape: ModelShape, arrays: Arrays, from: string, to: string): ReadonlyArray<readonly [string, NamedArray]> =>
  [...unpackParameters(shape, withPrefix(arrays, shape, from))].map(([name, array]) => [to + name, array]);

const unsealedModel = ({ shape, parameters }: Model, metadata: Readonly<Record<string, string>>): TensorFile => ({
  metadata: { format: 'pt', legacy_write_addressing: String(shape.legacyWriteAddressing), ...metadata },
  tensors: new Map([...unpackParameters(shape, parameters), ['memory.initial_state', initialMemory(shape)]]),
});

/** The weights alone, as PyTorch's state dict, with a checksum. */
export const encodeModel = (model: Model, metadata: Readonly<Record<string, string>> = {}): TensorFile => seal(unsealedModel(model, metadata));

export const encodeCheckpoint = ({ configuration, state, arrays, ranOn }: Checkpoint): TensorFile => {
  const shape = shapeOf(configuration);
  const run = { task: configuration.task, configuration: JSON.stringify(configuration), state: JSON.stringify(state), ...(ranOn && { ran_on: JSON.stringify(ranOn) }) };
  const { metadata, tensors } = unsealedModel({ shape, parameters: withPrefix(arrays, shape, 'a.') }, run);
  const optimiser = Object.entries(PREFIXES).flatMap(([from, to]) => named(shape, arrays, from, to));
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
  return inspectModel(file.tensors, legacy ?? said === 'true');
};

const readArrays = (file: TensorFile, shape: ModelShape, to: string, from: string): E.Either<string, Arrays> =>
  pipe(
    readParameters(file.tensors, shape, from),
    E.map((arrays) => Object.fromEntries(Object.entries(arrays).map(([name, values]) => [to + name, values]))),
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
        Object.entries(PREFIXES),
        E.traverseArray(([to, from]) => readArrays(file, shapeOf(configuration), to, from)),
        E.map((parts): Arrays => Object.assign({}, ...parts) as Arrays),
      ),
    ),
    E.bind('ran', () => readRanOn(file)),
    E.map(({ ran, ...checkpoint }): Checkpoint => ({ ...checkpoint, ...ran })),
  );
