/** The models that come with the library, judged through the command. */
import { expect, it } from 'vitest';
import { command, freshFolder } from '../support/command.js';

interface Line {
  readonly event: string;
  readonly length: number;
  readonly repeats: number;
  readonly perfect: number;
}

/** Share of perfect sequences a cell, in the order of the command. */
const shares = (out: string): readonly number[] =>
  out.trim().split('\n').map((line) => JSON.parse(line) as Line).filter(({ event }) => event === 'evaluation').map(({ perfect }) => perfect);

const COPY = ['--length', '20,100,120', '--sequences', '20'];
const REPEAT = ['--length', '10', '--repeats', '10', '--sequences', '40'];

it.each([
  ['copy', 'train-copy.ts', COPY, 1],
  ['copy-feed-forward', 'train-copy.ts', ['--ff', ...COPY], 1],
  ['repeat', 'train-repeat.ts', REPEAT, 0.97],
  ['repeat-feed-forward', 'train-repeat.ts', ['--ff', ...REPEAT], 0.97],
  ['repeat-feed-forward', 'train-repeat.ts', ['--ff', '--length', '20', '--repeats', '10', '--sequences', '40'], 0.97],
])('%s is used without a model of one\'s own, and answers: %s %j', async (model, script, options, least) => {
  const { code, out, err } = await command(script, ['--eval', ...options, '--json'], freshFolder());
  expect(code).toBe(0);
  expect(err).toContain(`trained-models/${model}.safetensors`);
  expect(shares(out).length).toBeGreaterThan(0);
  for (const share of shares(out)) expect(share).toBeGreaterThanOrEqual(least);
});
