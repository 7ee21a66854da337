/** The training command from outside: what it writes, how it goes on, how it stops. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, type Safetensors } from '../../src/io/safetensors.js';
import { command, type Finished, freshFolder, start } from '../support/command.js';

const TINY = ['--hidden', '16', '--memory', '8x4', '--bits', '3', '--max-length', '4', '--batch', '2', '--length', '2', '--sequences', '4', '--no-until-solved'];
const oneLine = ({ err }: Finished): string => {
  expect(err.trim().split('\n')).toHaveLength(1);
  return err.trim();
};

const refused: ReadonlyArray<readonly [string, readonly string[], RegExp]> = [
  ['shortest above longest', ['--min-length', '9', '--max-length', '3'], /--min-length 9.*--max-length 3/],
  ['a length of zero', ['--min-length', '0'], /--min-length.*at least 1/],
  ['a negative length', ['--max-length=-4'], /--max-length.*at least 1/],
  ['a word for a number', ['--batch', 'many'], /--batch.*"many"/],
  ['an unknown option', ['--lenght', '20'], /--lenght.*--help/],
  ['a memory that is not NxM', ['--memory', '128'], /--memory.*NxM/],
  ['an unknown backend', ['--backend', 'cuda'], /--backend.*headlessgl/],
  ['two controllers', ['--ff', '--controller', 'lstm'], /--ff.*--controller/],
  ['a configuration that is not there', ['--config', 'nowhere.json'], /--config nowhere\.json/],
];

describe.concurrent('train-copy refuses', () => {
  it.each(refused)('%s, with exit code 2 and one line', async (_, options, message) => {
    const finished = await command('train-copy.ts', options, freshFolder());
    expect(finished.code).toBe(2);
    expect(oneLine(finished)).toMatch(message);
  });

  it('a backend that is not there, with exit code 1 and the remedy', async () => {
    const finished = await command('train-copy.ts', [...TINY, '--backend', 'headlessgl'], freshFolder(), { DISPLAY: '' });
    expect(finished.code).toBe(1);
    expect(oneLine(finished)).toMatch(/--backend headlessgl.*xvfb-run -a/);
  });

  it('a model that does not fit into memory', async () => {
    const finished = await command('train-copy.ts', ['--memory', '100000x2000', '--workers', '1', '--backend', 'webasm'], freshFolder());
    expect(finished.code).toBe(1);
    expect(finished.err).toMatch(/4 that WebAssembly reaches: fewer slots/);
  });

  it('an unknown setting in --config', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'c.json'), '{"hiden": 3}');
    const finished = await command('train-copy.ts', ['--config', 'c.json'], folder);
    expect(finished.code).toBe(2);
    expect(oneLine(finished)).toMatch(/"hiden"/);
  });

  it('a place that cannot be written to, before the first step', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'file'), '');
    const finished = await command('train-copy.ts', [...TINY, '--model', 'file/below/m.safetensors'], folder);
    expect(finished.code).toBe(1);
    expect(oneLine(finished)).toMatch(/file\/below/);
    expect(finished.out).not.toMatch(/iteration/);
  });
});

const modelOf = (folder: string, name = 'm.safetensors'): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));

describe('train-copy', () => {
  it('leaves weights, a readable log and pictures after one step', async () => {
    const folder = freshFolder();
    const finished = await command('train-copy.ts', [...TINY, '--iterations', '1', '--model', 'm.safetensors', '--out', 'run', '--json'], folder);
    expect(finished).toMatchObject({ code: 0 });
    const events = finished.out.trim().split('\n').map((line) => (JSON.parse(line) as { event: string }).event);
    expect(new Set(events)).toEqual(new Set(['settings', 'progress', 'evaluation', 'pictures']));
    expect(JSON.parse(readFileSync(join(folder, 'run', 'metrics.jsonl'), 'utf8').trim())).toMatchObject({ step: 1, sequences: 2 });
    expect(readdirSync(join(folder, 'run'))).toEqual(expect.arrayContaining(['loss.png', 'copy-4.png', 'copy-4-heads.png', 'copy-20.png']));
    expect(decodeSafetensors(modelOf(folder))._tag).toBe('Right');
  });

  it('goes on exactly: 100 + 100 resumed iterations are 200, to the byte', async () => {
    const folder = freshFolder();
    const run = (...options: string[]): Promise<Finished> => command('train-copy.ts', [...options, '--length', '2', '--sequences', '1', '--no-pictures', '--out', 'run'], folder);
    expect(await run(...TINY, '--iterations', '200', '--model', 'straight.safetensors')).toMatchObject({ code: 0 });
    expect(await run(...TINY, '--iterations', '100', '--model', 'm.safetensors')).toMatchObject({ code: 0 });
    expect(await run('--iterations', '200', '--model', 'm.safetensors', '--resume')).toMatchObject({ code: 0 });
    expect(modelOf(folder)).toEqual(modelOf(folder, 'straight.safetensors'));
    const refused = await run('--hidden', '17', '--model', 'm.safetensors', '--resume');
    expect(refused.code).toBe(2);
    expect(oneLine(refused)).toMatch(/--hidden 17.*16/);
  });

  it('keeps the last good weights when the loss is no longer finite', async () => {
    const folder = freshFolder();
    expect(await command('train-copy.ts', [...TINY, '--iterations', '3', '--no-pictures', '--model', 'm.safetensors'], folder)).toMatchObject({ code: 0 });
    const good = modelOf(folder);
    const finished = await command('train-copy.ts', [...TINY, '--iterations', '500', '--model', 'm.safetensors', '--optimizer', 'rmsprop', '--learning-rate', '1e6', '--max-norm', '0', '--anneal-below', '0'], folder);
    expect(finished.code).toBe(1);
    expect(oneLine(finished)).toMatch(/step \d+/);
    const kept = existsSync(join(folder, 'm.safetensors')) ? 'm.safetensors' : 'm.previous.safetensors';
    expect(modelOf(folder, kept)).toEqual(good);
  });

  it('saves on SIGINT, says how to go on, and goes on', async () => {
    const folder = freshFolder();
    const running = start('train-copy.ts', [...TINY, '--iterations', '1000000', '--model', 'm.safetensors', '--out', 'run'], folder);
    await running.says('wrong bits/sequence');
    running.interrupt();
    const finished = await running.end;
    expect(finished.code).toBe(130);
    expect(finished.out).toMatch(/--resume --model m\.safetensors/);
    const saved = decodeSafetensors(modelOf(folder));
    const step = (JSON.parse((saved as { right: Safetensors }).right.metadata.state!) as { step: number }).step;
    const resumed = await command('train-copy.ts', ['--resume', '--model', 'm.safetensors', '--iterations', `${step + 5}`, '--no-pictures', '--out', 'run', '--length', '1', '--sequences', '1'], folder);
    expect(resumed.code).toBe(0);
    const steps = readFileSync(join(folder, 'run', 'metrics.jsonl'), 'utf8').trim().split('\n').map((line) => (JSON.parse(line) as { step: number }).step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(new Set(steps).size).toBe(steps.length);
  });

  it('refuses to evaluate a controller as another, naming both', async () => {
    const folder = freshFolder();
    await command('train-copy.ts', [...TINY, '--iterations', '1', '--no-pictures', '--model', 'm.safetensors', '--ff'], folder);
    const finished = await command('train-copy.ts', ['--eval', '--model', 'm.safetensors', '--controller', 'lstm', '--length', '2', '--sequences', '1'], folder);
    expect(finished.code).toBe(2);
    expect(oneLine(finished)).toMatch(/feed-forward.*lstm/);
  });
});
