/** The documented command in a terminal, and Ctrl-C at a random moment: saved every time, and resumed to the bits. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { random, seededRng } from '../../src/random.js';
import { builtIn } from '../../src/tasks/index.js';
import { type Checkpoint } from '../../src/training/checkpoint.js';
import { configured } from '../support/configured.js';
import { allGone, pathsIn, processesWith, startCommand } from './processes.js';
import { bitsOf, goOn, readCheckpoint, undisturbed } from './tiny.js';

export const SIZES = { default: [], heavy: ['--hidden', '300', '--batch', '16'] } as const;
export type Size = keyof typeof SIZES;

const CHANGES: Readonly<Record<Size, object>> = { default: {}, heavy: { hidden: 300, batch: 16 } };

const reference = new Map<Size, (step: number) => Promise<Checkpoint>>();

const referenceOf = (size: Size, workers: number): ((step: number) => Promise<Checkpoint>) => {
  const found = reference.get(size) ?? undisturbed(configured({ ...CHANGES[size], untilSolved: false, backend: 'webasm', workers }, builtIn.repeatCopy));
  reference.set(size, found);
  return found;
};

/** The step at which Ctrl-C found it, saved; throws where it was not, or goes on to other bits. */
export const pressInTerminal = async (size: Size, seed: number): Promise<number> => {
  const [delay] = random(({ uniform }) => {
    for (let i = 0; i < 8; i++) uniform(0, 1);
    return uniform(0, 4000);
  })(seededRng(Math.imul(seed, 0x9e3779b1) >>> 0));
  const folder = mkdtempSync(join(tmpdir(), 'ntm-terminal-'));
  const { model, out } = pathsIn(folder);
  try {
    const started = startCommand('terminal', 'train-repeat.ts', ['--no-until-solved', ...SIZES[size], '--model', model, '--out', out], folder, folder);
    const fail = (fault: string): never => {
      throw new Error(`seed ${seed}, ${size}, ${delay.toFixed(0)} ms: ${fault}\n${started.output()}`);
    };
    if (!(await started.says('iteration '))) return fail('it ended by itself');
    await wait(delay);
    started.type('\x03');
    if (!(await allGone(folder, 60))) return fail('processes are left');
    if (!existsSync(model)) return fail('nothing was saved');
    if (!started.output().includes('saved; go on with')) return fail('it did not say that it saved');
    const saved = readCheckpoint(new Uint8Array(readFileSync(model)));
    const { step } = saved.state;
    const workers = saved.ranOn!.threads;
    const goal = step + 2;
    const resumed = await goOn({ ...saved, configuration: { ...saved.configuration, workers, iterations: goal } });
    if (!Buffer.from(bitsOf(resumed)).equals(bitsOf(await referenceOf(size, workers)(goal)))) return fail(`step ${step} goes on to other bits`);
    return step;
  } finally {
    for (const { pid } of processesWith(folder)) process.kill(pid, 'SIGKILL');
    await allGone(folder, 5);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
};
