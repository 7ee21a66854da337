/** Checkpoints of older versions: what they lack has its default, what is wrong in them is refused by name. */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { describe, expect, it } from 'vitest';
import { fileConfiguration } from '../../src/training/checkpoint.js';
import { builtIn } from '../../src/tasks/index.js';
import { type Configuration, KEYS } from '../../src/training/configuration.js';
import { configured } from '../support/configured.js';

const fromFile = (configuration: object): E.Either<string, Configuration | null> =>
  pipe(fileConfiguration({ metadata: { configuration: JSON.stringify(configuration) }, tensors: new Map() }), E.map((found) => found && found.configuration));

/** What files of versions that had no such setting went without. */
const WITHOUT = { weightDecay: 0, initialStrength: 0, initialAdvance: 0, initialMatch: 0, targets: 'drawn' };

const settings = (task: keyof typeof builtIn, changes: object = {}): Configuration => configured(changes, builtIn[task]).configuration;

describe('a configuration in a file', () => {
  it.each([settings('copy'), settings('copy', { preset: 'seed' }), settings('copy', { preset: 'paper' }), settings('repeatCopy'), settings('recall'), settings('sort')])('that lacks a setting has its default: $task, $preset', (c) => {
    for (const key of KEYS) {
      if (key === 'task' || key === 'preset') continue;
      expect(fromFile({ ...c, [key]: undefined }), key).toEqual(E.right(key in WITHOUT ? { ...c, [key]: WITHOUT[key as keyof typeof WITHOUT] } : c));
    }
  });

  it('keeps what it holds', () => {
    const c = settings('copy', { hidden: 20, averaging: 0.5, batch: 7 });
    expect(fromFile({ ...c, clip: undefined })).toEqual(E.right(c));
  });

  it.each([
    [{ hidden: 'many' }, '--hidden wants an integer of at least 1, got "many"'],
    [{ averaging: null }, '--averaging wants a number from 0 to below 1, got null'],
    [{ preset: 'best' }, '--preset wants default, seed, paper, got "best"'],
    [{ options: { bits: 0 } }, '--bits wants an integer of at least 1, got 0'],
    [{ options: { minLength: 9, maxLength: 3 } }, '--min-length 9 is above --max-length 3: lower the one or raise the other'],
    [{ options: 8 }, '--options wants the options of the task, got 8'],
    [{ task: 'sums' }, 'no task is named "sums"; there are copy, repeat-copy, recall, ngrams, sort'],
    [{ task: './sums.ts' }, 'its task is that of "./sums.ts", and is to be given'],
    [{ task: undefined }, '--task wants a name or a file, got nothing'],
  ])('that holds %o is refused by name', (wrong, fault) => {
    expect(fromFile({ ...settings('copy'), ...wrong })).toEqual(E.left(`its configuration: ${fault}`));
  });

  it('of version 0.1.0, whose options stand among the settings, is read, and what meant nothing to its task is dropped', () => {
    const { options, ...flat } = settings('copy', { bits: 3, maxLength: 4 });
    const earlier = { ...flat, bits: 3, minLength: 1, maxLength: 4, minRepeats: 1, maxRepeats: 1, countEncoding: 'tenth' };
    expect(fromFile(earlier)).toEqual(E.right({ ...flat, options }));
    const repeat = settings('repeatCopy', { maxRepeats: 3, countEncoding: 'normalised' });
    expect(fromFile({ ...repeat, options: undefined, ...repeat.options })).toEqual(E.right(repeat));
  });

  it('of unknown settings is refused', () => {
    expect(fromFile({ ...settings('copy'), hiden: 3 })).toEqual(E.left(expect.stringMatching(/^its configuration: unknown setting "hiden"/)));
  });
});
