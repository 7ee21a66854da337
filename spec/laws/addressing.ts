/** Weightings (§3.3): from content to a sharp one, of heads and memories of any magnitude. */
import fc from 'fast-check';
import { addressingBackward, addressingForward, contentBackward, contentForward, interpolationForward, sharpeningBackward, sharpeningForward, shiftBackward, shiftForward, softmaxForward } from '../../src/model/addressing.js';
import type { Recorder } from '../../src/program/graph.js';
import { contentWeighting, sharpen } from '../oracle/operations.js';
import { counts, numbers } from '../arbitraries/numbers.js';
import type { Few } from '../arbitraries/shapes.js';
import { headParameters, memories, oneHot, oneHots, weightings } from '../arbitraries/weightings.js';
import { allEqual, ensure, equal, finite, near } from '../support/expectations.js';
import { SMALLEST_NORMAL } from '../support/tolerances.js';
import type { Bench } from './bench.js';
import { law, type Law } from './law.js';

interface Places {
  readonly B: number;
  readonly K: number;
  readonly N: number;
  readonly M: number;
  readonly S: number;
}

const upTo = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });

/** As many slots as taps at least; now and then as many as published models have, or few that no lane divides. */
const places: fc.Arbitrary<Places> = fc
  .record({ B: upTo(3), K: upTo(4), N: fc.oneof({ weight: 3, arbitrary: upTo(13) }, { weight: 1, arbitrary: fc.constantFrom(16, 91, 128) }), M: upTo(6), C: fc.nat(3) })
  .map(({ C, N, ...others }) => ({ ...others, S: 2 * C + 1, N: Math.max(N, 2 * C + 1) }));

const filled = (length: number, value: number): Float32Array => new Float32Array(length).fill(value);
const rowsOf = (values: Float32Array, width: number): readonly Float32Array[] => Array.from({ length: values.length / width }, (_, row) => values.subarray(row * width, (row + 1) * width));
const sums = (values: Float32Array, width: number): number[] => rowsOf(values, width).map((row) => row.reduce((a, b) => a + b, 0));

/** In a run. */
const SHAPES = 10;

/** Of sums of up to 128 roundings. */
const MASS = 1e-5;

const ensureWeightings = (what: string, w: Float32Array, N: number): void => {
  ensure(w.every((v) => v >= 0), () => `${what}: a weighting of ${Math.min(...w)}`);
  near(`${what}: its sum`, sums(w, N), sums(w, N).map(() => 1), MASS);
};

// ---------------------------------------------------------------- recorded

const addressing = ({ K, N, M, S }: Places) => (recorder: Recorder): void => {
  const head = { k: recorder.input('k', [K, M]), beta: recorder.input('beta', [K]), g: recorder.input('g', [K]), s: recorder.input('s', [K, S]), gamma: recorder.input('gamma', [K]) };
  const [memory, previous, dw] = [recorder.input('memory', [M, N]), recorder.input('previous', [K, N]), recorder.input('dw', [K, N])];
  recorder.section('forward');
  const { out, saved } = addressingForward(recorder, head, memory, previous, false);
  recorder.expose('w', out);
  recorder.section('backward');
  Object.entries(addressingBackward(recorder, saved, dw)).forEach(([name, tensor]) => recorder.expose(name, tensor));
};

const content = ({ K, N, M }: Places) => (recorder: Recorder): void => {
  recorder.section('forward');
  recorder.expose('wc', contentForward(recorder, { k: recorder.input('k', [K, M]), beta: recorder.input('beta', [K]), memory: recorder.input('memory', [M, N]) }).out);
};

const contentGradients = ({ K, N, M }: Places) => (recorder: Recorder): void => {
  recorder.section('forward');
  const { out, saved } = contentForward(recorder, { k: recorder.input('k', [K, M]), beta: recorder.input('beta', [K]), memory: recorder.input('memory', [M, N]) });
  const { dk, alpha, mu } = contentBackward(recorder, saved, recorder.input('dwc', [K, N]));
  Object.entries({ wc: out, dk, alpha, mu }).forEach(([name, tensor]) => recorder.expose(name, tensor));
};

const softmax = ({ K, N }: Places) => (recorder: Recorder): void => {
  recorder.section('forward');
  recorder.expose('w', softmaxForward(recorder, recorder.input('z', [K, N])).out);
};

const interpolation = ({ K, N }: Places) => (recorder: Recorder): void => {
  recorder.section('forward');
  recorder.expose('wg', interpolationForward(recorder, { g: recorder.input('g', [K]), wc: recorder.input('wc', [K, N]), previous: recorder.input('previous', [K, N]) }).out);
};

const shift = ({ K, N, S }: Places) => (recorder: Recorder): void => {
  const [wg, s] = [recorder.input('wg', [K, N]), recorder.input('s', [K, S])];
  recorder.section('forward');
  const { out, saved } = shiftForward(recorder, { wg, s });
  const { dwg, ds } = shiftBackward(recorder, saved, wg);
  Object.entries({ shifted: out, back: dwg, ds }).forEach(([name, tensor]) => recorder.expose(name, tensor));
};

const sharpening = ({ K, N }: Places) => (recorder: Recorder): void => {
  const [gamma, shifted, dw] = [recorder.input('gamma', [K]), recorder.input('shifted', [K, N]), recorder.input('dw', [K, N])];
  recorder.section('forward');
  const { out, saved } = sharpeningForward(recorder, { shifted, gamma });
  Object.entries({ w: out, ...sharpeningBackward(recorder, saved, dw) }).forEach(([name, tensor]) => recorder.expose(name, tensor));
};

const RECORDED = { addressing, content, contentGradients, softmax, interpolation, shift, sharpening } as const;

const runOf = async (bench: Bench, which: keyof typeof RECORDED, of: Places, inputs: Readonly<Record<string, Float32Array>>) => {
  const run = await bench.program(`${which} ${JSON.stringify(of)}`, RECORDED[which](of), { batch: of.B, sections: which === 'addressing' ? ['forward', 'backward'] : ['forward'] });
  return run({ inputs });
};

const withPlaces = <A>(values: (of: Places) => { readonly [K in keyof A]: fc.Arbitrary<A[K]> }) => (few: Few): fc.Arbitrary<{ readonly of: Places } & A> =>
  few(places, SHAPES).chain((of) => fc.record({ of: fc.constant(of), ...values(of) }) as unknown as fc.Arbitrary<{ readonly of: Places } & A>);

const addressed = withPlaces<{ head: Readonly<Record<'k' | 'beta' | 'g' | 's' | 'gamma', Float32Array>>; memory: Float32Array; previous: Float32Array; dw: Float32Array }>(({ B, K, N, M, S }) => ({
  head: headParameters(B * K, M, S), memory: memories(B * M * N), previous: weightings(B * K, N), dw: numbers(B * K * N),
}));

// ---------------------------------------------------------------- laws

const rotated = (w: Float32Array, by: number): number[] => Array.from(w, (_, n) => w[(n - by + w.length) % w.length]);

/** Each row of `size` numbers with the same direction and another length. */
const ofLength = (values: Float32Array, size: number, length: number): Float32Array =>
  Float32Array.from(rowsOf(values, size).flatMap((row) => Array.from(row, (v) => (v * length) / Math.hypot(...row))));

/** Two roundings above. */
const above = (v: number): number => v * (1 + 2 ** -22);

const ofEachRow = (values: Float32Array, size: number, order: readonly number[]): Float32Array => Float32Array.from(order.flatMap((row) => [...values.subarray(row * size, (row + 1) * size)]));

export const addressingLaws: readonly Law[] = [
  law({
    name: 'weightings are never negative and sum to 1, and their gradients are finite, for heads and memories of any magnitude',
    draw: addressed,
    holds: async ({ of, head, memory, previous, dw }, bench) => {
      const { w, ...gradients } = await runOf(bench, 'addressing', of, { ...head, memory, previous, dw });
      ensureWeightings('w', w, of.N);
      for (const [name, values] of Object.entries(gradients)) finite(name, values);
    },
    tolerance: '1e-5 of a sum: 128 roundings of float32',
  }),
  law({
    name: 'a zero memory or a zero key gives the even content weighting, and finite gradients',
    draw: withPlaces<{ previous: Float32Array; s: Float32Array; dw: Float32Array; k: Float32Array; zeroKey: boolean }>(({ B, K, N, M, S }) => ({ previous: weightings(B * K, N), s: weightings(B * K, S), dw: numbers(B * K * N), k: numbers(B * K * M), zeroKey: fc.boolean() })),
    holds: async ({ of, previous, s, dw, k, zeroKey }, bench) => {
      const { B, K, N, M } = of;
      const given = zeroKey ? { k: new Float32Array(k.length), memory: filled(B * M * N, 1) } : { k, memory: new Float32Array(B * M * N) };
      const { w, ...gradients } = await runOf(bench, 'addressing', of, { ...given, beta: filled(B * K, 3), g: filled(B * K, 1), s, gamma: filled(B * K, 2), previous, dw });
      near('w', w, filled(w.length, 1 / N), 1e-6);
      for (const [name, values] of Object.entries(gradients)) finite(name, values);
    },
    tolerance: '1e-6: ten roundings of float32',
  }),
  law({
    name: 'batch rows are independent: each gives alone what it gives with others, and permuting them permutes the results',
    cases: 50,
    draw: addressed,
    holds: async ({ of, head, memory, previous, dw }, bench) => {
      const inputs = { ...head, memory, previous, dw };
      const change = (arrays: Readonly<Record<string, Float32Array>>, order: readonly number[]) => Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, ofEachRow(values, values.length / of.B, order)]));
      const together = await runOf(bench, 'addressing', of, inputs);
      const order = Array.from({ length: of.B }, (_, b) => (b + 1) % of.B);
      allEqual('permuted', await runOf(bench, 'addressing', of, change(inputs, order)), change(together, order));
      for (let b = 0; b < of.B; b++) allEqual(`row ${b} alone`, await runOf(bench, 'addressing', { ...of, B: 1 }, change(inputs, [b])), change(together, [b]));
    },
    tolerance: 'none: the same bits',
  }),
  law({
    name: 'inputs are left as they were, and the same inputs give the same bits after other work',
    cases: 50,
    draw: addressed,
    holds: async ({ of, head, memory, previous, dw }, bench) => {
      const inputs = { ...head, memory, previous, dw };
      const before = structuredClone(inputs);
      const first = await runOf(bench, 'addressing', of, inputs);
      allEqual('an input', inputs, before);
      await runOf(bench, 'addressing', of, { ...inputs, dw: dw.map((v) => 1 - v), memory: memory.map((v) => v + 1), gamma: head.gamma.map((v) => v + 1) });
      allEqual('again', await runOf(bench, 'addressing', of, inputs), first);
    },
    tolerance: 'none: the same bits',
  }),
  law({
    name: 'content does not depend on how long a key is, and permuting the slots permutes the weighting',
    draw: withPlaces<{ k: Float32Array; beta: Float32Array; memory: Float32Array; power: number; turn: number }>(({ B, K, N, M }) => ({ k: numbers(B * K * M, 0.25, 1), beta: numbers(B * K, 0, 10), memory: numbers(B * M * N, 0.25, 1), power: fc.integer({ min: 0, max: 8 }), turn: fc.nat(N - 1) })),
    holds: async ({ of, k, beta, memory, power, turn }, bench) => {
      const { wc } = await runOf(bench, 'content', of, { k, beta, memory });
      const longer = await runOf(bench, 'content', of, { k: k.map((v) => v * 2 ** power), beta, memory });
      near('w_c of a longer key', longer.wc, wc, 1e-5);
      const turned = await runOf(bench, 'content', of, { k, beta, memory: Float32Array.from(rowsOf(memory, of.N).flatMap((row) => rotated(row, turn))) });
      near('w_c of turned slots', turned.wc, rowsOf(wc, of.N).flatMap((row) => rotated(row, turn)), 1e-5);
    },
    tolerance: '1e-5: the rounding of a cosine times a key strength of 10',
  }),
  law({
    name: 'where ‖k‖‖m‖ is about ε, a cosine and its gradients are those of its side: with the lengths above, with ε instead of them below',
    draw: withPlaces<{ k: Float32Array; beta: Float32Array; memory: Float32Array; dwc: Float32Array; factor: number }>(({ B, K, N, M }) => ({ k: numbers(B * K * M, 0.25, 1), beta: numbers(B * K, 0, 10), memory: numbers(B * N * M, 0.25, 1), dwc: numbers(B * K * N), factor: fc.constantFrom(0.3, 0.7, 0.9, 1.1, 1.4, 1.9, 3) })),
    holds: async ({ of, factor, ...drawn }, bench) => {
      const { B, K, N, M } = of;
      const [LENGTH, EPSILON] = [1e-4, 1e-8];
      const [k, memory] = [ofLength(drawn.k, M, factor * LENGTH), ofLength(drawn.memory, M, LENGTH)];
      const columns = Float32Array.from(rowsOf(memory, N * M).flatMap((row) => Array.from(row, (_, i) => row[(i % N) * M + Math.floor(i / N)])));
      const found = await runOf(bench, 'contentGradients', of, { k, beta: drawn.beta, memory: columns, dwc: drawn.dwc });
      const { out, gradients } = contentWeighting({ k, beta: drawn.beta, memory }, { B, K, N, M });
      near('w_c', found.wc, out, 1e-5);
      near('dk·‖k‖', found.dk.map((v) => v * LENGTH), gradients(drawn.dwc).dk.map((v) => v * LENGTH), 1e-4);
      const cosine = (b: number, h: number, n: number): number => Array.from({ length: M }, (_, m) => (k[(b * K + h) * M + m] / LENGTH / factor) * (memory[(b * N + n) * M + m] / LENGTH)).reduce((a, v) => a + v, 0);
      const mu = Array.from({ length: B * N }, (_, i) => {
        const [b, n] = [Math.floor(i / N), i % N];
        const terms = Array.from({ length: K }, (__, h) => found.alpha[(b * K + h) * N + n] * factor * EPSILON * cosine(b, h, n));
        return factor > 1 ? terms.reduce((a, v) => a + v, 0) : 0;
      });
      near('μ·‖m‖²', found.mu.map((v) => v * EPSILON), mu, 1e-4);
    },
    tolerance: '1e-5 of weightings, 1e-4 of gradients: the rounding of a cosine times a key strength of 10, and its terms, which cancel for one head of one number',
  }),
  law({
    name: 'softmax does not change when a number is added to all of a row, and keeps its order',
    draw: withPlaces<{ z: Float32Array; by: number }>(({ B, K, N }) => ({ z: counts(B * K * N, -40, 40), by: fc.integer({ min: -1000, max: 1000 }) })),
    holds: async ({ of, z, by }, bench) => {
      const { w } = await runOf(bench, 'softmax', of, { z });
      ensureWeightings('w', w, of.N);
      equal('w of a row to which a number was added', (await runOf(bench, 'softmax', of, { z: z.map((v) => v + by) })).w, w);
      rowsOf(z, of.N).forEach((row, r) => row.forEach((v, n) => n > 0 && ensure(v <= row[0] ? w[r * of.N + n] <= above(w[r * of.N]) : above(w[r * of.N + n]) >= w[r * of.N], () => `row ${r}: w[${n}] and w[0] stand in another order than z`)));
    },
    tolerance: 'none on whole numbers: the same bits; a rounding between slots, of which the last may lie outside the four lanes',
  }),
  law({
    name: 'interpolation conserves mass; a gate of 0 gives the previous weighting, one of 1 the content’s',
    draw: withPlaces<{ g: Float32Array; wc: Float32Array; previous: Float32Array }>(({ B, K, N }) => ({ g: numbers(B * K, 0, 1), wc: weightings(B * K, N), previous: weightings(B * K, N) })),
    holds: async ({ of, g, wc, previous }, bench) => {
      ensureWeightings('w_g', (await runOf(bench, 'interpolation', of, { g, wc, previous })).wg, of.N);
      equal('w_g, gate shut', (await runOf(bench, 'interpolation', of, { g: filled(g.length, 0), wc, previous })).wg, previous);
      near('w_g, gate open', (await runOf(bench, 'interpolation', of, { g: filled(g.length, 1), wc, previous })).wg, wc, 1.2e-7);
    },
    tolerance: 'none where the gate is shut; 1.2e-7 where it is open (two roundings); 1e-5 of a sum',
  }),
  law({
    name: 'a shift by a whole number of slots is a rotation, and its gradient the opposite one',
    draw: withPlaces<{ wg: Float32Array; taps: readonly number[] }>(({ B, K, N, S }) => ({ wg: weightings(B * K, N), taps: fc.array(fc.nat(S - 1), { minLength: B * K, maxLength: B * K }) })),
    holds: async ({ of: { B, K, N, M, S }, wg, taps }, bench) => {
      const C = (S - 1) / 2;
      const { shifted, back } = await runOf(bench, 'shift', { B, K, N, M, S }, { wg, s: Float32Array.from(taps.flatMap((tap) => [...oneHot(S, tap)])) });
      equal('w̃', shifted, rowsOf(wg, N).flatMap((row, i) => rotated(row, C - taps[i])));
      equal('dw_g', back, rowsOf(wg, N).flatMap((row, i) => rotated(row, taps[i] - C)));
    },
    tolerance: 'none: the same bits',
  }),
  law({
    name: 'a shift conserves mass, and what it does to a turned weighting is turned',
    draw: withPlaces<{ wg: Float32Array; s: Float32Array; turn: number }>(({ B, K, N, S }) => ({ wg: weightings(B * K, N), s: weightings(B * K, S), turn: fc.nat(N - 1) })),
    holds: async ({ of, wg, s, turn }, bench) => {
      const { shifted } = await runOf(bench, 'shift', of, { wg, s });
      ensureWeightings('w̃', shifted, of.N);
      const turned = await runOf(bench, 'shift', of, { wg: Float32Array.from(rowsOf(wg, of.N).flatMap((row) => rotated(row, turn))), s });
      equal('w̃ of a turned weighting', turned.shifted, rowsOf(shifted, of.N).flatMap((row) => rotated(row, turn)));
    },
    tolerance: '1e-5 of a sum; none when turned: the same bits',
  }),
  law({
    name: 'sharpening keeps the order of the slots',
    draw: withPlaces<{ shifted: Float32Array; gamma: Float32Array }>(({ B, K, N }) => ({ shifted: counts(B * K * N, 0, 1000).map((values) => values.map((v, i) => (i % N === N - 1 ? 1 : v / 1000))), gamma: numbers(B * K, 1, 50) })),
    holds: async ({ of, shifted, gamma }, bench) => {
      const { w } = await runOf(bench, 'sharpening', of, { gamma, shifted, dw: shifted });
      rowsOf(w, of.N).forEach((after, row) => {
        const before = shifted.subarray(row * of.N, (row + 1) * of.N);
        const ascending = Array.from(before.keys()).sort((a, b) => before[a] - before[b] || after[a] - after[b]);
        ascending.slice(1).forEach((n, i) => ensure(after[n] >= after[ascending[i]] - SMALLEST_NORMAL, () => `row ${row}: w[${n}] < w[${ascending[i]}]`));
      });
    },
    tolerance: '2⁻¹²⁶, below which backends flush to 0',
  }),
  law({
    name: 'sharpening changes no one-hot weighting, and by γ = 1 none at all',
    draw: withPlaces<{ hot: Float32Array; any: Float32Array; gamma: Float32Array }>(({ B, K, N }) => ({ hot: oneHots(B * K, N), any: weightings(B * K, N), gamma: numbers(B * K, 1, 1000) })),
    holds: async ({ of, hot, any, gamma }, bench) => {
      equal('w', (await runOf(bench, 'sharpening', of, { gamma, shifted: hot, dw: hot })).w, hot);
      near('w, γ = 1', (await runOf(bench, 'sharpening', of, { gamma: filled(gamma.length, 1), shifted: any, dw: any })).w, any, 1e-6);
    },
    tolerance: 'none for one-hot weightings; 1e-6 by γ = 1: the rounding of w̃/max w̃ and of a sum',
  }),
  law({
    name: 'sharpening gives what float64 gives, neither zeros nor NaN, where all slots are nearly equal and γ is large',
    draw: withPlaces<{ given: Float32Array; gamma: Float32Array }>(({ B, K, N }) => ({ given: weightings(B * K, N), gamma: numbers(B * K, 20, 30) })),
    holds: async ({ of, given, gamma }, bench) => {
      const shifted = given.map((v) => (v + 1) / (of.N + 1));
      const { w } = await runOf(bench, 'sharpening', of, { gamma, shifted, dw: given });
      near('w', w, sharpen({ w: shifted, gamma }, { B: of.B * of.K, N: of.N }).out, 4e-6);
      ensureWeightings('w', w, of.N);
      ensure(w.every((v) => v > 0), () => 'a weighting that vanished');
    },
    tolerance: '4e-6: the rounding of w̃/max w̃ times γ = 30',
  }),
  law({
    name: '0^γ is 0 and has gradient 0',
    draw: withPlaces<{ given: Float32Array; dw: Float32Array; at: number; gamma: Float32Array }>(({ B, K, N }) => ({ given: weightings(B * K, N), dw: numbers(B * K * N), at: fc.nat(N - 1), gamma: numbers(B * K, 1, 50) })),
    holds: async ({ of: { B, K, N, M, S }, given, dw, at, gamma }, bench) => {
      const free = (at + 1) % N;
      const shifted = given.map((v, i) => (i % N === at && N > 1 ? 0 : i % N === free ? v + 0.25 : v));
      const { w, dshifted, dgamma } = await runOf(bench, 'sharpening', { B, K, N, M, S }, { gamma, shifted, dw });
      for (let i = at; N > 1 && i < B * K * N; i += N) equal(`w and dw̃ of slot ${at}`, [w[i], dshifted[i]], [0, 0]);
      finite('dw̃', dshifted);
      finite('dγ', dgamma);
    },
    tolerance: 'none',
  }),
];
