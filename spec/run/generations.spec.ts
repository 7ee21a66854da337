/** What stood at a model's path is never lost to a new run: generations, the best one, and what others put there. */
import { existsSync, linkSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { decodeSafetensors, type Safetensors } from '../../src/io/safetensors.js';
import { bestOf, type Generations, openGenerations } from '../../src/run/generations.js';
import { type Score, withScore } from '../../src/run/score.js';
import { builtIn } from '../../src/tasks/index.js';
import { configured } from '../support/configured.js';
import { freshFolder } from '../support/command.js';

const settings = (changes: object = {}): string => JSON.stringify(configured(changes).configuration);

/** A file that says a number. */
const file = (n: number, configuration = settings()): Safetensors => ({ metadata: { task: 'copy', configuration }, tensors: new Map([['w', { shape: [1], data: Float32Array.of(n) }]]) });
const scored = (n: number, score: Score, changes: object = {}): Safetensors => withScore(file(n, settings(changes)), score);

const right = <A>(either: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(either)) throw new Error(either.left.message);
  return either.right;
};

const numberIn = (path: string): number => {
  const read = decodeSafetensors(new Uint8Array(readFileSync(path)));
  if (E.isLeft(read)) throw new Error(read.left);
  return read.right.tensors.get('w')!.data[0]!;
};

const open = async (path: string, options: { readonly keep?: number; readonly source?: string; readonly resumed?: boolean } = {}): Promise<Generations> =>
  right(await openGenerations({ path, task: builtIn.copy, keep: options.keep ?? 3, source: options.source ?? null, resumed: options.resumed ?? false, say: () => undefined })());

const save = async (path: string, n: number, options: Parameters<typeof open>[1] = {}): Promise<void> => {
  const generations = await open(path, options);
  right(await generations.save(file(n - 0.5))());
  right(await generations.save(file(n))());
};

const numbersIn = (folder: string): Record<string, number> => Object.fromEntries(readdirSync(folder).sort().map((name) => [name, numberIn(join(folder, name))]));

it('keeps the ends of the last three runs, and counts on', async () => {
  const folder = freshFolder();
  const path = join(folder, 'm.safetensors');
  for (let n = 1; n <= 6; n++) await save(path, n);
  expect(numbersIn(folder)).toEqual({ 'm.previous-3.safetensors': 3, 'm.previous-4.safetensors': 4, 'm.previous-5.safetensors': 5, 'm.safetensors': 6 });
});

it('keeps as many as are asked for, and none of a run that is gone on with', async () => {
  const folder = freshFolder();
  const path = join(folder, 'm');
  for (let n = 1; n <= 3; n++) await save(path, n, { keep: 1 });
  await save(path, 4, { keep: 1, resumed: true });
  expect(numbersIn(folder)).toEqual({ m: 4, 'm.previous-2': 2 });
  await save(path, 5, { keep: 0 });
  expect(numbersIn(folder)).toEqual({ m: 5 });
});

it('never removes what the run started from', async () => {
  const folder = freshFolder();
  const path = join(folder, 'm.safetensors');
  for (let n = 1; n <= 4; n++) await save(path, n);
  for (let n = 5; n <= 7; n++) await save(path, n, { source: join(folder, 'm.previous-1.safetensors') });
  expect(numbersIn(folder)).toMatchObject({ 'm.previous-1.safetensors': 1, 'm.safetensors': 7 });
  await save(path, 8, { source: path });
  expect(Object.values(numbersIn(folder))).toContain(7);
});

it('keeps a file that appears at the path during a run', async () => {
  const folder = freshFolder();
  const path = join(folder, 'm.safetensors');
  const generations = await open(path);
  right(await generations.save(file(1))());
  const other = join(folder, 'other.safetensors');
  await save(other, 9);
  const foreign = readFileSync(other);
  writeFileSync(path, foreign);
  right(await generations.save(file(2))());
  expect(numbersIn(folder)).toEqual({ 'm.previous-1.safetensors': 9, 'm.safetensors': 2, 'other.safetensors': 9 });
});

it('has a file at the path at every moment', async () => {
  const folder = freshFolder();
  const path = join(folder, 'm.safetensors');
  await save(path, 1);
  let missing = 0;
  let writing = true;
  const watch = (async () => {
    while (writing) {
      if (!existsSync(path)) missing++;
      await new Promise(setImmediate);
    }
  })();
  for (let n = 2; n < 12; n++) await save(path, n);
  writing = false;
  await watch;
  expect(missing).toBe(0);
});

it('keeps the best of all runs apart, as long as they can be compared', async () => {
  const folder = freshFolder();
  const path = join(folder, 'm.safetensors');
  const best = bestOf(path);
  const saveBest = async (contents: Safetensors, options: Parameters<typeof open>[1] = {}): Promise<void> => void right(await (await open(path, options)).saveBest(contents)());
  await saveBest(scored(1, { heldOut: 0.5, longest: null }));
  expect(numberIn(best)).toBe(1);
  await saveBest(scored(2, { heldOut: 0.7, longest: null }));
  expect(numberIn(best)).toBe(1);
  await saveBest(scored(3, { heldOut: null, longest: 0.9 }));
  expect(numberIn(best)).toBe(3);
  await saveBest(scored(4, { heldOut: 0.001, longest: null }));
  expect(numberIn(best)).toBe(3);
  expect(readdirSync(folder)).toEqual(['m.best.safetensors']);
  await saveBest(scored(5, { heldOut: 0.6, longest: null }, { maxLength: 7 }));
  expect(numbersIn(folder)).toEqual({ 'm.best.safetensors': 5, 'm.previous-1.safetensors': 3 });
  await saveBest(scored(6, { heldOut: 0.1, longest: null }, { maxLength: 7 }), { source: best });
  expect(Object.values(numbersIn(folder)).sort()).toEqual([3, 5, 6]);
});

it('of a file that has two names already loses neither', async () => {
  const folder = freshFolder();
  const path = join(folder, 'm.safetensors');
  await save(path, 1);
  linkSync(path, join(folder, 'good.safetensors'));
  await save(path, 2);
  expect(numbersIn(folder)).toEqual({ 'good.safetensors': 1, 'm.previous-1.safetensors': 1, 'm.safetensors': 2 });
});
