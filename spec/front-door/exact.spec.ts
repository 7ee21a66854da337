/** The front door trains as the commands do, to the bit: what either saves is the same file, and the other goes on from it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createNtm, loadNtm, type Ntm, tasks } from '../../src/index.js';
import { threads } from '../../src/node.js';
import { command, freshFolder } from '../support/command.js';

const TASK = { bits: 3, maxLength: 4 };
const SIZES = { hidden: 16, slots: 8, width: 4, batch: 2 };
const OPTIONS = ['copy', '--seed', '1', '--bits', '3', '--max-length', '4', '--hidden', '16', '--memory', '8x4', '--batch', '2', '--length', '2', '--sequences', '2'];

const bytesAt = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

const trained = async (folder: string, options: readonly string[]): Promise<Uint8Array> => {
  const { code, err } = await command('ntm.ts', ['train', ...OPTIONS, '--no-pictures', '--model', 'm.safetensors', '--out', 'run', ...options], folder);
  expect(code, err).toBe(0);
  return bytesAt(join(folder, 'm.safetensors'));
};

const create = (settings: object = {}): Promise<Ntm> => createNtm({ task: tasks.copy(TASK), seed: 1, ...SIZES, ...settings });

/** Solved on the way, with evaluations of both kinds. */
const ITERATIONS = 2000;

describe('one seed', () => {
  let byCommand: Uint8Array;
  beforeAll(async () => {
    byCommand = await trained(freshFolder(), ['--workers', '1', '--iterations', `${ITERATIONS}`]);
  });

  it('gives the file of ntm train --workers 1', async () => {
    const ntm = await create({ iterations: ITERATIONS });
    const evaluations: unknown[] = [];
    await ntm.train({ onProgress: ({ heldOut, longest }) => void evaluations.push(heldOut ?? longest) });
    expect(evaluations.some((found) => found !== null)).toBe(true);
    expect(await ntm.save()).toEqual(byCommand);
    await ntm.dispose();
  });

  it('gives it in pieces: stopped by a signal, looked at, saved and loaded on the way', async () => {
    const first = await create({ iterations: ITERATIONS });
    const stop = new AbortController();
    const { ended, iterations } = await first.train({
      signal: stop.signal,
      every: 70,
      onProgress: async (report) => {
        await first.evaluate({ cells: { length: 3 }, sequences: 3 });
        if (report.iterations === 210) stop.abort();
      },
    });
    expect({ ended, iterations }).toEqual({ ended: 'stopped', iterations: 210 });
    await first.train({ until: { sequences: 600 } });
    const second = await loadNtm(await first.save());
    await first.dispose();
    expect(second.progress).toEqual({ iterations: 300, sequences: 600, solved: false });
    await second.train();
    expect(await second.save()).toEqual(byCommand);
    await second.dispose();
  });
});

it('the command goes on from what the front door saved', async () => {
  const [whole, resumed] = [freshFolder(), freshFolder()];
  const all = await trained(whole, ['--workers', '1', '--iterations', '80']);
  const ntm = await create({ iterations: 30 });
  await ntm.train();
  writeFileSync(join(resumed, 'm.safetensors'), await ntm.save());
  await ntm.dispose();
  expect(await trained(resumed, ['--resume', '--iterations', '80'])).toEqual(all);
});

it('threads of Node give the file of ntm train --workers 2', async () => {
  const ntm = await create({ iterations: 50, threads: threads(2) });
  await ntm.train();
  expect(await ntm.save()).toEqual(await trained(freshFolder(), ['--workers', '2', '--iterations', '50']));
  await ntm.dispose();
});
