/** The logs of a run that goes on: nothing torn, nothing twice, nothing beyond the checkpoint, and no other run's. */
import { appendFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { readEvents } from '../../src/io/tensorboard.js';
import type { Block } from '../../src/run/blocks.js';
import { trackBlocks } from '../../src/run/blocks.js';
import { appendImages, EVENTS, type Logs, METRICS, openLogs, readRecord } from '../../src/run/logs.js';
import type { Report } from '../../src/training/trainer.js';
import { freshFolder } from '../support/command.js';

const block = (step: number, changes: Partial<Block> = {}): Block => ({ step, sequences: 4 * step, loss: 0.5, bits: 12, wrongBits: 2, gradientNorm: 0.1, learningRate: 8e-3, seconds: step / 100, lost: 0, ...changes });

const right = <A>(either: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(either)) throw new Error(either.left.message);
  return either.right;
};

const open = async (folder: string, resumedAt: number | null): Promise<Logs> => right(await openLogs(folder, resumedAt, () => undefined)());

const write = async (folder: string, resumedAt: number | null, steps: readonly number[]): Promise<void> => {
  const logs = await open(folder, resumedAt);
  for (const step of steps) right(await logs.append(block(step), 1e9 + step)());
};

const metricsOf = (folder: string): number[] => readFileSync(join(folder, METRICS), 'utf8').trim().split('\n').map((line) => (JSON.parse(line) as Block).step);

/** Steps of the events; the first record has none, and nothing follows the last. */
const eventsOf = (folder: string): number[] => {
  const bytes = new Uint8Array(readFileSync(join(folder, EVENTS)));
  const records = readEvents(bytes);
  expect(records[0]!.step).toBeNull();
  expect(records.at(-1)!.end).toBe(bytes.length);
  return records.slice(1).map(({ step }) => step!);
};

describe('a resumed run', () => {
  it('cuts what was written beyond its checkpoint', async () => {
    const folder = freshFolder();
    await write(folder, null, [100, 200, 300, 400]);
    await write(folder, 250, [300, 400, 500]);
    expect(metricsOf(folder)).toEqual([100, 200, 300, 400, 500]);
    expect(eventsOf(folder)).toEqual([100, 200, 300, 400, 500]);
  });

  it.each([2, 5, 20, 60])('mends a record torn %i bytes before its end', async (torn) => {
    const folder = freshFolder();
    await write(folder, null, [100, 200, 300]);
    for (const name of [METRICS, EVENTS]) truncateSync(join(folder, name), readFileSync(join(folder, name)).length - torn);
    await write(folder, 300, [400]);
    expect(metricsOf(folder)).toEqual([100, 200, 400]);
    expect(eventsOf(folder)).toEqual([100, 200, 400]);
  });

  it('mends what earlier versions left: a torn line in the middle, steps twice', async () => {
    const folder = freshFolder();
    await write(folder, null, [100]);
    appendFileSync(join(folder, METRICS), '{"step": 150, "sequ');
    for (const step of [200, 300, 200, 300]) appendFileSync(join(folder, METRICS), `${readFileSync(join(folder, METRICS), 'utf8').split('\n')[0]!.replace('"step":100', `"step":${step}`)}\n`);
    await write(folder, 300, [400]);
    expect(metricsOf(folder)).toEqual([100, 200, 300, 400]);
  });

  it('knows the blocks up to its step, and writes nothing before its first', async () => {
    const folder = freshFolder();
    await write(folder, null, [100, 200, 300]);
    const before = readFileSync(join(folder, METRICS));
    const { blocks } = await open(folder, 200);
    expect(blocks.map(({ step, seconds }) => [step, seconds])).toEqual([[100, 1], [200, 2]]);
    expect(readFileSync(join(folder, METRICS))).toEqual(before);
  });

  it('in a folder without events, or with damaged ones, begins them anew', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, EVENTS), 'nothing of the kind');
    await write(folder, 100, [200]);
    expect(eventsOf(folder)).toEqual([200]);
  });
});

it('the images of a run stay when it is resumed at their step, beside its scalars, and go when it is resumed before', async () => {
  const folder = freshFolder();
  await write(folder, null, [100, 200]);
  right(await appendImages(folder, 200, 1, { answer: { width: 1, height: 1, png: Uint8Array.of(1, 2, 3) } })());
  await write(folder, 200, [300]);
  expect(eventsOf(folder)).toEqual([100, 200, 200, 300]);
  await write(folder, 100, [150]);
  expect(eventsOf(folder)).toEqual([100, 150]);
});

it('every figure of a line of metrics is in the events', async () => {
  const folder = freshFolder();
  const logs = await open(folder, null);
  right(await logs.append(block(100, { lost: 3 }), 1)());
  const line = JSON.parse(readFileSync(join(folder, METRICS), 'utf8')) as Record<string, number>;
  const events = readFileSync(join(folder, EVENTS), 'latin1');
  const names = Object.keys(line).filter((name) => name !== 'step');
  expect(names).toEqual(['sequences', 'loss', 'bits', 'wrong_bits', 'gradient_norm', 'learning_rate', 'seconds', 'lost']);
  for (const name of names) expect(events).toContain(`\n${String.fromCharCode(name.length)}${name}`);
});

it('a fresh run sets the logs of an earlier one aside', async () => {
  const folder = freshFolder();
  await write(folder, null, [100, 200]);
  await write(folder, null, [50]);
  await write(folder, null, [70]);
  expect(metricsOf(folder)).toEqual([70]);
  expect(metricsOf(join(folder, 'previous-1'))).toEqual([100, 200]);
  expect(eventsOf(join(folder, 'previous-2'))).toEqual([50]);
  expect(readdirSync(folder).sort()).toEqual([EVENTS, METRICS, 'previous-1', 'previous-2'].sort());
});

it('a fresh run that ends before its first block leaves the folder as it was', async () => {
  const folder = freshFolder();
  await open(folder, null);
  expect(existsSync(join(folder, METRICS))).toBe(false);
});

describe('lost iterations', () => {
  const report = (step: number, loss: number, gradientNorm: number | null): Report => ({ state: { step, sequences: step } as Report['state'], cell: { length: 1 }, loss, bits: 8 * loss, wrongBits: 1, gradientNorm, learningRate: 1, heldOut: null, longest: null });

  it('are counted, and not in the means; where all are lost no mean is written, and none is null', async () => {
    const folder = freshFolder();
    const tracker = trackBlocks(() => 1);
    tracker.add(report(1, 0.5, 1));
    tracker.add(report(2, NaN, 1));
    tracker.add(report(3, Infinity, 1));
    tracker.add(report(4, 0.7, null));
    const mixed = tracker.rest()!;
    expect(mixed).toMatchObject({ loss: 0.5, lost: 3 });
    tracker.add(report(5, NaN, null));
    const logs = await open(folder, null);
    right(await logs.append(mixed, 1)());
    right(await logs.append(tracker.rest()!, 2)());
    const text = readFileSync(join(folder, METRICS), 'utf8');
    expect(text).not.toMatch(/null|NaN/);
    expect(text.trim().split('\n').map((line) => JSON.parse(line) as object)).toEqual([
      { step: 4, sequences: 4, loss: 0.5, bits: 4, wrong_bits: 1, gradient_norm: 1, learning_rate: 1, seconds: 1, lost: 3 },
      { step: 5, sequences: 5, learning_rate: 1, seconds: 1, lost: 1 },
    ]);
    expect(text.trim().split('\n').map(readRecord)).toEqual([mixed, expect.objectContaining({ step: 5, loss: NaN, lost: 1 })]);
  });
});
