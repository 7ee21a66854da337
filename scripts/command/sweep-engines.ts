/** What runs a study: this machine, others over SSH, or a cluster. */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { arrayScript, type Cluster, type Hosts, parallelWords } from '../../src/study/engines.js';
import { commandLine, type Job, quoted } from '../../src/study/job.js';
import type { Interruption } from '../run/interruption.js';
import { exitCodeOf } from '../run/signals.js';
import { type Failed, runOverSsh, submit, writeJobs } from '../study/elsewhere.js';
import { isDone, runLocally } from '../study/local.js';
import { NTM } from './called.js';
import type { Console } from './console.js';
import { type CliError, failure, usage } from './options.js';
import { duration } from './progress.js';
import { CORES, type Engine, type SweepArguments } from './sweep-options.js';

export interface Sweep {
  readonly given: SweepArguments;
  /** The study's folder. */
  readonly study: string;
  readonly jobs: readonly Job[];
  readonly out: Console;
  readonly interruption: Interruption;
}

const LOOK_MILLISECONDS = 1000;

/** The one line that shows how far a study is. */
interface Progress {
  readonly tell: (counts: { readonly ended?: number; readonly failed?: number; readonly running?: number }) => void;
  readonly seconds: () => number;
  readonly close: () => void;
}

const openProgress = (out: Console, all: number, before: number): Progress => {
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  let counts: { readonly ended: number; readonly failed: number; readonly running?: number } = { ended: 0, failed: 0 };
  const show = (): void => {
    const { ended, failed, running } = counts;
    const left = all - before - ended;
    const words = [
      `${before + ended - failed} of ${all} runs done${before > 0 ? `, ${before} of them before` : ''}`,
      ...(running === undefined ? [] : [`${running} running`]),
      ...(failed > 0 ? [`${failed} failed`] : []),
      duration(seconds()),
      ...(ended > 0 && left > 0 ? [`about ${duration((seconds() / ended) * left)} left`] : []),
    ];
    out.progress(words.join(' · '));
  };
  const timer = process.stdout.isTTY ? setInterval(show, LOOK_MILLISECONDS) : null;
  return {
    tell: (told) => {
      const other = told.ended !== undefined && told.ended !== counts.ended;
      counts = { ...counts, ...told };
      if (other) show();
    },
    seconds,
    close: () => void (timer && clearInterval(timer)),
  };
};

/** What is left to do; what has ended is said. */
const pendingOf = async ({ study, jobs, out }: Sweep, where: string): Promise<readonly Job[]> => {
  const done = await Promise.all(jobs.map((job) => isDone(study, job)));
  const pending = jobs.filter((_, i) => !done[i]);
  out.say(`${study}: ${jobs.length} runs, ${where}`);
  out.data({ event: 'study', folder: study, runs: jobs.length, done: jobs.length - pending.length });
  return pending;
};

/** Says which runs failed and why, and how to go on. */
const conclude = ({ study, jobs, out, interruption }: Sweep, failed: readonly Failed[], seconds: number): E.Either<CliError, void> => {
  const asked = interruption.asked();
  if (asked !== null) return E.left({ code: exitCodeOf(asked), message: 'saved; the same command goes on' });
  for (const { job, reason } of failed) out.say(`failed: ${job.name}: ${reason}`);
  if (failed.length > 0) return E.left(failure(`${failed.length} of ${jobs.length} runs failed; the same command tries them again`));
  out.say(`done in ${duration(seconds)}; what came of it: ${NTM} report ${quoted(study)}`);
  return E.right(undefined);
};

const here = (sweep: Sweep): TE.TaskEither<CliError, void> => async () => {
  const { given, study, jobs, out, interruption } = sweep;
  const atOnce = given.jobs ?? CORES;
  const pending = await pendingOf(sweep, `${atOnce} at a time`);
  const progress = openProgress(out, jobs.length, jobs.length - pending.length);
  const failed: Failed[] = [];
  let ended = 0;
  interruption.onAsk(() => out.say('interrupted: the runs finish their step and are saved; once more exits at once'));
  await runLocally(
    {
      study,
      atOnce,
      interruption,
      running: (running) => progress.tell({ running }),
      ended: ({ job, result, reason, seconds }) => {
        if (result === 'stopped') return;
        if (result === 'failed') failed.push({ job, reason: reason! });
        out.data({ event: 'run', name: job.name, result, seconds, ...(reason !== null && { reason }) });
        progress.tell({ ended: ++ended, failed: failed.length });
      },
    },
    pending,
  );
  progress.close();
  return conclude(sweep, failed, progress.seconds());
};

const hostsOf = ({ hosts, at, jobs }: SweepArguments): Hosts => ({ file: hosts!, at: at ?? process.cwd(), jobs });

const overSsh = (sweep: Sweep): TE.TaskEither<CliError, void> => async () => {
  const { given, study, jobs, out, interruption } = sweep;
  if (/^(\.\.([/\\]|$)|\/)/.test(study)) return E.left(usage(`--out ${study}: a study that hosts are to have too lies below this folder: give a path such as runs/study`));
  const pending = await pendingOf(sweep, `over SSH to the hosts of ${given.hosts}`);
  const progress = openProgress(out, jobs.length, jobs.length - pending.length);
  if (pending.length === 0) return conclude(sweep, [], 0);
  interruption.onAsk(() => out.say('interrupted: the runs are saved on their hosts and fetched'));
  const failed = await runOverSsh(study, pending, hostsOf(given), interruption, (ended, failures) => progress.tell({ ended, failed: failures }))();
  progress.close();
  return E.isLeft(failed) ? failed : conclude(sweep, failed.right, progress.seconds());
};

const clusterOf = ({ jobs, time }: SweepArguments): Cluster => ({ jobs, time: time ?? '1:00:00' });

const onSlurm = (sweep: Sweep): TE.TaskEither<CliError, void> => async () => {
  const { given, study, out } = sweep;
  const pending = await pendingOf(sweep, 'by Slurm');
  if (pending.length === 0) return conclude(sweep, [], 0);
  return pipe(
    writeJobs(study, pending),
    TE.chain(() => submit(study, arrayScript(study, pending.map(({ name }) => name), clusterOf(given)))),
    TE.map((said) => {
      out.say(`${said}: ${pending.length} runs; how far they are: squeue, and ${NTM} report ${quoted(study)}`);
      out.data({ event: 'submitted', runs: pending.length, said });
    }),
  )();
};

export const ENGINE: Readonly<Record<Engine, (sweep: Sweep) => TE.TaskEither<CliError, void>>> = { local: here, parallel: overSsh, slurm: onSlurm };

/** What would be done, for a reader or a shell. */
export const printed = ({ given, study, jobs }: Omit<Sweep, 'interruption'>): string => {
  const names = jobs.map(({ name }) => name);
  const commands = jobs.map((job) => commandLine(NTM, job, study)).join('\n');
  if (given.engine === 'parallel') return `${commands}\n\n${parallelWords(study, names, hostsOf(given)).map(quoted).join(' ')}`;
  return given.engine === 'slurm' ? `${commands}\n\n${arrayScript(study, names, clusterOf(given))}` : commands;
};
