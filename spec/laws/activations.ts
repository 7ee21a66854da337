/** Elementwise functions at numbers of any magnitude. */
import fc from 'fast-check';
import { activation } from '../../kernels/activation.js';
import { crossEntropy } from '../../kernels/cross-entropy.js';
import { gru } from '../../kernels/gru.js';
import { heads } from '../../kernels/heads.js';
import { lstm } from '../../kernels/lstm.js';
import type { Recorder } from '../../src/program/graph.js';
import { anySize, bits, counts, numbers } from '../arbitraries/numbers.js';
import { ensure, equal, finite, near } from '../support/expectations.js';
import { law, type Law } from './law.js';

const X = 7;
const NAMES = ['sigmoid', 'softplus', 'onePlusSoftplus', 'rectifier'] as const;

const recorded = (recorder: Recorder): void => {
  const z = recorder.input('z', [X]);
  recorder.section('forward');
  for (const name of NAMES) recorder.expose(name, recorder.apply(activation[name], { z }));
};

const cells = (recorder: Recorder): void => {
  const [z, c, a, b, n] = [recorder.input('z', [4, X]), recorder.input('c', [X]), recorder.input('a', [2, X]), recorder.input('b', [2, X]), recorder.input('n', [X])];
  recorder.section('forward');
  const gates = recorder.apply(lstm.activate, { z });
  recorder.expose('gates', gates);
  recorder.expose('h', recorder.apply(lstm.hidden, { gates, c }));
  recorder.expose('reset', recorder.apply(gru.activate, { a, b }));
  recorder.expose('candidate', recorder.apply(gru.candidate, { a: n, b: n, reset: c }));
};

const loss = (recorder: Recorder): void => {
  const given = { logits: recorder.input('logits', [1]), target: recorder.input('target', [1]), weight: recorder.input('weight', [1]) };
  recorder.section('forward');
  recorder.expose('losses', recorder.apply(crossEntropy.losses, given));
};

const uncounted = (recorder: Recorder): void => {
  const given = { logits: recorder.input('logits', [2]), target: recorder.input('target', [2]), weight: recorder.input('weight', [1]) };
  recorder.section('forward');
  for (const name of ['losses', 'wrongBits', 'backward'] as const) recorder.expose(name, recorder.apply(crossEntropy[name], given));
};

const taps = (recorder: Recorder): void => {
  recorder.section('forward');
  recorder.expose('s', recorder.apply(heads.shift, { z: recorder.input('z', [X, 3]) }));
};

/** Beyond which exp is 0 or ∞ in float32. */
const LIMIT = 1000;

/** Below it shaders may take a number for 0. */
const LEAST_NORMAL = 1.1754944e-38;

const any = (): fc.Arbitrary<Float32Array> => fc.oneof(anySize(X, LIMIT), counts(X, -LIMIT, LIMIT));

/** The slope of nothing is above 1, so that one rounding of a number of this size is allowed. */
const roundingOf = (values: Float32Array): number => 3e-7 * Math.max(1, ...values.map(Math.abs));

export const activationLaws: readonly Law[] = [
  law({
    name: 'σ(−z) = 1 − σ(z), softplus(z) − softplus(−z) = z, and both are monotone, at any magnitude',
    draw: any,
    holds: async (z, bench) => {
      const run = await bench.program('activations', recorded, { batch: 1 });
      const sorted = z.toSorted();
      const [plus, minus] = [await run({ inputs: { z: sorted } }), await run({ inputs: { z: sorted.map((v) => -v) } })];
      NAMES.forEach((name) => finite(name, plus[name]));
      near('σ(−z)', minus.sigmoid, plus.sigmoid.map((y) => 1 - y), 1e-6);
      near('softplus(z) − softplus(−z)', plus.softplus.map((y, i) => y - minus.softplus[i]), sorted, roundingOf(z));
      near('1 + softplus', plus.onePlusSoftplus, plus.softplus.map((y) => 1 + y), roundingOf(z));
      near('rectifier(z)', plus.rectifier, sorted.map((v) => Math.max(v, 0)), LEAST_NORMAL);
      ensure([...plus.sigmoid, ...plus.softplus].every((y) => y >= 0) && plus.sigmoid.every((y) => y <= 1), () => 'beyond its range');
      for (const name of NAMES) plus[name].slice(1).forEach((y, i) => ensure(y >= plus[name][i] - roundingOf(z), () => `${name} falls from ${sorted[i]} to ${sorted[i + 1]}`));
    },
    tolerance: '1e-6; 3e-7 of z where z itself is rounded',
  }),
  law({
    name: 'tanh is odd, gates lie within their ranges, and nothing overflows, at any magnitude',
    draw: () => fc.record({ z: anySize(4 * X, LIMIT), c: anySize(X, LIMIT), n: anySize(X, LIMIT), a: anySize(2 * X, LIMIT) }),
    holds: async ({ z, c, n, a }, bench) => {
      const run = await bench.program('cells', cells, { batch: 1 });
      const of = (sign: 1 | -1) => run({ inputs: { z: z.map((v, i) => (Math.floor(i / X) === 3 ? LIMIT : sign * v)), c: c.map((v) => sign * v), a: a.map((v) => sign * v), b: a.map((v) => sign * v), n: n.map((v) => sign * v) } });
      const [plus, minus] = [await of(1), await of(-1)];
      equal('g = tanh z', minus.gates.subarray(2 * X, 3 * X), plus.gates.subarray(2 * X, 3 * X).map((y) => -y));
      equal('h = tanh c', minus.h, plus.h.map((y) => -y));
      near('tanh c', plus.h, c.map(Math.tanh), 1e-6);
      near('a gate of the GRU', minus.reset, plus.reset.map((y) => 1 - y), 1e-6);
      near('a gate of the LSTM', minus.gates.subarray(0, 2 * X), plus.gates.subarray(0, 2 * X).map((y) => 1 - y), 1e-6);
      ensure([...plus.gates, ...plus.reset, ...plus.candidate].every((y) => Math.abs(y) <= 1), () => 'beyond its range');
    },
    tolerance: 'none for the sign; 1e-6',
  }),
  law({
    name: 'the taps of a shift are a weighting, at logits of any magnitude',
    draw: () => fc.oneof(anySize(3 * X, LIMIT), counts(3 * X, -LIMIT, LIMIT)),
    holds: async (z, bench) => {
      const { s } = await (await bench.program('taps', taps, { batch: 1 }))({ inputs: { z } });
      ensure(s.every((v) => v >= 0), () => 'a tap below 0');
      near('their sum', Array.from({ length: X }, (_, i) => s[3 * i] + s[3 * i + 1] + s[3 * i + 2]), new Float32Array(X).fill(1), 1e-6);
    },
    tolerance: '1e-6 of a sum',
  }),
  law({
    name: 'the loss of one unsure bit is ln(1 + exp(−l)) or ln(1 + exp(l)), to the last terms of its series',
    draw: () => fc.record({ logits: numbers(X, -0.5, 0.5), target: bits(X) }),
    holds: async ({ logits, target }, bench) => {
      const run = await bench.program('loss', loss, { batch: X });
      const { losses } = await run({ inputs: { logits, target, weight: new Float32Array(X).fill(1) } });
      near('loss', losses, Float64Array.from(logits, (l, i) => Math.log1p(Math.exp(target[i] === 1 ? -l : l))), 4e-7);
    },
    tolerance: '4e-7: four roundings of numbers below 1',
  }),
  law({
    name: 'a step that does not count has no loss, no wrong bit and no gradient, were its loss beyond all numbers',
    draw: () => fc.record({ logits: fc.array(fc.constantFrom(0, 1, -1, 1000, 3e38, -3e38), { minLength: 2 * X, maxLength: 2 * X }).map((values) => Float32Array.from(values)), target: bits(2 * X) }),
    holds: async (given, bench) => {
      const run = await bench.program('uncounted', uncounted, { batch: X });
      const found = await run({ inputs: { ...given, weight: new Float32Array(X) } });
      for (const [name, values] of Object.entries(found)) near(name, values, new Float32Array(values.length), 0);
    },
    tolerance: 'none',
  }),
];
