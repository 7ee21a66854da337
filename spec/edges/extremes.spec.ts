/** Values at which exponentials overflow, norms vanish and powers underflow: forward and backward are the oracle's. */
import { describe, it } from 'vitest';
import { sampled } from '../arbitraries/numbers.js';
import { content } from '../operations/content.js';
import { crossEntropy } from '../operations/cross-entropy.js';
import { gru } from '../operations/gru.js';
import { heads } from '../operations/heads.js';
import { interpolation } from '../operations/interpolation.js';
import { lstm } from '../operations/lstm.js';
import { memory } from '../operations/memory.js';
import { type Operation, type Sizes, type Values, valuesOf } from '../operations/operation.js';
import { sharpening } from '../operations/sharpening.js';
import { shift } from '../operations/shift.js';
import { softmax } from '../operations/softmax.js';
import { eachBackend } from '../support/backends.js';
import { expectRight } from '../support/expectations.js';
import { useOperation } from '../support/run.js';

const SIZES: Sizes = { N: 128, M: 20, batch: 3, R: 1, W: 1, S: 3, H: 10, I: 9, V: 8 };

type Change = (values: Values, sizes: Sizes) => Values;

/** Each entry 1000 or −1000, some 0. */
const thousands = (values: Float32Array): Float32Array => values.map((_, i) => [1000, -1000, 0, -1000, 1000][i % 5]);
const same = (value: number) => (values: Float32Array): Float32Array => values.map(() => value);
/** One slot of N in each row, another in each. */
const oneHots = (N: number) => (values: Float32Array): Float32Array => values.map((_, i) => (i % N === (37 * Math.floor(i / N)) % N ? 1 : 0));
/** Of one size, none near 0. */
const away = (size: number) => (values: Float32Array): Float32Array => values.map((v) => size * (v + Math.sign(v)));
const nearlyEqual = (values: Float32Array): Float32Array => values.map((v) => (v + 1) / 129);

/** Applies functions to the values that they are named after. */
const change =
  (changes: Readonly<Record<string, (values: Float32Array) => Float32Array>>): Change =>
  (values) => ({ ...values, ...Object.fromEntries(Object.entries(changes).map(([name, f]) => [name, f(values[name])])) });

/** Biases, the last rows, of ±500 push every gate to its ends. */
const pushed = (rows: number, width: (sizes: Sizes) => number, ...names: readonly string[]): Change => (values, sizes) => ({
  ...values,
  ...Object.fromEntries(names.map((name) => [name, values[name].map((v, i, all) => (i >= all.length - rows * width(sizes) ? thousands(all)[i] / 2 : v))])),
});

/** The head parameters' row is its bias alone. */
const logits = (make: (values: Float32Array) => Float32Array): Change => ({ w, h, ...values }) => {
  const row = w.length / (h.length / SIZES.batch + 1);
  return { ...values, h, w: w.map((_, i) => (i < w.length - row ? 0 : make(new Float32Array(row))[i - (w.length - row)])) };
};

const CASES: ReadonlyArray<readonly [Operation, ReadonlyArray<readonly [string, Change]>]> = [
  [heads, [
    ['logits of ±1000', logits(thousands)],
    ['logits of 1000', logits(same(1000))],
    ['logits of −1000', logits(same(-1000))],
    ['logits of 0', logits(same(0))],
  ]],
  [lstm, [
    ['gates pushed by ±1000', pushed(2, ({ H }) => 4 * H, 'w')],
    ['a cell of ±1000', change({ c: thousands })],
  ]],
  [gru, [
    ['gates pushed by ±500', pushed(1, ({ H }) => 3 * H, 'input')],
    ['gates and candidate pushed by ±1000', pushed(1, ({ H }) => 3 * H, 'input', 'hidden')],
    ['a state of ±1000', change({ h: thousands })],
  ]],
  [crossEntropy, [
    ['logits of ±1000', change({ logits: thousands })],
    ['logits of ±20, all right', ({ target, ...values }) => ({ ...values, target, logits: target.map((t) => 40 * t - 20) })],
    ['logits of 0', change({ logits: same(0) })],
  ]],
  [softmax, [
    ['logits of ±1000', change({ z: thousands })],
    ['logits of 1000', change({ z: same(1000) })],
    ['logits of −1000', change({ z: same(-1000) })],
  ]],
  [content, [
    ['‖k‖‖m‖ just above 1e-8', change({ k: away(1e-2), memory: away(1e-5) })],
    ['‖k‖‖m‖ below 1e-8', change({ k: away(1e-6), memory: away(1e-4) })],
    ['a zero memory', change({ memory: same(0) })],
    ['a zero key', change({ k: same(0) })],
    ['a zero memory and a zero key', change({ memory: same(0), k: same(0) })],
    ['the blank memory of 1e-6', change({ memory: same(1e-6) })],
    ['a key strength of 1000', change({ beta: same(1000) })],
    ['keys and memory of ±1000', change({ k: thousands, memory: (v) => v.map((x) => 1000 * x) })],
  ]],
  [interpolation, [
    ['gates shut, one-hot weightings', change({ g: same(0), previous: oneHots(SIZES.N), wc: oneHots(SIZES.N) })],
    ['gates open, one-hot weightings', change({ g: same(1), previous: oneHots(SIZES.N), wc: oneHots(SIZES.N) })],
  ]],
  [shift, [
    ['one-hot weightings', change({ wg: oneHots(SIZES.N) })],
    ['one-hot weightings and taps', change({ wg: oneHots(SIZES.N), s: oneHots(3) })],
  ]],
  [sharpening, [
    ['γ = 25', change({ gamma: same(25) })],
    ['γ = 25, nearly equal slots', change({ gamma: same(25), shifted: nearlyEqual })],
    ['γ = 25, one-hot weightings', change({ gamma: same(25), shifted: oneHots(SIZES.N) })],
    ['γ = 1, one-hot weightings', change({ gamma: same(1), shifted: oneHots(SIZES.N) })],
    ['γ = 1001', change({ gamma: same(1001) })],
  ]],
  [memory, [
    ['one-hot weightings', change({ w: oneHots(SIZES.N), reading: oneHots(SIZES.N) })],
    ['one-hot weightings, all erased', change({ w: oneHots(SIZES.N), e: same(1) })],
    ['a zero memory', change({ memory: same(0) })],
  ]],
];

eachBackend('extreme values', (backend) => {
  describe.each(CASES.map((each) => [each[0].name, ...each] as const))('%s', (_name, operation, changes) => {
    const run = useOperation(backend, operation, SIZES);

    it.each(changes)('%s', async (_, extreme) => {
      const { comparisons } = await run(extreme(sampled(valuesOf(operation, SIZES)), SIZES));
      expectRight(comparisons);
    });
  });
});
