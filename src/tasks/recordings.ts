/**
 * The files that recorded sequences come in. JSON lines, one sequence a line:
 *     {"input": [[0, 1], [1, 0]], "answer": [[1], [0], [1]]}                      the answer follows the input
 *     {"input": [[0, 1], [1, 0]], "target": [[1], [0]], "mask": [0, 1]}           step by step
 * Safetensors: F32 tensors `input` [sequences, steps, I], `target` [sequences, steps, V] and `mask`
 * [sequences, steps]; shorter sequences are filled up with steps whose mask is 0.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { NamedTensor, Safetensors } from '../io/safetensors.js';
import type { Recording } from './recorded.js';
import type { Rows, Sequence } from './sequences.js';

const show = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 40);

const numbersOf = (what: string, value: unknown): E.Either<string, readonly number[]> => {
  if (!Array.isArray(value)) return E.left(`${what} wants an array of numbers, got ${show(value)}`);
  const wrong = value.findIndex((entry) => typeof entry !== 'number');
  return wrong < 0 ? E.right(value as readonly number[]) : E.left(`${what} holds ${show(value[wrong])} at ${wrong}, wanted a number`);
};

const rowsOf = (what: string, value: unknown): E.Either<string, Rows> =>
  Array.isArray(value)
    ? pipe(value, E.traverseArrayWithIndex((i, row: unknown) => numbersOf(`${what} row ${i}`, row)))
    : E.left(`${what} wants an array of rows of numbers, got ${show(value)}`);

const sequenceOf = (value: unknown): E.Either<string, Sequence> => {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const input = rowsOf('input', given.input);
  if ('answer' in given) return pipe(input, E.chain((rows) => pipe(rowsOf('answer', given.answer), E.map((answer) => ({ input: rows, answer })))));
  return pipe(
    E.Do,
    E.apS('input', input),
    E.bind('target', () => rowsOf('target', given.target)),
    E.bind('mask', () => numbersOf('mask', given.mask)),
  );
};

const parseJson = (text: string): E.Either<string, unknown> => E.tryCatch(() => JSON.parse(text) as unknown, () => 'it is not JSON');

/** Sequences of JSON lines; blank lines are passed over. Left: the line, and what is wrong with it. */
export const parseJsonLines = (name: string, text: string): E.Either<string, Recording> => {
  const lines = text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [{ line, where: `line ${i + 1}` }]));
  return pipe(
    lines,
    E.traverseArray(({ line, where }) => pipe(parseJson(line), E.chain(sequenceOf), E.mapLeft((fault) => `${where}: ${fault}`))),
    E.map((sequences) => ({ name, sequences, where: (i) => lines[i]!.where })),
  );
};

const AXES = { input: 3, target: 3, mask: 2 } as const;

const tensorOf = (tensors: Safetensors['tensors'], name: keyof typeof AXES): E.Either<string, NamedTensor> => {
  const tensor = tensors.get(name);
  const wanted = `[sequences, steps${AXES[name] === 3 ? ', channels' : ''}]`;
  if (!tensor) return E.left(`tensor "${name}" ${wanted} is missing: recorded sequences are input, target and mask`);
  return tensor.shape.length === AXES[name] ? E.right(tensor) : E.left(`tensor "${name}" has shape [${tensor.shape.join(', ')}], wanted ${wanted}`);
};

const sizesFault = (input: NamedTensor, name: string, other: NamedTensor): string | null => {
  const [sequences, steps] = input.shape;
  const agrees = other.shape[0] === sequences && other.shape[1] === steps;
  return agrees ? null : `tensor "${name}" has shape [${other.shape.join(', ')}], but "input" has ${sequences} sequences of ${steps} steps`;
};

/** Row t of sequence i of a tensor [sequences, steps, channels], for all t. */
const rowsAt = ({ shape: [, steps, channels], data }: NamedTensor, i: number): Rows =>
  Array.from({ length: steps! }, (_, t) => data.subarray((i * steps! + t) * channels!, (i * steps! + t + 1) * channels!));

/** Sequences of the tensors input, target and mask. Left: the tensor, and what is wrong with it. */
export const readTensors = (name: string, { tensors }: Safetensors): E.Either<string, Recording> =>
  pipe(
    E.Do,
    E.apS('input', tensorOf(tensors, 'input')),
    E.apS('target', tensorOf(tensors, 'target')),
    E.apS('mask', tensorOf(tensors, 'mask')),
    E.chain(({ input, target, mask }) => {
      const fault = sizesFault(input, 'target', target) ?? sizesFault(input, 'mask', mask);
      const [count, steps] = input.shape;
      const sequence = (i: number): Sequence => ({ input: rowsAt(input, i), target: rowsAt(target, i), mask: mask.data.subarray(i * steps!, (i + 1) * steps!) });
      return fault ? E.left(fault) : E.right({ name, sequences: Array.from({ length: count! }, (_, i) => sequence(i)), where: (i: number) => `sequence ${i}` });
    }),
  );
