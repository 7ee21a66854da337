/**
 * Applies a model to one's own sequences:
 *
 *   npx tsx scripts/infer.ts --model W.safetensors --input X.safetensors --answers K --output Y.safetensors
 *
 * X holds `input` [T, B, I]; the model then answers K steps on zero input. Y gets `output` [K, B, V],
 * `read_weighting` and `write_weighting` [T+K, B, N], and `memory` [B, N, M] after the last step.
 */
import { freemem } from 'node:os';
import { parseArgs } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Backend, BACKENDS, openMachine, probe } from '../src/gpu/backends.js';
import { isSameFile, loadTensors, saveTensors } from '../src/io/files.js';
import type { NamedTensor, Safetensors } from '../src/io/safetensors.js';
import { infer } from '../src/evaluation/infer.js';
import { recordInference } from '../src/model/ntm.js';
import { bytesOf } from '../src/program/memory.js';
import type { ModelShape } from '../src/model/shapes.js';
import { decodeModel } from '../src/training/checkpoint.js';
import { end } from './command/end.js';
import { oneLine } from './command/console.js';
import { type CliError, failure, joinNegatives, parseFault, show, usage } from './command/options.js';

const HELP = 'npx tsx scripts/infer.ts --model W.safetensors --input X.safetensors --answers K --output Y.safetensors [--backend webasm|cpu|headlessgl] [--legacy-write-addressing]';

interface InferArguments {
  readonly model: string;
  readonly input: string;
  readonly output: string;
  readonly answers: number;
  readonly backend: Backend;
  readonly legacy: boolean | undefined;
}

/** Null where only help is wanted. */
const readArguments = (): E.Either<CliError, InferArguments | null> =>
  E.tryCatch(
    () => {
      const { values } = parseArgs({
        args: joinNegatives(process.argv.slice(2)),
        options: { help: { type: 'boolean', default: false }, model: { type: 'string' }, input: { type: 'string' }, output: { type: 'string' }, answers: { type: 'string' }, backend: { type: 'string', default: 'webasm' }, 'legacy-write-addressing': { type: 'boolean' } },
        allowNegative: true,
      });
      if (values.help) return null;
      for (const name of ['model', 'input', 'output', 'answers'] as const) if (values[name] === undefined) throw new Error(`--${name} is missing; ${HELP}`);
      const answers = Number(values.answers);
      if (!Number.isSafeInteger(answers) || answers < 1) throw new Error(`--answers wants a positive integer, got ${show(values.answers!)}`);
      if (!(BACKENDS as readonly string[]).includes(values.backend)) throw new Error(`--backend wants one of ${BACKENDS.join(', ')}, got ${show(values.backend)}`);
      return { model: values.model!, input: values.input!, output: values.output!, answers, backend: values.backend as Backend, legacy: values['legacy-write-addressing'] };
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

const checkMemory = ({ answers }: InferArguments, shape: ModelShape, { shape: [T, B] }: NamedTensor): E.Either<CliError, void> =>
  bytesOf(recordInference(shape), B!, T! + answers) < (process.availableMemory?.() ?? freemem()) ? E.right(undefined) : E.left(failure(`--answers ${answers}: with ${T} steps of input and ${B} sequences more than the memory that is free: fewer answers, or fewer sequences at once`));

const load = (path: string): TE.TaskEither<CliError, Safetensors> => pipe(loadTensors(path), TE.mapLeft(({ message }) => failure(message)));

const inputOf = (path: string, tensors: ReadonlyMap<string, NamedTensor>, channels: number): E.Either<CliError, NamedTensor> => {
  const input = tensors.get('input');
  if (!input) return E.left(failure(`${path}: tensor "input" is missing`));
  if (input.shape.length !== 3) return E.left(failure(`${path}: tensor "input" has shape [${input.shape.join(', ')}], wanted [T, B, ${channels}]`));
  if (input.shape[2] !== channels) return E.left(failure(`${path}: tensor "input" has ${input.shape[2]} channels, the model takes ${channels}`));
  if (input.shape[0]! < 1 || input.shape[1]! < 1) return E.left(failure(`${path}: tensor "input" is empty`));
  return E.right(input);
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
        TE.chain(() => openMachine(given.backend, recordInference(model.shape), { batch: input.shape[1]!, capacity: input.shape[0]! + given.answers })),
        TE.mapLeft(({ message }) => failure(message)),
      ),
    ),
    TE.bind('result', ({ model, input, machine }) => TE.tryCatch(() => infer(machine, model, input.data, given.answers), (error) => failure(String(error)))),
    TE.chain(({ model, result, machine }) => {
      const { slots: N, width: M, outputs: V } = model.shape;
      const B = machine.batch;
      const tensors = new Map<string, NamedTensor>([
        ['output', { shape: [given.answers, B, V], data: result.outputs }],
        ['read_weighting', { shape: [result.steps, B, N], data: result.readWeighting }],
        ['write_weighting', { shape: [result.steps, B, N], data: result.writeWeighting }],
        ['memory', { shape: [B, N, M], data: result.memory }],
      ]);
      return pipe(
        saveTensors(given.output, { metadata: { model: given.model }, tensors }),
        TE.mapLeft(({ message }) => failure(message)),
        TE.chain(() => TE.tryCatch(() => machine.dispose(), (error) => failure(String(error)))),
      );
    }),
  );

const result = await pipe(
  TE.fromEither(readArguments()),
  TE.chain((given) => {
    if (given !== null) return command(given);
    process.stdout.write(`${HELP}\n`);
    return TE.right(undefined);
  }),
)();
if (E.isLeft(result)) {
  process.stderr.write(`${oneLine(result.left.message)}\n`);
  process.exitCode = result.left.code;
}
await end();
