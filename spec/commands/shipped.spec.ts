/** The models that come with the library, judged through the command. */
import { expect, it } from 'vitest';
import { command, freshFolder } from '../support/command.js';

interface Line {
  readonly event: string;
  readonly length: number;
  readonly perfect: number;
  readonly wrongMean: number;
  readonly aboveTheOptimum?: number;
}

const COPY = ['--length', '20,100,120', '--sequences', '20'];
const repeat = (length: number): readonly string[] => ['--length', `${length}`, '--repeats', '10', '--sequences', '40'];

it.each([
  ['copy', 'train-copy.ts', COPY, [20, 100, 120], 1],
  ['copy-feed-forward', 'train-copy.ts', ['--ff', ...COPY], [20, 100, 120], 1],
  ['repeat', 'train-repeat.ts', repeat(10), [10], 0.97],
  ['repeat-feed-forward', 'train-repeat.ts', ['--ff', ...repeat(10)], [10], 0.97],
  ['repeat-feed-forward', 'train-repeat.ts', ['--ff', ...repeat(20)], [20], 0.97],
])('%s is used without a model of one\'s own, and answers: %s %j', async (model, script, options, lengths, least) => {
  const { code, out, err } = await command(script, ['--eval', ...options, '--no-pictures', '--json'], freshFolder());
  expect(code).toBe(0);
  expect(err).toMatch(new RegExp(`shipped.*trained-models/${model}\\.safetensors`));
  const cells = out.trim().split('\n').map((line) => JSON.parse(line) as Line).filter(({ event }) => event === 'evaluation');
  expect(cells.map(({ length }) => length)).toEqual(lengths);
  for (const { perfect } of cells) expect(perfect).toBeGreaterThanOrEqual(least);
});

it.each([
  ['recall', ['--items', '6,10', '--sequences', '20'], ({ perfect }: Line) => perfect === 1],
  ['ngrams', ['--sequences', '100'], ({ aboveTheOptimum }: Line) => aboveTheOptimum! < 1],
  ['sort', ['--sequences', '200'], ({ wrongMean }: Line) => wrongMean < 1],
] as const)('%s is used too', async (task, options, isGood) => {
  const { code, out } = await command('ntm.ts', ['eval', task, ...options, '--no-pictures', '--json'], freshFolder());
  expect(code).toBe(0);
  const cells = out.trim().split('\n').map((line) => JSON.parse(line) as Line).filter(({ event }) => event === 'evaluation');
  expect(cells.length).toBeGreaterThan(0);
  expect(cells.filter((cell) => !isGood(cell))).toEqual([]);
});
