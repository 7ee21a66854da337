/** The commands from outside: nothing that was learned is lost, and no file is overwritten that was not meant to be. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { encodeSafetensors } from '../../src/io/safetensors.js';
import { readCheckpoint } from '../soak/tiny.js';
import { command, type Finished, freshFolder, start } from '../support/command.js';

// Several commands each, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

const TINY = ['--hidden', '12', '--memory', '6x4', '--bits', '1', '--max-length', '2', '--batch', '2', '--backend', 'webasm', '--workers', '1', '--length', '2', '--sequences', '4', '--no-until-solved', '--no-pictures'];
const oneLine = ({ err }: Finished): string => {
  expect(err.trim().split('\n')).toHaveLength(1);
  return err.trim();
};
const stepIn = (path: string): number => readCheckpoint(new Uint8Array(readFileSync(path))).state.step;

/** A command of the shell, in which $TRAIN stands for the training command. */
const shell = (line: string, cwd: string): Promise<Finished> =>
  new Promise((done) => {
    const train = [process.execPath, '--import', import.meta.resolve('tsx'), resolve('scripts/train-copy.ts'), ...TINY].map((word) => `'${word}'`).join(' ');
    const child = spawn('bash', ['-o', 'pipefail', '-c', line.replaceAll('$TRAIN', train)], { cwd, env: { ...process.env, NO_COLOR: '1' } });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => done({ code, out, err }));
  });

describe('an output that cannot be written costs no weights', () => {
  it.each([
    ['nobody reads', '$TRAIN --iterations 100000 --model m.safetensors --out run | head -1', /nobody reads it any more/],
    ['tee dies', '$TRAIN --iterations 100000 --model m.safetensors --out run | (head -c 400 >/dev/null)', /nobody reads it any more/],
    ['the disk is full', '$TRAIN --iterations 100000 --model m.safetensors --out run > /dev/full', /no space left/],
  ])('%s', async (_, line, reason) => {
    const folder = freshFolder();
    const finished = await shell(line, folder);
    expect(finished.code).toBe(1);
    expect(oneLine(finished)).toMatch(reason);
    expect(oneLine(finished)).toMatch(/the weights are saved in m\.safetensors; go on with: .*--resume --model m\.safetensors/);
    expect(stepIn(join(folder, 'm.safetensors'))).toBeGreaterThan(0);
  });

  it('the folder of the logs is moved away', async () => {
    const folder = freshFolder();
    const running = start('train-copy.ts', [...TINY, '--iterations', '1000000', '--model', 'm.safetensors', '--out', 'run'], folder);
    await expect.poll(() => existsSync(join(folder, 'run', 'metrics.jsonl'))).toBe(true);
    renameSync(join(folder, 'run'), join(folder, 'moved'));
    const finished = await running.end;
    expect(finished.code).toBe(1);
    expect(oneLine(finished)).toMatch(/^run.*; the weights are saved in m\.safetensors; go on with/);
    expect(stepIn(join(folder, 'm.safetensors'))).toBeGreaterThan(0);
  });
});

it('a trainer whose command is gone before it listens does not train on', async () => {
  const folder = freshFolder();
  const options = ['copy', 'scripts/train-copy.ts', ...TINY, '--iterations', '100000000', '--model', 'm.safetensors', '--out', 'run'];
  const trainer = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), resolve('scripts/run/trainer.ts'), ...options], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
  onTestFinished(() => void trainer.kill('SIGKILL'));
  let said = '';
  trainer.stdout!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  // Node tells of no 'close' where the channel was closed from here.
  const ended = Promise.all([once(trainer, 'exit'), once(trainer.stdout!, 'end')]);
  trainer.disconnect();
  expect((await ended)[0]).toEqual([129, null]);
  expect(said).toContain('interrupted before the first step: there was nothing to save');
  expect(readdirSync(folder)).toEqual([]);
});

describe('an evaluation that was interrupted is done first', () => {
  it('on resume, as if it had never been left', async () => {
    const folder = freshFolder();
    const run = (...options: readonly string[]): Promise<Finished> => command('train-copy.ts', [...options, '--length', '2', '--sequences', '1', '--no-pictures'], folder);
    expect(await run(...TINY, '--iterations', '400', '--model', 'straight.safetensors', '--out', 'a')).toMatchObject({ code: 0 });
    expect(await run(...TINY, '--iterations', '200', '--model', 'm.safetensors', '--out', 'b')).toMatchObject({ code: 0 });
    const { configuration, state } = readCheckpoint(new Uint8Array(readFileSync(join(folder, 'm.safetensors'))));
    expect(state).toMatchObject({ step: 200, evaluations: 1, pending: false });
    expect(configuration.iterations).toBe(200);
    const resumed = await run('--resume', '--iterations', '400', '--model', 'm.safetensors', '--out', 'b');
    expect(resumed.code).toBe(0);
    expect(readFileSync(join(folder, 'm.safetensors')).equals(readFileSync(join(folder, 'straight.safetensors')))).toBe(true);
    // Its curve and its metrics go on from what stood there.
    const steps = readFileSync(join(folder, 'b', 'metrics.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { step: number; seconds: number });
    expect(steps.map(({ step }) => step)).toEqual([100, 200, 300, 400]);
    expect(steps.map(({ seconds }) => seconds)).toEqual(steps.map(({ seconds }) => seconds).sort((a, b) => a - b));
  });
});

describe('what stands at the model’s path', () => {
  it('is kept by fresh runs, in a folder that keeps its name', async () => {
    const folder = freshFolder();
    for (const seed of ['1', '2', '3']) expect(await command('train-copy.ts', [...TINY, '--iterations', '1', '--seed', seed, '--model', 'm.safetensors', '--out', `run${seed}`], folder)).toMatchObject({ code: 0 });
    expect(readdirSync(folder).filter((name) => name.endsWith('.safetensors') && !name.includes('.best.')).sort()).toEqual(['m.previous-1.safetensors', 'm.previous-2.safetensors', 'm.safetensors']);
    expect(readCheckpoint(new Uint8Array(readFileSync(join(folder, 'm.previous-1.safetensors')))).configuration.seed).toBe(1);
    mkdirSync(join(folder, 'models'));
    const refused = await command('train-copy.ts', [...TINY, '--model', 'models'], folder);
    expect(refused.code).toBe(2);
    expect(oneLine(refused)).toMatch(/--model models is a folder: name a file/);
    const device = await command('train-copy.ts', [...TINY, '--model', '/dev/null'], folder);
    expect(device.code).toBe(2);
    expect(oneLine(device)).toMatch(/--model \/dev\/null is a device/);
  });

  it('is one process’s: a second says who holds it', async () => {
    const folder = freshFolder();
    const running = start('train-copy.ts', [...TINY, '--iterations', '1000000', '--model', 'm.safetensors', '--out', 'a'], folder);
    await running.says('backend: ');
    const second = await command('train-copy.ts', [...TINY, '--model', 'm.safetensors', '--out', 'b'], folder);
    expect(second.code).toBe(1);
    expect(oneLine(second)).toMatch(/m\.safetensors: cannot be locked: in use by process \d+ on/);
    expect(existsSync(join(folder, 'b'))).toBe(false);
    running.interrupt();
    expect((await running.end).code).toBe(130);
    expect(readdirSync(folder).filter((name) => !name.includes('.best.')).sort()).toEqual(['a', 'm.safetensors']);
  });
});

it('a finished run that is resumed evaluates, keeps its curve, and refuses fewer iterations', async () => {
  const folder = freshFolder();
  const run = (...options: readonly string[]): Promise<Finished> => command('train-copy.ts', [...options, '--model', 'm.safetensors', '--out', 'run', '--length', '2', '--sequences', '1'], folder);
  expect(await run(...TINY, '--pictures', '--iterations', '20')).toMatchObject({ code: 0 });
  const [model, curve] = ['m.safetensors', 'run/loss.png'].map((name) => readFileSync(join(folder, name)));
  expect(await run('--resume')).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, 'm.safetensors'))).toEqual(model);
  expect(readFileSync(join(folder, 'run/loss.png'))).toEqual(curve);
  const others = await run('--resume', '--workers', '2', '--iterations', '21', '--no-pictures');
  expect(others.out).toMatch(/begun with 1 thread: with 2 it goes on with other bits; --workers 1 keeps them/);
  const fewer = await run('--resume', '--iterations', '10');
  expect(fewer.code).toBe(2);
  expect(oneLine(fewer)).toMatch(/--iterations 10 is below the 21 that m\.safetensors has done/);
  const other = await command('train-repeat.ts', ['--resume', '--model', 'm.safetensors'], folder);
  expect(other.code).toBe(2);
  expect(oneLine(other)).toMatch(/trained on the copy task: use npx tsx scripts\/ntm\.ts train copy/);
});

describe('infer', () => {
  const SHIPPED = resolve('trained-models/copy.safetensors');
  const input = encodeSafetensors({ metadata: {}, tensors: new Map([['input', { shape: [2, 1, 9], data: new Float32Array(18) }]]) });

  it.each([['--model', 'm.safetensors'], ['--input', './x.safetensors']])('refuses to write over its own %s', async (option, output) => {
    const folder = freshFolder();
    copyFileSync(SHIPPED, join(folder, 'm.safetensors'));
    writeFileSync(join(folder, 'x.safetensors'), input);
    const before = readFileSync(join(folder, output));
    const finished = await command('infer.ts', ['--model', 'm.safetensors', '--input', 'x.safetensors', '--answers', '1', '--output', output], folder);
    expect(finished.code).toBe(2);
    expect(oneLine(finished)).toContain(`is the file of ${option}, which it would overwrite`);
    expect(readFileSync(join(folder, output))).toEqual(before);
  });

  it('has help, and answers', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'x.safetensors'), input);
    expect(await command('infer.ts', ['--help'], folder)).toMatchObject({ code: 0, out: expect.stringContaining('--answers') as string });
    expect(await command('infer.ts', ['--model', SHIPPED, '--input', 'x.safetensors', '--answers', '2', '--output', 'y.safetensors'], folder)).toMatchObject({ code: 0, err: '' });
    expect(existsSync(join(folder, 'y.safetensors'))).toBe(true);
  });
});
