/** Completion by the shell: what is suggested exists, and is found from any beginning of it. */
import { fc, test } from '@fast-check/vitest';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it, vi } from 'vitest';
import { COMPLETED, completeMain, SHELLS, type Suggested } from '../../scripts/command/complete.js';
import { readPlotArguments } from '../../scripts/command/plot-options.js';
import { readReproduceArguments } from '../../scripts/command/reproduce-options.js';
import { readSweepArguments } from '../../scripts/command/sweep-options.js';
import { command, freshFolder } from '../support/command.js';

vi.mock('../../scripts/command/end.js', () => ({ end: () => Promise.resolve() }));

/** The lines that a shell reads; the last is the directive. */
const asked = async (...words: readonly string[]): Promise<readonly string[]> => {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  await completeMain(['--', ...words]);
  log.mockRestore();
  return lines;
};

const suggested = async (...words: readonly string[]): Promise<readonly string[]> => (await asked(...words)).slice(0, -1).map((line) => line.split('\t')[0]!);

const drawn = fc.constantFrom(...COMPLETED.filter(({ options }) => options.length > 0)).chain(({ words, options }) =>
  fc.record({ words: fc.constant(words.split(' ')), option: fc.constantFrom(...options), letters: fc.nat(12) }),
);

test.prop([drawn], { numRuns: 300 })('every option of every command is found from any beginning of it', async ({ words, option, letters }) => {
  const found = await suggested(...words, `--${option.name.slice(0, letters)}`);
  expect(found).toContain(`--${option.name}`);
});

test.prop([drawn.filter(({ option }) => option.values.length > 0)], { numRuns: 100 })('so are the values of an option that has a few', async ({ words, option, letters }) => {
  const value = option.values[letters % option.values.length]!;
  expect(await suggested(...words, `--${option.name}`, value.slice(0, letters))).toContain(value);
});

const FILES = [':0'];

it.each([['eval', 'copy', '--model', ''], ['train', 'copy', '--config', 'se'], ['plot', ''], ['report', 'runs/'], ['train', './my']])('files are left to the shell: %s %s %s %s', async (...words) => expect(await asked(...words)).toEqual(FILES));

it('tasks and commands are found', async () => {
  expect(await suggested('tr')).toEqual(['train']);
  expect(await suggested('train', '')).toEqual(['copy', 'repeat', 'recall', 'ngrams', 'sort']);
  expect(await suggested('train', 'repeat', '--count-encoding', '')).toEqual(['tenth', 'normalised']);
  expect(await suggested('train', 'copy', '--controller', 'f')).toEqual(['feed-forward']);
});

describe('what is suggested is what the command takes', () => {
  const optionsOf = (command: string): readonly Suggested[] => COMPLETED.find(({ words }) => words === command)!.options;
  const READERS: ReadonlyArray<readonly [string, (argv: readonly string[]) => E.Either<{ readonly message: string }, unknown>]> = [
    ['plot', (argv) => readPlotArguments(argv, ['length', 'repeats', 'items'])],
    ['sweep', readSweepArguments],
    ['reproduce', readReproduceArguments],
  ];
  it.each(READERS)('%s', (name, read) => {
    expect(optionsOf(name).length).toBeGreaterThan(5);
    expect(read(['copy', '--made-up=1'])).toMatchObject({ left: { message: expect.stringMatching(/Unknown option/) } });
    for (const { name: option, flag } of optionsOf(name)) {
      const answer = read(['copy', flag ? `--${option}` : `--${option}=1`]);
      expect(E.isLeft(answer) ? answer.left.message : '').not.toMatch(/Unknown option|does not take|argument missing/);
    }
  });
});

describe('ntm complete', () => {
  it.each(SHELLS)('prints a script for %s', async (shell) => {
    const { code, out, err } = await command('ntm.ts', ['complete', shell], freshFolder());
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/ntm complete/);
  });

  it('says which shells there are', async () => expect(await command('ntm.ts', ['complete', 'tcsh'], freshFolder())).toEqual({ code: 2, out: '', err: 'ntm complete wants bash, zsh, fish or powershell, got "tcsh": source <(ntm complete bash)\n' }));
});
