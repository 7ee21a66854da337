/** Reading and writing (§3.1, §3.2), whatever the memory holds. */
import fc from 'fast-check';
import { readingForward, writingForward } from '../../src/model/memory.js';
import type { Recorder } from '../../src/program/graph.js';
import { counts, numbers } from '../arbitraries/numbers.js';
import type { Few } from '../arbitraries/shapes.js';
import { memories, oneHot, weightings } from '../arbitraries/weightings.js';
import { equal, kept, near } from '../support/expectations.js';
import { transposed } from '../support/values.js';
import type { Bench } from './bench.js';
import { law, type Law } from './law.js';

interface Memory {
  readonly N: number;
  readonly M: number;
  readonly W: number;
}

const upTo = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });
const drawnMemory = (few: Few): fc.Arbitrary<Memory> => few(fc.record({ N: fc.oneof(upTo(13, 2), fc.constantFrom(16, 128)), M: upTo(7), W: upTo(3) }), 10);

/** One read head reads what W write heads have left. */
const recorded = ({ N, M, W }: Memory) => (recorder: Recorder): void => {
  const [memory, reading] = [recorder.input('memory', [M, N]), recorder.input('reading', [1, N])];
  const [w, e, a] = [recorder.input('w', [W, N]), recorder.input('e', [W, M]), recorder.input('a', [W, M])];
  recorder.section('forward');
  const written = writingForward(recorder, { memory, w, e, a }).out;
  recorder.expose('written', written);
  recorder.expose('r', readingForward(recorder, { memory: written, reading }).out);
};

const write = async (bench: Bench, of: Memory, inputs: Readonly<Record<'memory' | 'reading' | 'w' | 'e' | 'a', Float32Array>>) => {
  const run = await bench.program(`memory ${JSON.stringify(of)}`, recorded(of), { batch: 1 });
  return run({ inputs });
};

const filled = (length: number, value: number): Float32Array => new Float32Array(length).fill(value);

/** Head j at slot (at + j) modulo N, so that they meet where there are more heads than slots. */
const inARow = (N: number, W: number, at: number): Float32Array => Float32Array.from(Array.from({ length: W }, (_, j) => [...oneHot(N, (at + j) % N)]).flat());

const added = (of: Memory): fc.Arbitrary<{ readonly of: Memory; readonly memory: Float32Array; readonly a: Float32Array; readonly at: number }> =>
  fc.record({ of: fc.constant(of), memory: memories(of.M * of.N), a: counts(of.W * of.M, -8, 8), at: fc.nat(of.N - 1) });

export const memoryLaws: readonly Law[] = [
  law({
    name: 'erase 1, then add a, at one slot reads back a exactly, whatever was there and whatever other heads write elsewhere',
    draw: (few) => drawnMemory(few).chain((of) => added({ ...of, W: Math.min(of.W, of.N) })),
    holds: async ({ of, memory, a, at }, bench) => {
      const { r } = await write(bench, of, { memory, reading: oneHot(of.N, at), w: inARow(of.N, of.W, at), e: filled(of.W * of.M, 1), a });
      equal('r', r, a.subarray(0, of.M));
    },
    tolerance: 'none: the same bits',
  }),
  law({
    name: 'heads that erase and add at one slot leave the sum of what they add',
    draw: (few) => drawnMemory(few).chain(added),
    holds: async ({ of, memory, a, at }, bench) => {
      const { r } = await write(bench, of, { memory, reading: oneHot(of.N, at), w: Float32Array.from(Array.from({ length: of.W }, () => [...oneHot(of.N, at)]).flat()), e: filled(of.W * of.M, 1), a });
      equal('r', r, Array.from({ length: of.M }, (_, m) => Array.from({ length: of.W }, (_head, j) => a[j * of.M + m]).reduce((x, y) => x + y, 0)));
    },
    tolerance: 'none on whole numbers',
  }),
  law({
    name: 'what no head looks at stays as it is, and a one-hot reading is the slot itself',
    draw: (few) => drawnMemory(few).chain((of) => added(of).chain((drawn) => fc.record({ drawn: fc.constant(drawn), e: numbers(of.W * of.M, 0, 1) }))),
    holds: async ({ drawn: { of, memory, a, at }, e }, bench) => {
      const { N, M, W } = of;
      const other = (at + 1) % N;
      const { written, r } = await write(bench, of, { memory, reading: oneHot(N, other), w: Float32Array.from(Array.from({ length: W }, () => [...oneHot(N, at)]).flat()), e, a });
      const [before, after] = [memory, written].map((values) => transposed(values, M, N));
      for (let n = 0; n < N; n++) if (n !== at) kept(bench.backend, `slot ${n}`, after.subarray(n * M, (n + 1) * M), before.subarray(n * M, (n + 1) * M));
      kept(bench.backend, 'r', r, before.subarray(other * M, (other + 1) * M));
    },
    tolerance: 'none: the same bits; where shaders run, a denormal number may become 0',
  }),
  law({
    name: 'the order of the write heads does not matter',
    draw: (few) => drawnMemory(few).chain((of) => fc.record({ of: fc.constant(of), memory: numbers(of.M * of.N), w: weightings(of.W, of.N), e: numbers(of.W * of.M, 0, 1), a: numbers(of.W * of.M) })),
    holds: async ({ of, memory, w, e, a }, bench) => {
      const { N, M, W } = of;
      const turned = (values: Float32Array, size: number): Float32Array => Float32Array.of(...values.subarray(size), ...values.subarray(0, size));
      const reading = oneHot(N, 0);
      const [first, second] = [await write(bench, of, { memory, reading, w, e, a }), await write(bench, of, { memory, reading, w: turned(w, N), e: turned(e, M), a: turned(a, M) })];
      near('M_t', second.written, first.written, 1e-6 * W);
    },
    tolerance: '1e-6 a head: the rounding of a product and a sum in another order',
  }),
];
