/** Contradictions, sizes that cannot be had, and odd values: refused before anything is done, in one printable line. */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { encodeSafetensors } from '../../src/io/safetensors.js';
import { command, type Finished, freshFolder } from '../support/command.js';

vi.setConfig({ testTimeout: 240_000 });

const oneLine = ({ err }: Finished): string => {
  expect(err.trim().split('\n')).toHaveLength(1);
   
  expect(err.trim()).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  expect(err.length).toBeLessThan(2500);
  return err.trim();
};

const WEIGHTS = encodeSafetensors({ metadata: { configuration: '{"task":"copy","\\u001b[2J\\n\\u009bmhidden":1}', state: '{}' }, tensors: new Map() });

const SHIPPED = fileURLToPath(new URL('../../trained-models/copy.safetensors', import.meta.url));

const REFUSED: ReadonlyArray<readonly [string, readonly string[], RegExp]> = [
  ['evaluating and resuming', ['--eval', '--resume'], /--eval and --resume contradict/],
  ['resuming from other weights', ['--resume', '--init-from', 'a'], /--resume and --init-from contradict/],
  ['evaluating other weights', ['--eval', '--init-from', 'a'], /--eval and --init-from contradict/],
  ['resuming with a configuration', ['--resume', '--config', 'c.json'], /--resume and --config contradict/],
  ['evaluating with a configuration', ['--eval', '--config', 'c.json'], /--eval and --config contradict/],
  ['a configuration of another task', ['--config', 'repeat.json'], /--config repeat\.json: its settings are of the repeat-copy task: use npx tsx scripts\/ntm\.ts train repeat/],
  ['a configuration with a key twice', ['--config', 'twice.json'], /--config twice\.json: is ambiguous: it has the key "hidden" twice/],
  ['a configuration that is a pipe', ['--config', 'pipe'], /--config pipe: is a device, a pipe or a socket/],
  ['a hidden layer beyond memory', ['--hidden', '30000'], /takes (about )?[\d.e+]+ GiB.*--hidden/],
  ['a hidden layer beyond all memory', ['--hidden', '1e6'], /takes (about )?[\d.e+]+ GiB.*--hidden/],
  ['64 threads on fewer cores', ['--batch', '64', '--workers', '64', '--backend', 'webasm'], /--workers 64 is more than the \d+ cores? here/],
  ['an evaluation beyond memory, before training', ['--length', '1e9'], /evaluating length 1000000000 takes/],
  ['an epsilon that is nothing in float32', ['--epsilon', '1e-50'], /--epsilon wants a number above 0, got 1e-50, which is 0 in float32/],
  ['a momentum that is one in float32', ['--momentum', '0.999999999'], /--momentum .*got 0\.999999999, which is 1 in float32/],
  ['a learning rate that is nothing in float32', ['--learning-rate', '1e-46'], /--learning-rate .*which is 0 in float32/],
  ['a learning rate beyond float32', ['--learning-rate', '1e39'], /--learning-rate .*got 1e\+39, which is Infinity in float32/],
  ['a seed beyond 32 bits', ['--seed', '4294967296'], /--seed wants an integer from 0 to 4294967295, got 4294967296/],
  ['a negative batch', ['--batch', '-3'], /--batch wants an integer of at least 1, got -3/],
  ['a value of 100 KB', ['--controller', 'x'.repeat(100_000)], /--controller wants lstm, feed-forward, gru, none, got "x+…/],
  ['weights whose metadata speak to the terminal', ['--resume', '--model', 'escapes.safetensors'], /escapes\.safetensors: its configuration: unknown setting/],
  ['weights whose memory starts otherwise', ['--init-from', SHIPPED, '--memory-init', 'learned'], /holds lstm.*\(memoryInit constant, learned\): give the options that match the file/],
  ['weights that are a pipe', ['--init-from', 'pipe'], /pipe: is a device, a pipe or a socket/],
  ['a model below /proc', ['--model', '/proc/nowhere/m.safetensors'], /\/proc\/nowhere: cannot be written to: no folder can be made there/],
];

describe.concurrent('train-copy refuses', () => {
  it.each(REFUSED)('%s', async (_, options, message) => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'repeat.json'), '{"task":"repeat-copy"}');
    writeFileSync(join(folder, 'twice.json'), '{"hidden":3,"hidden":4}');
    writeFileSync(join(folder, 'escapes.safetensors'), WEIGHTS);
    spawnSync('mkfifo', [join(folder, 'pipe')]);
    const before = readdirSync(folder);
    const finished = await command('train-copy.ts', options, folder);
    expect(oneLine(finished)).toMatch(message);
    expect([1, 2]).toContain(finished.code);
    expect(finished.out).not.toMatch(/iteration/);
    expect(readdirSync(folder)).toEqual(before);
  });
});

describe('train-copy --eval', () => {
  it('refuses another model than the file’s, and says what it does not heed and what cannot fit', async () => {
    const folder = freshFolder();
    const other = await command('train-copy.ts', ['--eval', '--memory', '128x30'], folder);
    expect(other.code).toBe(2);
    expect(other.err).toMatch(/holds a model of width 20, --memory asks for 30/);
    const finished = await command('train-copy.ts', ['--eval', '--length', '140', '--sequences', '1', '--batch', '3', '--no-pictures'], folder);
    expect(finished.code).toBe(0);
    expect(finished.out).toMatch(/--batch: of no meaning with --eval/);
    expect(finished.out).toMatch(/140: more steps of input than the 128 slots of memory/);
  });
});

it('a configuration with a byte-order mark is read', async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, 'c.json'), '\ufeff{"hidden":0}');
  const finished = await command('train-copy.ts', ['--config', 'c.json'], folder);
  expect(oneLine(finished)).toMatch(/--hidden wants an integer of at least 1, got 0/);
});
