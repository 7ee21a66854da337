/** Engines of other machines: GNU parallel over SSH, and Slurm. Both are given a folder a run, with the script that does it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { writeAtomically } from '../../src/io/files.js';
import { exitCodesIn, hostsIn, JOB_LOG, JOB_SCRIPT, jobScript, LOG, parallelWords, type Hosts } from '../../src/study/engines.js';
import type { Job } from '../../src/study/job.js';
import { fromIo } from '../command/beginning.js';
import { NTM_WORDS } from '../command/called.js';
import { recordIn } from '../command/continue.js';
import { type CliError, failure } from '../command/options.js';
import type { Interruption } from '../run/interruption.js';
import { isDone } from './local.js';
import { lastLine } from './log.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Writes each run's script into its folder. */
export const writeJobs = (study: string, jobs: readonly Job[]): TE.TaskEither<CliError, void> =>
  pipe(
    jobs,
    TE.traverseSeqArray((job) => writeAtomically(join(study, job.name, JOB_SCRIPT), bytesOf(jobScript(NTM_WORDS, job, study)))),
    TE.bimap(fromIo, () => undefined),
  );

/** Runs a program; what it says on stdout, or its exit code and last words. */
const runProgram = (words: readonly string[], how: string, started: (child: ChildProcess) => void = () => undefined): TE.TaskEither<CliError, { readonly code: number; readonly out: string; readonly err: string }> => async () => {
  const child = spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  started(child);
  return once(child, 'close').then(
    ([code]) => E.right({ code: (code as number | null) ?? 1, out, err }),
    () => E.left(failure(`${words[0]} cannot be started: ${how}`)),
  );
};

/** Submits an array job; what Slurm says. */
export const submit = (study: string, script: string): TE.TaskEither<CliError, string> => {
  const path = join(study, 'array.sbatch');
  return pipe(
    writeAtomically(path, bytesOf(script)),
    TE.mapLeft(fromIo),
    TE.chain(() => runProgram(['sbatch', path], 'Slurm’s sbatch is not on the PATH')),
    TE.chain(({ code, out, err }) => (code === 0 ? TE.right(out.trim()) : TE.left(failure(`sbatch refused ${path}: ${err.trim()}`)))),
  );
};

/** Looks for runs that have ended this often. */
const LOOK_MILLISECONDS = 1000;
/** Runs on hosts that are no longer connected finish their step and save. */
const SAVING_MILLISECONDS = 5000;

/** Brings back what hosts have saved of runs that were interrupted there. */
const fetchSaved = async (study: string, { file, at }: Hosts): Promise<void> => {
  await wait(SAVING_MILLISECONDS);
  for (const { shell, name } of hostsIn(await readFile(file, 'utf8').catch(() => ''))) {
    await runProgram(['rsync', '-rlu', '--exclude=.*', '-e', shell, `${name}:${resolve(at, study)}/`, `${study}/`], 'install rsync')();
  }
};

export interface Failed {
  readonly job: Job;
  readonly reason: string;
}

/** Why each of the runs that have not come to their end has not. */
const failedAmong = async (study: string, jobs: readonly Job[], words: string): Promise<readonly Failed[]> => {
  const failed: Failed[] = [];
  for (const job of jobs) {
    if (await isDone(study, job)) continue;
    const record = await recordIn(join(study, job.name));
    failed.push({ job, reason: record?.reason ?? (await lastLine(join(study, job.name, LOG))) ?? (words || 'nothing came back of it') });
  }
  return failed;
};

/** Runs jobs over SSH and fetches what they leave; `ended` is told how many are through, and how many of them failed. The runs that failed. */
export const runOverSsh = (study: string, jobs: readonly Job[], hosts: Hosts, interruption: Interruption, ended: (count: number, failed: number) => void): TE.TaskEither<CliError, readonly Failed[]> =>
  pipe(
    writeJobs(study, jobs),
    TE.chainTaskK(() => () => rm(join(study, JOB_LOG), { force: true })),
    TE.chain(() => {
      const tell = async (): Promise<void> => {
        const codes = exitCodesIn(await readFile(join(study, JOB_LOG), 'utf8').catch(() => ''));
        ended(codes.length, codes.filter((code) => code !== 0).length);
      };
      const look = setInterval(() => void tell(), LOOK_MILLISECONDS);
      const words = parallelWords(study, jobs.map(({ name }) => name), hosts);
      const stop = (child: ChildProcess): void => interruption.onAsk(() => void (child.pid && process.kill(-child.pid, 'SIGTERM')));
      return pipe(
        runProgram(words, 'install GNU parallel and rsync', stop),
        TE.chainFirstTaskK(() => async () => {
          clearInterval(look);
          if (interruption.asked() !== null) await fetchSaved(study, hosts);
        }),
      );
    }),
    TE.chainTaskK(({ err }) => () => failedAmong(study, jobs, err.trim().split('\n').at(-1) ?? '')),
  );
