/** What the tasks' sequences mean, as laws. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { random, seededRng } from '../../src/random.js';
import { longest, spread, WHOLE } from '../../src/tasks/cells.js';
import type { Task } from '../../src/tasks/definition.js';
import { builtIn } from '../../src/tasks/index.js';
import { drawBits, drawTable, optimalBits, optimalPredictions } from '../../src/tasks/ngrams.js';
import { phases } from '../../src/tasks/sequences.js';
import { digits, drawnBatch, sequenceAt, withSettings } from '../support/batches.js';

/** At least a hundred cases a law. */
const CASES = { numRuns: 200 } as const;

const upTo = (most: number, least = 1): fc.Arbitrary<number> => fc.integer({ min: least, max: most });
const seeds = fc.integer();

/** Input rows and answer rows of sequence `b`. */
const partsOf = (task: Task, cell: Readonly<Record<string, number>>, size: number, seed: number, b: number) => {
  const batch = drawnBatch(task, cell, size, seed);
  const { x, target } = sequenceAt(batch, b);
  const { input, answer } = phases(batch, b);
  return { input: x.slice(input.from, input.to), answer: target.slice(answer.from, answer.to) };
};

describe('copy', () => {
  test.prop([upTo(9), upTo(12), upTo(4), seeds], CASES)('answers what it was shown', (bits, length, size, seed) => {
    const { input, answer } = partsOf(withSettings(builtIn.copy, { bits }), { length }, size, seed, size - 1);
    expect(answer).toEqual(input.slice(0, length).map((row) => row.slice(0, bits)));
  });
});

describe('repeat copy', () => {
  test.prop([upTo(6), upTo(6), upTo(6), upTo(3), seeds], CASES)('answers what it was shown, so many times, and the end mark', (bits, length, repeats, size, seed) => {
    const { input, answer } = partsOf(withSettings(builtIn.repeatCopy, { bits }), { length, repeats }, size, seed, size - 1);
    expect(input.at(-1)!.at(-1)).toBe(Math.fround(repeats / 10));
    answer.slice(0, -1).forEach((row, t) => expect(row).toEqual([...input[t % length]!.slice(0, bits), 0]));
    expect(answer.at(-1)).toEqual([...new Array<number>(bits).fill(0), 1]);
    expect(answer.length).toBe(length * repeats + 1);
  });
});

describe('associative recall', () => {
  const law = ([bits, rows, items, size, seed]: readonly [number, number, number, number, number]): void => {
    const { input, answer } = partsOf(withSettings(builtIn.recall, { bits, rows }), { items }, size, seed, size - 1);
    const vectors = (from: number): string => digits(input.slice(from, from + rows).map((row) => row.slice(0, bits)));
    const shown = Array.from({ length: items }, (_, i) => vectors(i * (rows + 1) + 1));
    const query = vectors(items * (rows + 1) + 1);
    expect(shown.slice(0, -1).filter((item) => item === query)).toHaveLength(1);
    expect(digits(answer)).toBe(shown[shown.indexOf(query) + 1]);
  };
  test.prop([fc.tuple(upTo(8), upTo(4), upTo(10, 2), upTo(3), seeds)], CASES)('answers the item after the query, which occurs once before the last', law);
  test.prop([fc.tuple(fc.constant(1), upTo(2), upTo(8, 2), fc.constant(1), seeds)], CASES)('also where most items are alike', law);

  it('asks for every item but the last', () => {
    const counts = new Map<number, number>();
    for (let seed = 0; seed < 1000; seed++) {
      const { input } = partsOf(builtIn.recall, { items: 5 }, 1, seed, 0);
      const at = (from: number): string => digits(input.slice(from, from + 3));
      const query = Array.from({ length: 5 }, (_, i) => at(4 * i + 1)).indexOf(at(21));
      counts.set(query, (counts.get(query) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([0, 1, 2, 3]);
    for (const count of counts.values()) expect(Math.abs(count - 250)).toBeLessThan(5 * Math.sqrt(1000 * 0.25 * 0.75));
  });
});

describe('n-grams', () => {
  test.prop([upTo(8), upTo(60), upTo(3), seeds], CASES)('show every bit one step after it was asked for', (order, length, size, seed) => {
    const { x, target, mask } = sequenceAt(drawnBatch(withSettings(builtIn.ngrams, { order }), { length }, size, seed), size - 1);
    expect(x.flat()).toEqual([0, ...target.flat().slice(0, -1)]);
    expect(mask).toEqual(new Array<number>(length).fill(1));
  });

  // Statistics: the same cases in every run.
  test.prop([upTo(6), seeds], { ...CASES, seed: 14105401 })('follow their table: the first bits are fair, and each context\'s ones are within five standard errors', (order, seed) => {
    const LENGTH = 4000;
    const rng = seededRng(seed);
    const [table] = random((draw) => drawTable(draw, order))(rng);
    const [batch] = withSettings(builtIn.ngrams, { order }).sequences({ length: LENGTH }, 1)(rng);
    const bits = [...batch.target];
    const counts = new Map<number, { seen: number; ones: number }>();
    for (let t = order - 1; t < LENGTH; t++) {
      const context = bits.slice(t - order + 1, t).reduce((value, bit) => 2 * value + bit, 0);
      const count = counts.get(context) ?? { seen: 0, ones: 0 };
      counts.set(context, { seen: count.seen + 1, ones: count.ones + bits[t]! });
    }
    // Contexts whose ones vary little are judged together, as the normal distribution does not hold for any of them.
    const parts = [...counts].map(([context, { seen, ones }]) => ({ excess: ones - seen * table[context]!, variance: seen * table[context]! * (1 - table[context]!) }));
    const rare = parts.filter(({ variance }) => variance < 25);
    const rest = { excess: rare.reduce((sum, { excess }) => sum + excess, 0), variance: rare.reduce((sum, { variance }) => sum + variance, 0) };
    for (const { excess, variance } of [...parts.filter((part) => part.variance >= 25), ...(rest.variance >= 25 ? [rest] : [])]) expect(Math.abs(excess)).toBeLessThan(5 * Math.sqrt(variance));
  });

  it('begin with fair bits', () => {
    const first = Array.from({ length: 2000 }, (_, seed) => [...drawnBatch(builtIn.ngrams, { length: 5 }, 1, seed).target]).flat();
    expect(Math.abs(first.reduce((a, b) => a + b, 0) - 5000)).toBeLessThan(5 * Math.sqrt(10_000 / 4));
  });

  it('have tables from Beta(½, ½): mean ½, variance ⅛, half of all entries below 0.146 or above 0.854', () => {
    const [entries] = random((draw) => Array.from({ length: 400 }, () => drawTable(draw, 6)).flat())(seededRng(1));
    const n = entries.length;
    const mean = entries.reduce((a, b) => a + b, 0) / n;
    const variance = entries.reduce((sum, p) => sum + (p - 0.5) ** 2, 0) / n;
    const outer = entries.filter((p) => p < 0.14645 || p > 0.85355).length / n;
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 8 / n));
    expect(Math.abs(variance - 1 / 8)).toBeLessThan(5 * Math.sqrt(1 / 128 / n));
    expect(Math.abs(outer - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 4 / n));
  });

  test.prop([upTo(5), seeds], { ...CASES, seed: 14105402 })('are to be expected as the optimum predicts them, whatever came before', (order, seed) => {
    const length = 30;
    const [batch] = withSettings(builtIn.ngrams, { order }).sequences({ length }, 200)(seededRng(seed));
    const rows = Array.from({ length: 200 }, (_, b) => {
      const bits = sequenceAt(batch, b).target.flat();
      const best = optimalPredictions(bits, order);
      return bits.map((bit, t) => ({ excess: bit - best[t]!, variance: best[t]! * (1 - best[t]!), before: t === 0 ? 0 : bits[t - 1]! - 0.5, guess: best[t]! }));
    }).flat();
    for (const weight of [() => 1, ({ before }: (typeof rows)[number]) => before, ({ guess }: (typeof rows)[number]) => guess - 0.5]) {
      const sum = rows.reduce((total, row) => total + weight(row) * row.excess, 0);
      const variance = rows.reduce((total, row) => total + weight(row) ** 2 * row.variance, 0);
      expect(Math.abs(sum)).toBeLessThan(5 * Math.sqrt(variance));
    }
  });

  it('cost at best 132.9 ± 0.7 of 200 bits', () => {
    // One sequence's optimum has a standard deviation of 36 bits, the mean of 3,000 one of 0.65: such a mean
    // is off by more than 0.7 with every third seed, here as in PyTorch. So ten of them are taken together.
    const meanOf = (seed: number): number => random((draw) => Array.from({ length: 3000 }, () => optimalBits(drawBits(draw, drawTable(draw, 6), 200, 6), 6)))(seededRng(seed))[0].reduce((a, b) => a + b, 0) / 3000;
    const means = Array.from({ length: 10 }, (_, i) => meanOf(i + 1));
    for (const mean of means) expect(Math.abs(mean - 132.9)).toBeLessThan(0.7 + 3 * 0.65);
    expect(Math.abs(means.reduce((a, b) => a + b, 0) / 10 - 132.9)).toBeLessThan(0.7);
  });

  test.prop([upTo(6), fc.array(upTo(1, 0), { minLength: 1, maxLength: 60 })], CASES)('have an optimum that counts what came after each context before (equation 10)', (order, bits) => {
    const context = (t: number): string => bits.slice(t - order + 1, t).join('');
    const expected = bits.map((_, t) => {
      if (t < order - 1) return 0.5;
      const before = bits.flatMap((bit, s) => (s >= order - 1 && s < t && context(s) === context(t) ? [bit] : []));
      return Math.fround((before.reduce((a, b) => a + b, 0) + 0.5) / (before.length + 1));
    });
    expect([...optimalPredictions(bits, order)]).toEqual(expected);
  });
});

describe('priority sort', () => {
  test.prop([upTo(8), upTo(24), fc.nat({ max: 24 }), upTo(3), seeds], CASES)('answers whole vectors by descending priority', (bits, length, answers, size, seed) => {
    const { input, answer } = partsOf(withSettings(builtIn.sort, { bits, answers }), { length }, size, seed, size - 1);
    const shown = input.slice(0, length).map((row) => ({ vector: row.slice(0, bits), priority: row[bits]! }));
    expect(shown.every(({ priority }) => priority >= -1 && priority <= 1)).toBe(true);
    const ranked = shown.sort((a, b) => b.priority - a.priority).map(({ vector }) => vector);
    expect(answer).toHaveLength(answers === 0 ? Math.max(1, Math.floor((length * 4) / 5)) : Math.min(answers, length));
    expect(answer).toEqual(ranked.slice(0, answer.length));
  });

  test.prop([upTo(8), upTo(16), seeds], CASES)('of all vectors is a permutation of them', (bits, length, seed) => {
    const { input, answer } = partsOf(withSettings(builtIn.sort, { bits, answers: 1000 }), { length }, 1, seed, 0);
    const sorted = (rows: readonly (readonly number[])[]): readonly string[] => rows.map((row) => row.join('')).sort();
    expect(sorted(answer)).toEqual(sorted(input.slice(0, length).map((row) => row.slice(0, bits))));
  });
});

describe.each(Object.values(builtIn).map((task) => [task.name, task] as const))('%s', (_, task) => {
  test.prop([seeds, upTo(3)], { numRuns: 100 })('draws sequences as a pure function of the random state', (seed, size) => {
    const rng = Object.freeze([...seededRng(seed)]);
    const [cell] = task.distribution.draw(WHOLE)(rng);
    const [first, after] = task.sequences(cell, size)(rng);
    const [again, same] = task.sequences(cell, size)(rng);
    expect(again).toEqual(first);
    expect(same).toEqual(after);
    expect(after).not.toEqual(rng);
  });

  test.prop([seeds, upTo(3)], { numRuns: 100 })('answers 0 or 1 where the mask is 1, and nothing elsewhere', (seed, size) => {
    const batch = drawnBatch(task, longest(task.distribution), size, seed);
    for (let b = 0; b < size; b++) {
      const { target, mask } = sequenceAt(batch, b);
      target.forEach((row, t) => expect(row.every((value) => value === 0 || (value === 1 && mask[t] === 1))).toBe(true));
    }
  });

  it('has cells that grow with the reach, up to the whole', () => {
    const { cells, whole } = task.distribution;
    const all = cells(WHOLE);
    expect(cells(whole)).toEqual(all);
    for (let reach = 1; reach < whole; reach += Math.ceil(whole / 20)) for (const cell of spread(cells(reach), 10)) expect(cells(reach + 1)).toContainEqual(cell);
  });

  test.prop([seeds], { numRuns: 100 })('draws the cells that it lists', (seed) => {
    const { cells, draw, whole } = task.distribution;
    for (const reach of [1, Math.ceil(whole / 2), WHOLE]) expect(cells(reach)).toContainEqual(draw(reach)(seededRng(seed))[0]);
  });
});
