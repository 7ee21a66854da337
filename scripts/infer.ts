/**
 * Applies a model to one's own sequences:
 *
 *   npx tsx scripts/infer.ts --model W.safetensors --input X.safetensors --answers K --output Y.safetensors
 *
 * X holds `input` [T, B, I]; the model then answers K steps on zero input. Y gets `output` [K, B, V],
 * `read_weighting` and `write_weighting` [T+K, B, N], and `memory` [B, N, M] after the last step.
 */
import { parseArgs } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Backend, BACKENDS, openMachine, probe } from '../src/gpu/backends.js';
import { loadTensors, saveTensors } from '../src/io/files.js';
import type { NamedTensor } from '../src/io/safetensors.js';
import { infer } from '../src/evaluation/infer.js';
import { recordInference } from '../src/model/ntm.js';
import { decodeModel } from '../src/training/checkpoint.js';
import { end } from './command/end.js';
import { type CliError, failure, usage } from './command/options.js';

const HELP = 'npx tsx scripts/infer.ts --model W.safetensors --input X.safetensors --answers K --output Y.safetensors [--backend webasm|cpu|headlessgl] [--legacy-write-addressing]';

interface InferArguments {
  readonly model: string;
  readonly input: string;
  readonly output: string;
  readonly answers: number;
  readonly backend: Backend;
  readonly legacy: boolean | undefined;
}

const readArguments = (): E.Either<CliError, InferArguments> =>
  E.tryCatch(
    () => {
      const { values } = parseArgs({
        options: { model: { type: 'string' }, input: { type: 'string' }, output: { type: 'string' }, answers: { type: 'string' }, backend: { type: 'string', default: 'webasm' }, 'legacy-write-addressing': { type: 'boolean' } },
        allowNegative: true,
      });
      for (const name of ['model', 'input', 'output', 'answers'] as const) if (values[name] === undefined) throw new Error(`--${name} is missing; ${HELP}`);
      const answers = Number(values.answers);
      if (!Number.isInteger(answers) || answers < 1) throw new Error(`--answers wants a positive integer, got ${values.answers}`);
      if (!(BACKENDS as readonly string[]).includes(values.backend)) throw new Error(`--backend wants one of ${BACKENDS.join(', ')}, got ${values.backend}`);
      return { model: values.model!, input: values.input!, output: values.output!, answers, backend: values.backend as Backend, legacy: values['legacy-write-addressing'] };
    },
    (error) => usage((error as Error).message),
  );

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
    TE.Do,
    TE.bind('model', () => pipe(loadTensors(given.model), TE.mapLeft(({ message }) => failure(message)), TE.chainEitherK((file) => pipe(decodeModel(file, given.legacy), E.mapLeft((fault) => failure(`${given.model}: ${fault}`)))))),
    TE.bind('input', ({ model }) => pipe(loadTensors(given.input), TE.mapLeft(({ message }) => failure(message)), TE.chainEitherK(({ tensors }) => inputOf(given.input, tensors, model.shape.inputs)))),
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

const result = await pipe(TE.fromEither(readArguments()), TE.chain(command))();
if (E.isLeft(result)) {
  process.stderr.write(`${result.left.message}\n`);
  process.exitCode = result.left.code;
}
await end();
