/**
 * Applies a model to one's own sequences:
 *
 *   ntm infer --model W.safetensors --input X.safetensors --answers K --output Y.safetensors
 *
 * X holds `input` [T, B, I]; the model then answers K steps on zero input. Y gets `output` [K, B, V] (of all
 * T+K steps with --every-step), `read_weighting` and `write_weighting` [T+K, B, N] ([T+K, B, R, N] of several
 * read heads, and so for write heads), and `memory` [B, N, M] after the last step; without memory `output` alone.
 */
import { freemem } from 'node:os';
import { parseArgs } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Backend, BACKENDS, openMachine, probe } from '../../src/gpu/backends.js';
import { isSameFile, loadTensors, saveTensors } from '../../src/io/files.js';
import type { NamedTensor, Safetensors } from '../../src/io/safetensors.js';
import { infer, type Inference, stepsWithin } from '../../src/evaluation/infer.js';
import type { Model } from '../../src/model/inspect.js';
import { recordInference } from '../../src/model/ntm.js';
import { bytesOf } from '../../src/program/memory.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { oneLine } from '../../src/ntm/text.js';
import { decodeModel } from '../../src/training/checkpoint.js';
import { NTM } from './called.js';
import { end } from './end.js';
import { type CliError, failure, joinNegatives, parseFault, show, usage } from './options.js';

export const INFER_HELP = `${NTM} infer --model W.safetensors --input X.safetensors --answers K --output Y.safetensors [options]

Applies a model to sequences: \`input\` [T, B, I] of X, then K steps of zeros in which it answers; Y has what it answered.

  --model FILE               weights: ours, PyTorch’s or the seed’s .pt
  --input FILE               a safetensors file that holds input
  --answers K                steps to answer
  --output FILE              a safetensors file to write
  --every-step               what it answers at all steps, not at the last K
  --backend NAME             webasm, cpu, headlessgl or webgpu (webasm)
  --legacy-write-addressing  the write head addresses from the read head’s weighting, as the seed’s published weights want`;

interface InferArguments {
  readonly model: string;
  readonly input: string;
  readonly output: string;
  readonly answers: number;
  readonly everyStep: boolean;
  readonly backend: Backend;
  readonly legacy: boolean | undefined;
}

/** Null where only help is wanted. */
const readArguments = (argv: readonly string[]): E.Either<CliError, InferArguments | null> =>
  E.tryCatch(
    () => {
      const { values } = parseArgs({
        args: joinNegatives(argv),
        options: { help: { type: 'boolean', default: false }, model: { type: 'string' }, input: { type: 'string' }, output: { type: 'string' }, answers: { type: 'string' }, 'every-step': { type: 'boolean' }, backend: { type: 'string', default: 'webasm' }, 'legacy-write-addressing': { type: 'boolean' } },
        allowNegative: true,
      });
      if (values.help) return null;
      for (const name of ['model', 'input', 'output', 'answers'] as const) if (values[name] === undefined) throw new Error(`--${name} is missing; infer --help says how`);
      const answers = Number(values.answers);
      const everyStep = values['every-step'] === true;
      if (!Number.isSafeInteger(answers) || answers < 0) throw new Error(`--answers wants an integer of at least 0, got ${show(values.answers!)}`);
      if (answers === 0 && !everyStep) throw new Error('--answers 0 leaves nothing to write but with --every-step');
      if (!(BACKENDS as readonly string[]).includes(values.backend)) throw new Error(`--backend wants one of ${BACKENDS.join(', ')}, got ${show(values.backend)}`);
      return { model: values.model!, input: values.input!, output: values.output!, answers, everyStep, backend: values.backend as Backend, legacy: values['legacy-write-addressing'] };
    },
    (error) => usage(parseFault(error)),
  );

/** Refuses an output that is one of the files read, by whatever name. */
const checkOutput = ({ model, input, output }: InferArguments): TE.TaskEither<CliError, void> => async () => {
  for (const [option, path] of [['--model', model], ['--input', input]] as const) {
    if (await isSameFile(path, output)) return E.left(usage(`--output ${output} is the file of ${option}, which it would overwrite: name another`));
  }
  return E.right(undefined);
};

/** What the chunks of a long sequence may take. */
const CHUNK_BYTES = 2 ** 28;

const chunkOf = ({ answers }: InferArguments, shape: ModelShape, [T, B]: readonly [number, number]): number => Math.min(T + answers, stepsWithin(recordInference(shape), B, CHUNK_BYTES));

/** What a chunk takes, and what is kept of every step. */
const checkMemory = (given: InferArguments, shape: ModelShape, { shape: [T, B] }: NamedTensor): E.Either<CliError, void> => {
  const steps = T! + given.answers;
  const kept = 4 * B! * (shape.inputs + shape.outputs + (shape.readHeads + shape.writeHeads) * shape.slots) * steps;
  const chunk = bytesOf(recordInference(shape), B!, chunkOf(given, shape, [T!, B!]));
  return kept + chunk < (process.availableMemory?.() ?? freemem()) ? E.right(undefined) : E.left(failure(`--answers ${given.answers}: with ${T} steps of input and ${B} sequences more than the memory that is free: fewer answers, or fewer sequences at once`));
};

const load = (path: string): TE.TaskEither<CliError, Safetensors> => pipe(loadTensors(path), TE.mapLeft(({ message }) => failure(message)));

const inputOf = (path: string, tensors: ReadonlyMap<string, NamedTensor>, channels: number): E.Either<CliError, NamedTensor> => {
  const input = tensors.get('input');
  if (!input) return E.left(failure(`${path}: tensor "input" is missing`));
  if (input.shape.length !== 3) return E.left(failure(`${path}: tensor "input" has shape [${input.shape.join(', ')}], wanted [T, B, ${channels}]`));
  if (input.shape[2] !== channels) return E.left(failure(`${path}: tensor "input" has ${input.shape[2]} channels, the model takes ${channels}`));
  if (input.shape[0]! < 1 || input.shape[1]! < 1) return E.left(failure(`${path}: tensor "input" is empty`));
  return E.right(input);
};

const tensorsOf = ({ shape }: Model, { steps, outputs, readWeighting, writeWeighting, memory }: Inference, B: number, { answers, everyStep }: InferArguments): ReadonlyMap<string, NamedTensor> => {
  const { slots: N, width: M, outputs: V, readHeads: R, writeHeads: W } = shape;
  const shown = everyStep ? steps : answers;
  const weighting = (heads: number, data: Float32Array): NamedTensor => ({ shape: [steps, B, ...(heads > 1 ? [heads] : []), N], data });
  return new Map<string, NamedTensor>([
    ['output', { shape: [shown, B, V], data: outputs.slice((steps - shown) * B * V) }],
    ...(memory.length > 0
      ? ([['read_weighting', weighting(R, readWeighting)], ['write_weighting', weighting(W, writeWeighting)], ['memory', { shape: [B, N, M], data: memory }]] as const)
      : []),
  ]);
};

const command = (given: InferArguments): TE.TaskEither<CliError, void> =>
  pipe(
    checkOutput(given),
    TE.bind('model', () => pipe(load(given.model), TE.chainEitherK((file) => pipe(decodeModel(file, given.legacy), E.mapLeft((fault) => failure(`${given.model}: ${fault}`)))))),
    TE.bind('input', ({ model }) => pipe(load(given.input), TE.chainEitherK(({ tensors }) => inputOf(given.input, tensors, model.shape.inputs)))),
    TE.chainFirst(({ model, input }) => TE.fromEither(checkMemory(given, model.shape, input))),
    TE.bind('machine', ({ model, input }) =>
      pipe(
        probe(given.backend),
        TE.chain(() => openMachine(given.backend, recordInference(model.shape), { batch: input.shape[1]!, capacity: chunkOf(given, model.shape, [input.shape[0]!, input.shape[1]!]) })),
        TE.mapLeft(({ message }) => failure(message)),
      ),
    ),
    TE.bind('result', ({ model, input, machine }) => TE.tryCatch(() => infer(machine, model, input.data, given.answers), (error) => failure(String(error)))),
    TE.chain(({ model, result, machine }) => {
      return pipe(
        saveTensors(given.output, { metadata: { model: given.model }, tensors: tensorsOf(model, result, machine.batch, given) }),
        TE.mapLeft(({ message }) => failure(message)),
        TE.chain(() => TE.tryCatch(() => machine.dispose(), (error) => failure(String(error)))),
      );
    }),
  );

/** Runs the command and ends the process with its exit code. */
export const inferMain = async (argv: readonly string[]): Promise<never> => {
  const result = await pipe(
    TE.fromEither(readArguments(argv)),
    TE.chain((given) => {
      if (given !== null) return command(given);
      process.stdout.write(`${INFER_HELP}\n`);
      return TE.right(undefined);
    }),
  )();
  if (E.isLeft(result)) {
    process.stderr.write(`${oneLine(result.left.message)}\n`);
    process.exitCode = result.left.code;
  }
  return end();
};
