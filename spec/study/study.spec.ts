/** What a study stands for, and what its files say: pure functions. */
import { execFileSync } from 'node:child_process';
import { fc, test } from '@fast-check/vitest';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { commandLine, jobName, optionsOf, quoted, settingsIn } from '../../src/study/job.js';
import { encodeRecord, OUTCOMES, readRecord, type RunRecord } from '../../src/study/record.js';
import { decodeStudy, expand, parseSeeds, parseSet, sizeOf } from '../../src/study/study.js';
import { csvOf } from '../../src/study/tables.js';
import { groupsOf, quantile, type Run, runOf, withoutCopies } from '../../src/study/summary.js';
import { configured } from '../support/configured.js';

const seeds = fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 6 });
const name = fc.stringMatching(/^[a-z]{1,4}(-[a-z]{1,4})?$/);
const set = fc.dictionary(name, fc.uniqueArray(fc.stringMatching(/^[a-z0-9.e-]{1,5}$/), { minLength: 1, maxLength: 3 }), { maxKeys: 3 });
const value = fc.oneof(fc.string(), fc.boolean(), fc.double({ noDefaultInfinity: true, noNaN: true }).map((n) => n + 0));
const settings = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), value, { maxKeys: 5 }).map((more) => ({ ...more, task: 'copy' }));

describe('a study', () => {
  test.prop([seeds, set])('is every combination of the values with every seed, once', (all, values) => {
    const runs = expand({ seeds: all, set: values });
    expect(runs).toHaveLength(sizeOf({ seeds: all, set: values }));
    expect(new Set(runs.map((run) => JSON.stringify(run))).size).toBe(runs.length);
    for (const run of runs) {
      expect(all).toContain(run.seed);
      expect(Object.keys(run.values)).toEqual(Object.keys(values));
      for (const key of Object.keys(values)) expect(values[key]).toContain(run.values[key]);
    }
  });

  test.prop([fc.nat(10_000), fc.nat(50)])('has the seeds of a range', (from, more) => {
    expect(parseSeeds(`${from}..${from + more}`)).toEqual(E.right(Array.from({ length: more + 1 }, (_, i) => from + i)));
  });

  it.each([
    ['2..1', /ends before it begins/],
    ['1,1..3', /seed 1 is given twice/],
    ['one', /such as 1\.\.20/],
    ['', /such as 1\.\.20/],
    ['1..9999999', /more than 100000 seeds/],
  ])('has no seeds %s', (text, fault) => {
    const found = parseSeeds(text);
    expect(E.isLeft(found) && found.left).toMatch(fault);
  });

  it.each([
    ['learningRate', /wants key=value/],
    ['=1', /wants key=value/],
    ['learningRate=', /one value or several/],
    ['learningRate=1,1', /value 1 is given twice/],
    ['seed=1,2', /given by seeds/],
    ['out=x', /for the study to decide/],
    ['learning rate=1', /called as an option/],
  ])('does not set %s', (text, fault) => {
    const found = parseSet(text);
    expect(E.isLeft(found) && found.left).toMatch(fault);
  });

  it('is the same from its file, however its settings are spelled', () => {
    const file = { task: 'copy', seeds: [1, '3..5'], set: { learningRate: ['4e-3', 0.008], controller: 'gru' }, options: ['--hidden', 8] };
    expect(decodeStudy(file)).toEqual(
      E.right({ task: 'copy', seeds: [1, 3, 4, 5], set: { 'learning-rate': ['4e-3', '0.008'], controller: ['gru'] }, options: ['--hidden', '8'] }),
    );
    expect(decodeStudy({ ...file, sets: {} })).toEqual(E.left('unknown field "sets"; a study has task, seeds, set, options'));
    expect(E.isLeft(decodeStudy({ set: { learningRate: 1, 'learning-rate': 2 } }))).toBe(true);
    expect(E.isLeft(decodeStudy([]))).toBe(true);
  });
});

describe('a job', () => {
  test.prop([settings, settings])('is named by what it is given: alike where the settings are, in whatever order', (a, b) => {
    const named = (each: Readonly<Record<string, string | number | boolean>>): string => jobName({ seed: 1, values: {} }, [], each);
    expect(named(Object.fromEntries(Object.entries(a).reverse()))).toBe(named(a));
    const sorted = (each: object): string => JSON.stringify(Object.entries(each).sort());
    expect(named(a) === named(b)).toBe(sorted(a) === sorted(b));
  });

  test.prop([fc.dictionary(fc.string(), fc.string({ unit: 'binary' }), { maxKeys: 8 }), fc.nat()])('has a name that every file system takes', (values, seed) => {
    const found = jobName({ seed, values }, Object.keys(values), {});
    expect(found).toMatch(/^[\w.+-]{1,200}$/);
  });

  test.prop([fc.array(fc.string({ unit: fc.constantFrom(...'aB1 \'"$`\\*?~#&|;<>(){}[]!\n=-,.é') }), { minLength: 1, maxLength: 5 })], { numRuns: 30 })(
    'reaches its command word for word through a shell',
    (words) => {
      const out = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(quoted).join(' ')}`]).toString();
      expect(out.split('\0').slice(0, -1)).toEqual(words);
    },
  );

  it('has options that can be given again, the study’s last and one thread first', () => {
    const options = optionsOf({ options: ['--hidden', '8'] }, { seed: 3, values: { 'until-solved': 'false', ff: 'true', 'learning-rate': '4e-3' } });
    expect(options).toEqual(['--workers=1', '--no-pictures', '--hidden', '8', '--no-until-solved', '--ff', '--learning-rate=4e-3', '--seed=3']);
    const job = { name: 'seed-3_00000000', task: './my task.ts', settings: {}, options };
    expect(commandLine('ntm', job, 'runs/s')).toMatch(/^ntm train '\.\/my task\.ts' .* --model=runs\/s\/seed-3_00000000\/model.safetensors --out=runs\/s\/seed-3_00000000 --continue$/);
  });

  it('has every setting in force, the task’s own among them', () => {
    expect(settingsIn(configured({ bits: 3, seed: 7 }))).toMatchObject({ task: 'copy', bits: 3, seed: 7, controller: 'lstm' });
  });
});

const count = fc.nat(1e6);
const record: fc.Arbitrary<RunRecord> = fc.record(
  { settings, outcome: fc.constantFrom(...OUTCOMES), reason: fc.string(), iterations: count, sequences: count, solvedAt: count },
  { requiredKeys: ['settings', 'outcome'] },
);

describe('a record', () => {
  test.prop([record])('is read as it was written', (given) => {
    expect(readRecord(new TextDecoder().decode(encodeRecord(given)))).toEqual(given);
  });

  test.prop([record, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })])('is none where it is torn', (given, share) => {
    const text = new TextDecoder().decode(encodeRecord(given));
    expect(readRecord(text.slice(0, Math.floor(share * (text.length - 1))))).toBeNull();
  });
});

const block = (step: number) => ({ step, sequences: 4 * step, loss: 0.1, bits: 2, wrongBits: 1, gradientNorm: 1, learningRate: 0.01, seconds: step / 100, lost: 0 });
const run = (seed: number, rate: number, changes: Partial<RunRecord> = {}): Run =>
  runOf(`r/${rate}-${seed}`, { settings: { task: 'copy', learningRate: rate, seed }, outcome: 'solved', iterations: 300, sequences: 1200, solvedAt: 800, ...changes }, [block(100), block(200), block(300)], []);

describe('a report', () => {
  test.prop([fc.array(fc.oneof(fc.integer(), fc.constant(Infinity)), { minLength: 1 })])('has quantiles between the least and the most', (values) => {
    const [least, low, middle, high, most] = [0, 0.25, 0.5, 0.75, 1].map((share) => quantile(values, share)) as [number, number, number, number, number];
    expect([least, most]).toEqual([Math.min(...values), Math.max(...values)]);
    expect(least <= low && low <= middle && middle <= high && high <= most).toBe(true);
  });

  it('counts what was not solved as infinitely long, and what is unfinished not at all', () => {
    const runs = [run(1, 0.1), run(2, 0.1, { outcome: 'not solved', solvedAt: undefined! }), run(3, 0.1, { outcome: 'failed', reason: 'x' }), run(4, 0.1, { outcome: 'unfinished' }), run(1, 0.2)];
    const [first, second] = groupsOf(runs);
    expect(first).toMatchObject({ settings: { learningRate: 0.1 }, solved: 1, failed: 1, unfinished: 1, sequences: { median: Infinity, quartiles: [Infinity, Infinity], worst: Infinity } });
    expect(second).toMatchObject({ settings: { learningRate: 0.2 }, solved: 1, sequences: { median: 800, worst: 800 }, seconds: { median: 2 } });
  });

  test.prop([fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 })])('has a run once, the one that is further on, in whatever order its folders are', (order) => {
    const all = [run(1, 0.1), run(1, 0.1, { outcome: 'unfinished' }), run(2, 0.1, { outcome: 'unfinished', iterations: 7 }), run(2, 0.1, { outcome: 'unfinished', iterations: 9 }), run(3, 0.1, { outcome: 'failed' }), run(3, 0.1, { outcome: 'unfinished' })];
    const kept = withoutCopies(order.map((i) => all[i]!));
    const found = kept.map(({ settings: each, outcome, iterations }) => [each.seed, outcome, iterations]).sort();
    expect(found).toEqual([[1, 'solved', 300], [2, 'unfinished', 9], [3, 'failed', 300]]);
  });

  it('quotes words of CSV', () => {
    const text = csvOf([run(1, 0.1, { outcome: 'failed', reason: 'diverged, at "step" 7' })]);
    expect(text.split('\r\n')[1]).toBe('r/0.1-1,failed,"diverged, at ""step"" 7",300,1200,3,,,copy,0.1,1');
  });
});
