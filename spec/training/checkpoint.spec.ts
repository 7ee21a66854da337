/** Checkpoints of older versions: what they lack has its default, what is wrong in them is refused by name. */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { fileConfiguration } from '../../src/training/checkpoint.js';
import { type Configuration, configure, KEYS } from '../../src/training/configuration.js';

const fromFile = (configuration: object) => fileConfiguration({ metadata: { configuration: JSON.stringify(configuration) }, tensors: new Map() });

const settings = (task: Configuration['task'], changes: object = {}): Configuration => {
  const result = configure(task, { ...changes });
  if (E.isLeft(result)) throw new Error(result.left.message);
  return result.right;
};

describe('a configuration in a file', () => {
  it.each([settings('copy'), settings('copy', { preset: 'seed' }), settings('copy', { preset: 'paper' }), settings('repeat-copy')])('that lacks a setting has its default: $task, $preset', (c) => {
    for (const key of KEYS) {
      if (key === 'task' || key === 'preset') continue;
      expect(fromFile({ ...c, [key]: undefined }), key).toEqual(E.right(c));
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
    [{ task: 'sort' }, '--task wants copy, repeat-copy, got "sort"'],
    [{ task: undefined }, '--task wants copy, repeat-copy, got nothing'],
  ])('that holds %o is refused by name', (wrong, fault) => {
    expect(fromFile({ ...settings('copy'), ...wrong })).toEqual(E.left(`its configuration: ${fault}`));
  });

  it('of unknown settings is refused', () => {
    expect(fromFile({ ...settings('copy'), hiden: 3 })).toEqual(E.left(expect.stringMatching(/^its configuration: unknown setting "hiden"/)));
  });
});
