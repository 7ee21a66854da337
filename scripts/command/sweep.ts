/** `sweep`: a study's runs, by the engine that is asked for. */
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { proveWritable } from '../../src/io/files.js';
import { oneLine } from '../../src/ntm/text.js';
import { commandLine, type Job } from '../../src/study/job.js';
import { watchAncestors } from '../run/ancestors.js';
import type { Interruption } from '../run/interruption.js';
import { exitCodeOf } from '../run/signals.js';
import { jobsOf, planStudy } from '../study/jobs.js';
import { type Ended, isDone, runLocally } from '../study/local.js';
import { fromIo } from './beginning.js';
import { NTM } from './called.js';
import { type Console, openConsole } from './console.js';
import { end } from './end.js';
import { type CliError, failure } from './options.js';
import { duration } from './progress.js';
import { CORES, readSweepArguments, SWEEP_HELP, type SweepArguments } from './sweep-options.js';

const LOOK_MILLISECONDS = 1000;

/** Runs the jobs here with one line of progress, and says at the end which failed and why. */
const sweepHere = (given: SweepArguments, study: string, all: readonly Job[], out: Console, interruption: Interruption): TE.TaskEither<CliError, void> => async () => {
  const done = await Promise.all(all.map((job) => isDone(study, job)));
  const jobs = all.filter((_, i) => !done[i]);
  const before = all.length - jobs.length;
  const atOnce = given.jobs ?? CORES;
  const begun = performance.now();
  const ended: Ended[] = [];
  let running = 0;
  const line = (): string => {
    const seconds = (performance.now() - begun) / 1000;
    const failed = ended.filter(({ result }) => result === 'failed').length;
    const left = jobs.length - ended.length;
    const words = [
      `${before + ended.length - failed} of ${all.length} runs done${before > 0 ? `, ${before} of them before` : ''}`,
      `${running} running`,
      ...(failed > 0 ? [`${failed} failed`] : []),
      duration(seconds),
      ...(ended.length > 0 && left > 0 ? [`about ${duration((seconds / ended.length) * left)} left`] : []),
    ];
    return words.join(' · ');
  };
  const show = (): void => out.progress(line());
  out.say(`${study}: ${all.length} runs, ${atOnce} at a time`);
  out.data({ event: 'study', folder: study, runs: all.length, done: before });
  interruption.onAsk(() => out.say(`interrupted: ${running} runs finish their step and are saved; once more exits at once`));
  watchAncestors(() => void (interruption.asked() === null && process.kill(process.pid, 'SIGHUP')));
  const timer = process.stdout.isTTY ? setInterval(show, LOOK_MILLISECONDS) : null;
  await runLocally(
    {
      study,
      atOnce,
      interruption,
      running: (count) => void (running = count),
      ended: (each) => {
        if (each.result === 'stopped') return;
        ended.push(each);
        out.data({ event: 'run', name: each.job.name, result: each.result, seconds: each.seconds, ...(each.reason !== null && { reason: each.reason }) });
        show();
      },
    },
    jobs,
  );
  if (timer) clearInterval(timer);
  const failed = ended.filter(({ result }) => result === 'failed');
  for (const { job, reason } of failed) out.say(`failed: ${job.name}: ${reason}`);
  const asked = interruption.asked();
  if (asked !== null) return E.left({ code: exitCodeOf(asked), message: `saved; the same command goes on` });
  if (failed.length > 0) return E.left(failure(`${failed.length} of ${all.length} runs failed; the same command tries them again`));
  out.say(`done in ${duration((performance.now() - begun) / 1000)}; what came of it: ${NTM} report ${study}`);
  return E.right(undefined);
};

const sweepCommand = (given: SweepArguments, out: Console, interruption: Interruption): TE.TaskEither<CliError, void> =>
  pipe(
    planStudy(given.what, given.study),
    TE.bindTo('planned'),
    TE.bind('jobs', ({ planned }) => jobsOf(planned.study)),
    TE.let('folder', ({ planned }) => given.out ?? join('runs', planned.name)),
    TE.chain(({ jobs, folder }) => {
      if (given.print) return TE.right(out.text(jobs.map((job) => commandLine(NTM, job, folder)).join('\n')));
      return pipe(
        proveWritable(folder),
        TE.mapLeft(fromIo),
        TE.chain(() => sweepHere(given, folder, jobs, out, interruption)),
      );
    }),
  );

/** Runs the command and ends the process with its exit code. */
export const sweepMain = async (argv: readonly string[], interruption: Interruption): Promise<never> => {
  const own = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined);
  const verbose = own.includes('--verbose');
  const out = openConsole(own.includes('--json'));
  if (own.includes('--help')) {
    out.text(SWEEP_HELP);
    return end();
  }
  const result = await pipe(
    TE.fromEither(readSweepArguments(argv)),
    TE.chain((given) => sweepCommand(given, out, interruption)),
  )().catch((error: unknown) => E.left(failure(verbose ? ((error as Error).stack ?? String(error)) : `unexpected: ${String(error)}; --verbose shows where`)));
  if (E.isLeft(result)) {
    process.stderr.write(`${verbose ? result.left.message : oneLine(result.left.message)}\n`);
    process.exitCode = result.left.code;
  }
  return end();
};
