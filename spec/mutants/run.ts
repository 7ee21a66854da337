/** Judges mutants one after the other, each by the laws of its folder; one that hangs or breaks its process is dead too. */
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { random, seededRng } from '../../src/random.js';
import type { Pass, Verdict } from './judge.js';
import { type Mutant, mutantsOf } from './mutate.js';

/** The laws that have to do with a folder. */
const COMPUTED = ['operations', 'addressing', 'memory', 'activations', 'optimiser', 'model'] as const;
export const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  kernels: COMPUTED,
  'src/model': [...COMPUTED, 'files', 'machines'],
  'src/training': ['files', 'runs'],
  'src/evaluation': ['files', 'runs'],
  'src/io': ['files', 'runs'],
  'src/tasks': ['files', 'runs'],
};

/** The other specs that have to do with a folder, for what the laws let live. */
const SPECS: Readonly<Record<string, readonly string[]>> = {
  kernels: ['spec/kernels-source.spec.ts', 'spec/gpu/elementary.spec.ts', 'spec/edges', 'spec/model'],
  'src/model': ['spec/model', 'spec/front-door', 'spec/io', 'spec/edges/indices.spec.ts', 'spec/evaluation.spec.ts', 'spec/infer.spec.ts', 'spec/configuration.spec.ts', 'spec/training'],
  'src/training': ['spec/training', 'spec/configuration.spec.ts', 'spec/front-door', 'spec/run'],
  'src/evaluation': ['spec/evaluation.spec.ts', 'spec/infer.spec.ts', 'spec/training/trainer.spec.ts'],
  'src/io': ['spec/io', 'spec/training/state.spec.ts', 'spec/training/checkpoint.spec.ts', 'spec/soak/mutants.spec.ts'],
  'src/tasks': ['spec/tasks', 'spec/evaluation.spec.ts', 'spec/configuration.spec.ts', 'spec/front-door'],
};

/** Whether the specs of its folder notice a mutant, on cpu and webasm. */
export const specsNotice = (mutant: Mutant): Promise<boolean> =>
  new Promise((done) => {
    const args = ['vitest', 'run', '--config', 'spec/mutants/vitest.config.ts', '--project', 'Node', ...(SPECS[folderOf(mutant.file)] ?? [])];
    execFile('npx', args, { env: { ...process.env, NTM_MUTANT: JSON.stringify(mutant) }, timeout: PATIENCE, maxBuffer: 2 ** 26 }, (error) => done(error !== null));
  });

/** Declarations and tables without anything to compute. */
const LEFT_OUT = ['kernels/kernel.ts'];

export const folderOf = (file: string): string => Object.keys(FOLDERS).find((folder) => file.startsWith(`${folder}/`)) ?? '';

export const filesIn = (folder: string): readonly string[] =>
  (readdirSync(folder, { recursive: true }) as readonly string[]).filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`).filter((name) => !LEFT_OUT.includes(name)).sort();

export const allMutants = (files: readonly string[]): readonly Mutant[] => files.flatMap((file) => mutantsOf(file, readFileSync(file, 'utf8')));

/** Some of all, each as likely as any other. */
export const sampleOf = (mutants: readonly Mutant[], count: number, seed: number): readonly Mutant[] =>
  random(({ uniform }) => mutants.map((mutant) => ({ mutant, key: uniform(0, 1) })).sort((a, b) => a.key - b.key).slice(0, count).map(({ mutant }) => mutant))(seededRng(seed))[0];

/** A few cases first, which most do not survive; then, unless it is to be quick, all of them on both backends. */
const passesOf = (file: string, seed: number, quick: boolean): readonly Pass[] => {
  const topics = FOLDERS[folderOf(file)] ?? [];
  const first: Pass = { backends: ['webasm'], seed, share: 0.2, topics };
  return quick ? [first] : [first, { backends: ['webasm', 'cpu'], seed: seed + 1, share: 1, topics }];
};

/** Milliseconds until a mutant counts as one that never ends. */
const PATIENCE = 600_000;

/** After so many the process has held enough modules. */
const FRESH = 150;

export interface Judged extends Verdict {
  readonly mutant: Mutant;
  readonly milliseconds: number;
}

export interface Judges {
  readonly judge: (mutant: Mutant | null, file?: string) => Promise<Verdict>;
  readonly end: () => void;
}

export const openJudges = (seed: number, quick = false): Judges => {
  let child: ChildProcess | null = null;
  let judged = 0;
  const end = (): void => {
    child?.removeAllListeners();
    child?.kill('SIGKILL');
    child = null;
  };
  return {
    end,
    judge: (mutant, file = mutant!.file) => {
      if (judged++ % FRESH === 0) end();
      child ??= fork(new URL('judge.ts', import.meta.url), { execArgv: ['--import', import.meta.resolve('tsx')], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      const asked = child;
      return new Promise((done) => {
        const finish = (verdict: Verdict, alive: boolean): void => {
          clearTimeout(timer);
          asked.removeAllListeners();
          if (!alive) end();
          done(verdict);
        };
        const timer = setTimeout(() => finish({ by: 'it never ends' }, false), PATIENCE);
        asked.once('message', (verdict: Verdict) => finish(verdict, true));
        asked.once('exit', () => finish({ by: 'it breaks the process' }, false));
        asked.send({ mutant, passes: passesOf(file, seed, quick) });
      });
    },
  };
};
