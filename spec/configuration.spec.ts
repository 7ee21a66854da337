/** Settings: decoded whole or refused by option. */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import reverse from '../examples/reverse.js';
import { defineTask } from '../src/tasks/definition.js';
import { builtIn } from '../src/tasks/index.js';
import { decodeConfiguration } from '../src/training/checkpoint.js';
import { type Configuration, configure, optimiserAt, shapeOf } from '../src/training/configuration.js';
import { configured } from './support/configured.js';

const good = (changes: object = {}): Configuration => configured(changes).configuration;

const refusal = (changes: object): string => {
  const result = configure(builtIn.copy, { ...changes });
  return E.isLeft(result) ? result.left.message : 'accepted';
};

describe('configuration', () => {
  it('survives JSON', () => {
    for (const task of Object.values(builtIn)) {
      const { configuration } = configured({}, task);
      expect(decodeConfiguration(JSON.parse(JSON.stringify(configuration)))).toMatchObject(E.right({ configuration }));
    }
  });

  it('keeps the seed’s published settings as a preset', () => {
    expect(good({ preset: 'seed' })).toMatchObject({ optimizer: 'rmsprop', learningRate: 1e-4, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-8, clip: 10, maxNorm: 0, stepLimit: 0, averaging: 0, annealBelow: 0 });
  });

  it('keeps the paper’s optimiser as a preset', () => {
    expect(good({ preset: 'paper' })).toMatchObject({ optimizer: 'centred-rmsprop', learningRate: 1e-4, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-4, clip: 10, maxNorm: 0, stepLimit: 0, averaging: 0, annealBelow: 0 });
  });

  it('gives a model without memory no sizes of one', () => {
    expect(shapeOf(configured({ controller: 'none', layers: 3, hidden: 256 }))).toMatchObject({ layers: 3, hidden: 256, slots: 0, readHeads: 0, writeHeads: 0 });
  });

  it.each([
    [{ minLength: 9, maxLength: 3 }, /--min-length 9.*--max-length 3/],
    [{ minLength: 0 }, /--min-length.*at least 1/],
    [{ batch: 2.5 }, /--batch.*integer/],
    [{ learningRate: Number.NaN }, /--learning-rate/],
    [{ momentum: 1 }, /--momentum.*below 1/],
    [{ controller: 'rnn' }, /--controller.*lstm, feed-forward, gru, none.*"rnn"/],
    [{ taps: 4 }, /--taps.*odd.*4/],
    [{ taps: 5, slots: 3 }, /--taps 5.*3 slots/],
    [{ readHeads: 0 }, /--read-heads.*at least 1/],
    [{ controller: 'feed-forward', layers: 2 }, /--layers 2.*feed-forward/],
    [{ legacyWriteAddressing: true, writeHeads: 2 }, /--legacy-write-addressing.*1 and 2/],
    [{ hiden: 3 }, /"hiden"/],
  ])('refuses %o by its option', (changes, message) => {
    expect(refusal(changes)).toMatch(message);
  });

  it('asks the task how it trains, for a preset and a controller, before the user\'s own settings', () => {
    expect(configured({}, builtIn.repeatCopy).configuration).toMatchObject({ trailing: 2, curriculum: 4, initialFocus: 10, iterations: 100_000 });
    expect(configured({ preset: 'seed' }, builtIn.repeatCopy).configuration).toMatchObject({ trailing: 0, curriculum: 0, initialFocus: 0 });
    expect(configured({ controller: 'feed-forward' }, builtIn.recall).configuration).toMatchObject({ readHeads: 4, writeHeads: 1, hidden: 128, learningRate: 2e-3, squareDecay: 0.8 });
    expect(configured({ preset: 'paper' }, builtIn.recall).configuration).toMatchObject({ controller: 'feed-forward', readHeads: 4, writeHeads: 4, hidden: 256, learningRate: 1e-4 });
    expect(configured({ slots: 4 }, builtIn.recall).configuration).toMatchObject({ taps: 3 });
    expect(configured({ controller: 'feed-forward', readHeads: 2 }, builtIn.recall).configuration).toMatchObject({ readHeads: 2, hidden: 128 });
  });

  it('has settings for a task that asks for none', () => {
    expect(configured({}, defineTask(reverse)).configuration).toMatchObject({ task: 'reverse', options: {}, iterations: 100_000, batch: 4 });
  });

  it('lets the learning rate fall with the running loss, to its floor', () => {
    const c = good({ learningRate: 1, annealBelow: 0.1, annealFloor: 0.2 });
    expect([0.7, 0.1, 0.05, 0].map((loss) => optimiserAt(c, loss).learningRate)).toEqual([1, 1, 0.5, 0.2]);
  });
});
