/** `ntm reproduce`: what it makes of runs, and the command from outside. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it, vi } from 'vitest';
import { bitsAtEnd, kindsOf, middleRun, reproductionTable } from '../../src/study/reproduction.js';
import { type Run, runOf } from '../../src/study/summary.js';
import { builtIn } from '../../src/tasks/index.js';
import { command, freshFolder } from '../support/command.js';

vi.setConfig({ testTimeout: 300_000 });

const run = (controller: string, seed: number, bits: readonly number[], at20 = 0): Run =>
  runOf(
    `r/${controller}-${seed}`,
    { settings: { task: 'copy', controller, seed }, outcome: 'solved' },
    bits.map((each, i) => ({ step: i + 1, sequences: 4 * (i + 1), loss: 1, bits: each, wrongBits: 1, gradientNorm: 1, learningRate: 1, seconds: i, lost: 0 })),
    [{ task: 'copy', cell: { length: 20 }, sequences: 4, wrongMean: 0, wrong95: 0, crossEntropy: at20 }],
  );

const bits = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 9 });

describe('runs of several kinds', () => {
  test.prop([fc.shuffledSubarray(['lstm', 'feed-forward', 'none', 'gru'], { minLength: 1 }), fc.array(bits, { minLength: 1, maxLength: 5 })])('come kind by kind, the middle one of each with as many better as worse', (controllers, ends) => {
    const runs = controllers.flatMap((controller) => ends.map((each, seed) => run(controller, seed, each)));
    const kinds = kindsOf(runs);
    expect(kinds.map(({ controller }) => controller)).toEqual(['lstm', 'feed-forward', 'none'].filter((each) => controllers.includes(each)));
    for (const kind of kinds) {
      const end = bitsAtEnd(middleRun(kind));
      expect(Math.abs(kind.runs.filter((each) => bitsAtEnd(each) < end).length - kind.runs.filter((each) => bitsAtEnd(each) > end).length)).toBeLessThanOrEqual(kind.runs.length - 1);
      expect(kind.runs.filter((each) => bitsAtEnd(each) <= end).length).toBeGreaterThanOrEqual(Math.ceil(kind.runs.length / 2));
    }
  });

  it('are told as median and range, beside what the paper states', () => {
    const table = reproductionTable(builtIn.copy, kindsOf([run('lstm', 1, [9, 1], 2), run('lstm', 2, [9, 3], 4), run('lstm', 3, [9, 8], 9), run('none', 1, [80], 150)]));
    expect(table).toContain('| at the end of training | 6.00 (5.00–8.50) | 80.0 |');
    expect(table).toContain('| length 20 | 4.00 (2.00–9.00) | 150 |');
    expect(table).toContain('| length 120 | – | – |');
    expect(reproductionTable(builtIn.recall, [])).toContain('| items 15 | 1 (§4.3: below 1) |');
  });
});

const TINY = ['--', '--hidden', '8', '--memory', '8x4', '--bits', '1', '--max-length', '2', '--batch', '2', '--length', '2', '--sequences', '4'];

describe('the command', () => {
  it('trains three kinds of models, draws them, and given again only draws', async () => {
    const folder = freshFolder();
    const reproduce = () => command('ntm.ts', ['reproduce', 'copy', '--seeds', '1', '--iterations', '100', '--out', 'r', ...TINY], folder);
    const first = await reproduce();
    expect(first.code, first.err).toBe(0);
    expect(first.out).toMatch(/^about \d+ s for 3 runs/);
    const table = readFileSync(join(folder, 'r/results.md'), 'utf8');
    expect(first.out).toContain(table);
    for (const file of ['learning.svg', 'learning.png', 'heads-lstm/model-2-heads.svg', 'heads-feed-forward/model-2-heads.png']) expect(existsSync(join(folder, 'r', file)), file).toBe(true);
    const again = await reproduce();
    expect(again.out).not.toMatch(/about \d/);
    expect(readFileSync(join(folder, 'r/results.md'), 'utf8')).toBe(table);
  });

  it.each([
    [[], /^ntm reproduce wants a task: ntm reproduce copy; reproduce --help says how\n$/],
    [['copy', '--seeds', '3..1'], /^seeds: the range 3\.\.1 ends before it begins\n$/],
    [['copy', '--iterations', '0'], /^--iterations wants/],
    [['copy', '--', '--seed', '3'], /^--seed is not for every run: give the study’s --seeds\n$/],
    [['copy', '--', '--hidden', '0'], /^--hidden wants an integer of at least 1, got 0\n$/],
  ])('refuses %j in one line', async (words, message) => {
    const { code, err } = await command('ntm.ts', ['reproduce', ...words], freshFolder());
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
