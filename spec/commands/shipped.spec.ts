/** The models that come with the library, judged through the command. */
import { describe, expect, it } from 'vitest';
import { command, freshFolder } from '../support/command.js';

describe('the shipped copy model', () => {
  it('gives back sequences of lengths 20, 100 and 120 without a wrong bit', async () => {
    const { code, out, err } = await command('train-copy.ts', ['--eval', '--length', '20,100,120', '--sequences', '20', '--json'], freshFolder());
    expect(code).toBe(0);
    expect(err).toMatch(/shipped/);
    const cells = out.trim().split('\n').map((line) => JSON.parse(line) as { event: string; length: number; perfect: number }).filter(({ event }) => event === 'evaluation');
    expect(cells.map(({ length, perfect }) => [length, perfect])).toEqual([[20, 1], [100, 1], [120, 1]]);
  });
});

describe('the shipped feed-forward copy model', () => {
  it('gives back sequences of lengths 20 and 40 without a wrong bit', async () => {
    const { code, out, err } = await command('train-copy.ts', ['--eval', '--ff', '--length', '20,40', '--sequences', '20', '--json'], freshFolder());
    expect(code).toBe(0);
    expect(err).toMatch(/shipped.*copy-feed-forward/);
    const cells = out.trim().split('\n').map((line) => JSON.parse(line) as { event: string; length: number; perfect: number }).filter(({ event }) => event === 'evaluation');
    expect(cells.map(({ length, perfect }) => [length, perfect])).toEqual([[20, 1], [40, 1]]);
  });
});

describe('the shipped repeat-copy model', () => {
  it('gives back 10 vectors 10 times and marks the end once, nearly always', async () => {
    const { code, out } = await command('train-repeat.ts', ['--eval', '--length', '10', '--repeats', '10', '--sequences', '40', '--json'], freshFolder());
    expect(code).toBe(0);
    const cells = out.trim().split('\n').map((line) => JSON.parse(line) as { event: string; perfect: number }).filter(({ event }) => event === 'evaluation');
    expect(cells[0]!.perfect).toBeGreaterThanOrEqual(0.95);
  });
});
