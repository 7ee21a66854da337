/** Weightings, memories and the parameters of heads. */
import fc from 'fast-check';
import { anySize, numbers } from './numbers.js';

const normalised = (values: Float32Array, N: number): Float32Array => {
  const rows = Array.from({ length: values.length / N }, (_, row) => values.subarray(row * N, (row + 1) * N));
  const sums = rows.map((row) => row.reduce((a, b) => a + b, 0));
  return values.map((v, i) => (sums[Math.floor(i / N)]! > 0 ? v / sums[Math.floor(i / N)]! : i % N === 0 ? 1 : 0));
};

export const oneHot = (N: number, at: number): Float32Array => new Float32Array(N).with(at, 1);

/** `rows` weightings over N slots, each looking at one: slot 0 at its simplest. */
export const oneHots = (rows: number, N: number): fc.Arbitrary<Float32Array> =>
  fc.array(fc.nat(N - 1), { minLength: rows, maxLength: rows }).map((slots) => Float32Array.from(slots.flatMap((at) => [...oneHot(N, at)])));

/** `rows` weightings over N slots: ≥ 0, of sum 1; spread out, over few slots, even, or one-hot, which they shrink to. */
export const weightings = (rows: number, N: number): fc.Arbitrary<Float32Array> =>
  fc.oneof({ weight: 1, arbitrary: oneHots(rows, N) }, { weight: 5, arbitrary: numbers(rows * N, 0, 1).map((values) => normalised(values, N)) });

/** Memory of `size` numbers: zeros, one-hot, ordinary, or of any magnitude, huge and denormal. */
export const memories = (size: number): fc.Arbitrary<Float32Array> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(new Float32Array(size)) },
    { weight: 1, arbitrary: fc.nat(size - 1).map((at) => oneHot(size, at)) },
    { weight: 4, arbitrary: numbers(size) },
    { weight: 2, arbitrary: anySize(size, 1e6) },
  );

/** The parameters of K heads by which they address M-wide slots, by S taps; of any size that activations can give. */
export const headParameters = (K: number, M: number, S: number): fc.Arbitrary<Readonly<Record<'k' | 'beta' | 'g' | 's' | 'gamma', Float32Array>>> =>
  fc.record({ k: fc.oneof(numbers(K * M), anySize(K * M, 1000)), beta: anySize(K, 1000, 0), g: fc.oneof(numbers(K, 0, 1), anySize(K, 1, 0)), s: weightings(K, S), gamma: numbers(K, 1, 50) });
