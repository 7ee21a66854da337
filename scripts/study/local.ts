/** The engine of this machine: a pool of trainer processes, which all save and end when they are asked to, or when this process is gone. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import pLimit from 'p-limit';
import { proveWritable } from '../../src/io/files.js';
import { LOG } from '../../src/study/engines.js';
import { idempotent, type Job } from '../../src/study/job.js';
import { hasEnded, type RunRecord, sameSettings } from '../../src/study/record.js';
import { recordIn, saveRecord } from '../command/continue.js';
import type { Interruption } from '../run/interruption.js';
import { askToStop, startTrainer } from '../run/start-trainer.js';
import { lastLine } from './log.js';

export interface Ended {
  readonly job: Job;
  /** `stopped`: saved, to go on another time, or not begun. */
  readonly result: 'done' | 'failed' | 'stopped';
  readonly reason: string | null;
  /** That its process took. */
  readonly seconds: number;
}

type Come = Omit<Ended, 'seconds'>;

export interface Pool {
  /** The study's folder. */
  readonly study: string;
  readonly atOnce: number;
  readonly interruption: Interruption;
  /** Told how many run, whenever that changes. */
  readonly running: (count: number) => void;
  readonly ended: (ended: Ended) => void;
}

/** Whether a run has come to its end. */
export const isDone = async (study: string, { name, settings }: Job): Promise<boolean> => {
  const record = await recordIn(join(study, name));
  return record !== null && hasEnded(record) && sameSettings(record.settings, settings);
};

/** Where a run failed before it could write that down itself. */
const writeDown = async (folder: string, { settings }: Job, reason: string): Promise<void> => {
  const record: RunRecord = { settings, outcome: 'failed', reason };
  if ((await recordIn(folder)) === null) await saveRecord(folder, record)();
};

const runOne = async ({ study, interruption, running: tell }: Pool, running: Set<ChildProcess>, job: Job): Promise<Come> => {
  const stopped: Come = { job, result: 'stopped', reason: null };
  if (interruption.asked() !== null) return stopped;
  const folder = join(study, job.name);
  const failed = async (reason: string): Promise<Come> => {
    await writeDown(folder, job, reason);
    return { job, result: 'failed', reason };
  };
  const made = await proveWritable(folder)();
  if (E.isLeft(made)) return { job, result: 'failed', reason: made.left.message };
  const log = await open(join(folder, LOG), 'a');
  try {
    const child = startTrainer(job.task, null, [...job.options, ...idempotent(folder)], log.fd);
    running.add(child);
    tell(running.size);
    const end = await once(child, 'exit').then(([code, signal]) => ({ code: code as number | null, signal: signal as string | null }), (error: unknown) => error as Error);
    running.delete(child);
    tell(running.size);
    if (end instanceof Error) return await failed(`it did not start: ${end.message}`);
    if (end.code === 0) return { job, result: 'done', reason: null };
    if (interruption.asked() !== null) return stopped;
    if (end.code === null) return await failed(`ended by ${end.signal}${end.signal === 'SIGKILL' ? ', as happens when memory runs out' : ''}`);
    return await failed((await lastLine(join(folder, LOG))) ?? `exit code ${end.code}`);
  } finally {
    await log.close();
  }
};

/** Runs the jobs, so many at once; after it was asked to stop it begins none and waits for those that run to be saved. */
export const runLocally = async (pool: Pool, jobs: readonly Job[]): Promise<readonly Ended[]> => {
  const running = new Set<ChildProcess>();
  pool.interruption.onAsk((signal) => running.forEach((child) => askToStop(child, signal)));
  return pLimit(pool.atOnce).map(jobs, async (job) => {
    const begun = performance.now();
    const ended = { ...(await runOne(pool, running, job)), seconds: (performance.now() - begun) / 1000 };
    pool.ended(ended);
    return ended;
  });
};
