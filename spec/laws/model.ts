/** Whole models of the family, drawn: any controller, heads, taps and sizes, with answers anywhere. */
import fc from 'fast-check';
import { recordTraining } from '../../src/model/ntm.js';
import type { NamedArray } from '../../src/model/inspect.js';
import { stateEntries } from '../../src/model/state-dict.js';
import { sequences } from '../arbitraries/batches.js';
import { bits, numbers } from '../arbitraries/numbers.js';
import { type DrawnModel, type Few, models, shapeOf } from '../arbitraries/shapes.js';
import { compare } from '../oracle/differences.js';
import { pytorchShapes } from '../oracle/names.js';
import { oracleForward } from '../oracle/ntm.js';
import { ensure, equal, near } from '../support/expectations.js';
import { type ModelCase, type ModelRun, runOn } from '../support/model.js';
import { rowOf } from '../support/sequences.js';
import { largest } from '../support/values.js';
import type { Bench } from './bench.js';
import { law, type Law } from './law.js';

/** Float32 rounding over at most 5 steps, where nothing amplifies it. */
const FORWARD = 2e-6;
const GRADIENT = 5e-5;
const GRADIENT_FLOOR = 1e-8;

/** Of what a change of all weights by eight roundings makes of the oracle's results: some models amplify what is rounded. */
const AMPLIFIED = 4;
const EIGHT_ROUNDINGS = 2 ** -20;

/** Between two runs of one backend, whose amplification is not known: one case in a million reaches it. */
const LOOSE = { forward: 1e-4, gradient: 1e-3 } as const;

interface Case extends ModelCase {
  readonly weights: ReadonlyMap<string, NamedArray>;
}

const WEIGHTINGS = ['readWeighting', 'writeWeighting'] as const;

/** Shapes in a run. */
const SHAPES = 10;

/** Weights at which gradients flow through every gate and head, and sequences. */
const casesOf = (model: DrawnModel): fc.Arbitrary<Case> => {
  // At the edges of their range, such as keys of zeros, gradients jump.
  const smoothly = (length: number) => fc.noBias(numbers(length));
  const shapes = [...pytorchShapes(model), ...(model.learnsMemory ? [['memory.initial_state', [model.N, model.M]] as const] : [])];
  const weights = fc.record(Object.fromEntries(shapes.map(([name, shape]) => [name, smoothly(shape.reduce((a, b) => a * b)).map((data): NamedArray => ({ shape, data }))])));
  return fc.record({ weights, of: sequences(model) }).map(({ weights: drawn, of }) => ({ shape: shapeOf(model), weights: new Map(Object.entries(drawn)), ...of }));
};

/** At M = 1 a cosine is 1 or −1, and its gradient nothing but rounding, which a small key makes large: that is left to the operations. */
const wide = models.filter(({ controller, M }) => controller === 'none' || M > 1);

const cases = (of: fc.Arbitrary<DrawnModel> = wide) => (few: Few): fc.Arbitrary<Case> => few(of, SHAPES).chain(casesOf);

/** Their memory is learned, so that it begins at no two slots alike. */
const withMemory = wide.filter(({ controller, learnsMemory }) => controller !== 'none' && learnsMemory);

/** Models whose loss bends nowhere within a small step: no rectifiers, and no slots so short that a cosine is cut off. */
const smooth = cases(withMemory.filter(({ controller }) => controller !== 'feed-forward'));

const run = async (bench: Bench, given: Case, weight?: Float32Array): Promise<ModelRun> => {
  const { shape, batch, mask } = given;
  const machine = await bench.machine(`model ${JSON.stringify(shape)}`, () => recordTraining(shape, 'rmsprop'), { batch, capacity: mask.length / batch });
  return runOn(machine, { ...given, ...(weight && { weight }) });
};

/** The oracle's results; with other weights where `change` is given. */
const oracleAt = (given: Case, change: (v: number, i: number, name: string) => number = (v) => v) =>
  oracleForward({ ...given, legacyWriteAddressing: given.shape.legacyWriteAddressing, weights: new Map([...given.weights].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data, (v, i) => change(v, i, name)) }])) });

const stepsOf = ({ mask, batch }: Case): number => mask.length / batch;

/** Each array of [T, B, …] with its sequences in another order. */
const reordered = (given: Case, order: readonly number[]): Case => {
  const of = (values: Float32Array): Float32Array => reorder(values, given.batch, stepsOf(given), order);
  return { ...given, batch: order.length, input: of(given.input), target: of(given.target), mask: of(given.mask) };
};

const reorder = (values: ArrayLike<number>, batch: number, steps: number, order: readonly number[]): Float32Array => {
  const rows = order.map((b) => rowOf(values, batch, steps, b));
  const width = values.length / (steps * batch);
  return Float32Array.from({ length: steps * order.length * width }, (_, i) => rows[Math.floor(i / width) % order.length]![Math.floor(i / (width * order.length)) * width + (i % width)]!);
};

const ensureWeightings = (what: string, values: ArrayLike<number>, N: number): void => {
  const sums = Array.from({ length: values.length / N }, (_, i) => Array.from({ length: N }, (_slot, n) => values[i * N + n]!).reduce((a, b) => a + b, 0));
  ensure(Array.from(values).every((v) => v >= 0), () => `${what}: a negative weighting`);
  near(`${what}: its sum`, sums, sums.map(() => 1), 1e-6);
};

/** Of a tensor's largest gradient, or of a hundredth of the largest of all: what small ones are made of. */
const nearGradients = (what: string, actual: ModelRun['gradients'], expected: (name: string) => ArrayLike<number>, share: number, amplified: (name: string) => number = () => 0): void => {
  const all = Math.max(...[...actual.keys()].map((name) => largest(expected(name))));
  for (const [name, { data }] of actual) near(`${what} of ${name}`, data, expected(name), share * Math.max(largest(expected(name)), all / 100) + GRADIENT_FLOOR + amplified(name));
};

const sumOf = (runs: readonly ModelRun[], name: string): Float64Array => {
  const parts = runs.map(({ gradients }) => gradients.get(name)!.data);
  return Float64Array.from(parts[0]!, (_, i) => parts.reduce((sum, part) => sum + part[i]!, 0));
};

/** Slot n where slot n − by was. */
const turned = (values: ArrayLike<number>, rows: number, N: number, size: number, by: number): Float32Array =>
  Float32Array.from({ length: rows * N * size }, (_, i) => {
    const [row, n, m] = [Math.floor(i / (N * size)), Math.floor(i / size) % N, i % size];
    return values[(row * N + ((n - by + N) % N)) * size + m]!;
  });

/** What a model does that begins with all its slots turned. */
const turnedWeights = ({ shape: { slots: N, width: M }, weights }: Case, by: number): Case['weights'] =>
  new Map([...weights].map(([name, { shape, data }]) => {
    if (name.endsWith('._initial_state')) return [name, { shape, data: turned(data, 1, N, 1, by) }] as const;
    return [name, { shape, data: name === 'memory.initial_state' ? turned(data, 1, N, M, by) : data }] as const;
  }));

export const modelLaws: readonly Law[] = [
  law({
    name: 'a model’s outputs, weightings, memory, loss and gradients are the float64 oracle’s',
    draw: cases(),
    holds: async (given, bench) => {
      ensure(stateEntries(given.shape).map(({ name }) => name).sort().join() === [...given.weights.keys()].sort().join(), () => 'other tensors than PyTorch’s');
      const actual = await run(bench, given);
      const [expected, moved] = [oracleAt(given), oracleAt(given, (v, i) => v * (1 + (i % 2 === 0 ? EIGHT_ROUNDINGS : -EIGHT_ROUNDINGS)))];
      const allowed = (scale: number, one: ArrayLike<number>, other: ArrayLike<number>): number => FORWARD * Math.max(1, scale) + AMPLIFIED * compare(one, other).largest;
      for (const name of ['outputs', ...WEIGHTINGS, 'finalMemory'] as const) near(name, name === 'finalMemory' ? actual.memory : actual[name], expected[name], allowed(largest(expected[name]), expected[name], moved[name]));
      near('loss', [actual.loss], [expected.loss], allowed(expected.loss, [expected.loss], [moved.loss]));
      const [gradients, movedGradients] = [expected.gradients(), moved.gradients()];
      nearGradients('gradient', actual.gradients, (name) => gradients.get(name)!, GRADIENT, (name) => AMPLIFIED * compare(gradients.get(name)!, movedGradients.get(name)!).largest);
    },
    tolerance: '2e-6; gradients 5e-5 of a tensor’s largest or of a hundredth of the largest of all, 1e-8 near zero; and four times what eight roundings of all weights make of the oracle’s own',
  }),
  law({
    name: 'after every step of every model weightings are never negative and sum to 1',
    draw: cases(withMemory),
    holds: async (given, bench) => {
      const actual = await run(bench, given);
      for (const name of WEIGHTINGS) ensureWeightings(name, actual[name], given.shape.slots);
    },
    tolerance: '1e-6 of a sum',
  }),
  law({
    name: 'permuting the batch permutes the results; a sequence gives alone what it gives with others, and the gradient is their sum',
    cases: 50,
    draw: cases(),
    holds: async (given, bench) => {
      const { batch, mask } = given;
      const [steps, weight] = [stepsOf(given), mask.map((v, i) => v * (1 + (i % 3)))];
      const together = await run(bench, given, weight);
      const order = Array.from({ length: batch }, (_, b) => (b + 1) % batch);
      const permuted = await run(bench, reordered(given, order), reorder(weight, batch, steps, order));
      for (const name of ['outputs', ...WEIGHTINGS] as const) near(`${name}, permuted`, permuted[name], reorder(together[name], batch, steps, order), LOOSE.forward);
      const alone: ModelRun[] = [];
      for (let b = 0; b < batch; b++) alone.push(await run(bench, reordered(given, [b]), reorder(weight, batch, steps, [b])));
      alone.forEach((single, b) => near(`outputs of sequence ${b} alone`, single.outputs, reorder(together.outputs, batch, steps, [b]), LOOSE.forward));
      nearGradients('gradient', together.gradients, (name) => sumOf(alone, name), LOOSE.gradient);
      near('wrong bits', [together.wrongBits], [alone.reduce((sum, { wrongBits }) => sum + wrongBits, 0)], 0);
    },
    tolerance: '1e-4, gradients 1e-3: rows outside the tiles of four are summed in another order, and models amplify that',
  }),
  law({
    name: 'turning all slots, with w_0 and M_0, turns every weighting and the memory, and changes no output',
    draw: (few) => cases(withMemory)(few).chain((given) => fc.record({ given: fc.constant(given), by: fc.integer({ min: 1, max: given.shape.slots }) })),
    holds: async ({ given, by }, bench) => {
      const { slots: N, width: M } = given.shape;
      const [before, after] = [await run(bench, given), await run(bench, { ...given, weights: turnedWeights(given, by) })];
      near('outputs', after.outputs, before.outputs, LOOSE.forward);
      for (const name of WEIGHTINGS) near(name, after[name], turned(before[name], before[name].length / N, N, 1, by), LOOSE.forward);
      near('memory', after.memory, turned(before.memory, given.batch, N, M, by), LOOSE.forward * Math.max(1, largest(before.memory)));
    },
    tolerance: '1e-4: sums over slots in another order, and what a model makes of their rounding',
  }),
  law({
    name: 'the gradient along any direction is the central difference of the float64 loss',
    cases: 50,
    draw: (few) => smooth(few).chain((given) => fc.record({ given: fc.constant(given), along: fc.record(Object.fromEntries([...given.weights].map(([name, { data }]) => [name, numbers(data.length)]))) })),
    holds: async ({ given, along }, bench) => {
      const { gradients } = await run(bench, given);
      const H = 1e-4;
      const lossAt = (t: number): number => oracleAt(given, (v, i, name) => v + t * along[name]![i]!).loss;
      const difference = (lossAt(H) - lossAt(-H)) / (2 * H);
      const terms = [...gradients].map(([name, { data }]) => data.map((v, i) => v * along[name]![i]!)).flatMap((values) => [...values]);
      const size = terms.reduce((sum, v) => sum + Math.abs(v), 0);
      near('slope', [terms.reduce((a, b) => a + b, 0)], [difference], 1e-4 * Math.max(size, 0.01));
    },
    tolerance: '1e-4 of the sum of all terms: the third derivative times 1e-8',
  }),
  law({
    name: 'gradients are linear in what each step’s loss weighs: of a sum of weights they are the sum, and doubled they are doubled',
    draw: (few) => cases()(few).chain((given) => fc.record({ given: fc.constant(given), a: numbers(given.mask.length, 0, 1), b: numbers(given.mask.length, 0, 1), power: fc.integer({ min: -4, max: 4 }) })),
    holds: async ({ given, a, b, power }, bench) => {
      const [ofA, ofB, ofBoth, scaled] = [await run(bench, given, a), await run(bench, given, b), await run(bench, given, a.map((v, i) => v + b[i]!)), await run(bench, given, a.map((v) => v * 2 ** power))];
      near('loss', [ofBoth.loss], [ofA.loss + ofB.loss], 1e-6 * Math.max(1, ofBoth.loss));
      near('scaled loss', [scaled.loss], [ofA.loss * 2 ** power], 1e-6 * scaled.loss);
      nearGradients('gradient', ofBoth.gradients, (name) => sumOf([ofA, ofB], name), LOOSE.gradient);
      nearGradients('scaled gradient', scaled.gradients, (name) => ofA.gradients.get(name)!.data.map((v) => v * 2 ** power), 1e-5);
    },
    tolerance: '1e-3 of a tensor’s largest or of a hundredth of the largest of all; 1e-5 when scaled by a power of 2',
  }),
  law({
    name: 'where nothing counts there is no loss, no wrong bit and no gradient',
    draw: cases(),
    holds: async (given, bench) => {
      const { loss, wrongBits, gradients } = await run(bench, given, new Float32Array(given.mask.length));
      equal('loss and wrong bits', [loss, wrongBits], [0, 0]);
      for (const [name, { data }] of gradients) equal(`gradient of ${name}`, data, new Float32Array(data.length));
    },
    tolerance: 'none: zeros',
  }),
  law({
    name: 'outputs do not know the future, and steps that follow without counting change neither loss nor gradient',
    draw: (few) => cases(wide.filter(({ steps }) => steps > 1))(few).chain((given) => fc.record({ given: fc.constant(given), at: fc.nat(stepsOf(given) - 2), later: numbers(given.input.length), laterTarget: bits(given.target.length) })),
    holds: async ({ given, at, later, laterTarget }, bench) => {
      const { batch, mask, input, target } = given;
      const counts = mask.map((v, i) => (i < (at + 1) * batch ? v : 0));
      const replaced = (values: Float32Array, others: Float32Array): Float32Array => values.map((v, i) => (i < (values.length / stepsOf(given)) * (at + 1) ? v : others[i]!));
      const [before, after] = [await run(bench, given, counts), await run(bench, { ...given, input: replaced(input, later), target: replaced(target, laterTarget) }, counts)];
      const until = (before.outputs.length / stepsOf(given)) * (at + 1);
      equal('outputs', after.outputs.subarray(0, until), before.outputs.subarray(0, until));
      equal('loss', [after.loss], [before.loss]);
      for (const [name, { data }] of after.gradients) equal(`gradient of ${name}`, data, before.gradients.get(name)!.data.map((v) => v + 0));
    },
    tolerance: 'none: the same bits',
  }),
  law({
    name: 'wrong bits are those on the wrong side of ½ where an answer counts',
    draw: cases(),
    holds: async (given, bench) => {
      const { wrongBits, outputs } = await run(bench, given);
      const V = given.shape.outputs;
      const close = outputs.some((y) => Math.abs(y - 0.5) < 1e-6);
      const expected = outputs.reduce((sum, y, i) => sum + given.mask[Math.floor(i / V)]! * Math.abs((y >= 0.5 ? 1 : 0) - given.target[i]!), 0);
      if (!close) equal('wrong bits', [wrongBits], [expected]);
    },
    tolerance: 'none; outputs within 1e-6 of ½ are not looked at',
  }),
];
