/** `reproduce`: the paper's comparison on one task, from training to figures. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { proveWritable } from '../../src/io/files.js';
import { createNtm } from '../../src/ntm/create.js';
import { oneLine } from '../../src/ntm/text.js';
import type { Job } from '../../src/study/job.js';
import { KINDS, kindsOf, reproductionTable } from '../../src/study/reproduction.js';
import type { Configured } from '../../src/training/configuration.js';
import { watchAncestors } from '../run/ancestors.js';
import type { Interruption } from '../run/interruption.js';
import { jobsOf, planStudy } from '../study/jobs.js';
import { isDone } from '../study/local.js';
import { readStudies } from '../study/read.js';
import { fromIo, settingsFor } from './beginning.js';
import { type Console, openConsole } from './console.js';
import { end } from './end.js';
import { type CliError, failure, readArguments } from './options.js';
import { duration } from './progress.js';
import { readReproduceArguments, REPRODUCE_HELP, type ReproduceArguments } from './reproduce-options.js';
import { ENGINE, printed } from './sweep-engines.js';
import { CORES, type SweepArguments } from './sweep-options.js';
import { type GivenTask, loadTask } from './tasks.js';

/** Longest that one kind of model is timed, and fewest iterations. */
const TIMED_SECONDS = 1;
const TIMED_ITERATIONS = 10;

/** Seconds that an iteration takes here, on sequences of all sizes. */
const secondsAnIteration = async ({ configuration, task }: Configured): Promise<number> => {
  const own = ['task', 'options', 'workers'];
  const settings = Object.fromEntries(Object.entries(configuration).filter(([key]) => !own.includes(key)));
  const ntm = await createNtm({ ...settings, curriculum: 0, task });
  let done = TIMED_ITERATIONS;
  await ntm.train({ until: { iterations: done } });
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  while (done === TIMED_ITERATIONS || seconds() < TIMED_SECONDS) await ntm.train({ until: { iterations: (done += TIMED_ITERATIONS) } });
  const each = seconds() / (done - TIMED_ITERATIONS);
  await ntm.dispose();
  return each;
};

/** What is left of the runs would take so long, so many at a time; `runs` have their settings. */
const estimate = async (runs: readonly Configured[], atOnce: number): Promise<number> => {
  const each = new Map<string, number>();
  for (const run of runs) if (!each.has(run.configuration.controller)) each.set(run.configuration.controller, await secondsAnIteration(run));
  return runs.reduce((sum, { configuration: { controller, iterations } }) => sum + iterations * each.get(controller)!, 0) / Math.min(atOnce, runs.length);
};

const configuredOf = (task: GivenTask, { options }: Job): TE.TaskEither<CliError, Configured> =>
  pipe(TE.fromEither(readArguments(task.task, options)), TE.chain((given) => settingsFor(task, given)));

/** Says about how long it takes, where anything is left to do. */
const sayTime = (task: GivenTask, study: string, jobs: readonly Job[], atOnce: number, out: Console): TE.TaskEither<CliError, void> =>
  pipe(
    TE.fromTask(async () => {
      const done = await Promise.all(jobs.map((job) => isDone(study, job)));
      return jobs.filter((_, i) => !done[i]);
    }),
    TE.chain((left) => pipe(left, TE.traverseSeqArray((job) => configuredOf(task, job)))),
    TE.chain((runs) => (runs.length === 0 ? TE.right(undefined) : TE.tryCatch(() => estimate(runs, atOnce), (error) => failure(String(error))))),
    TE.map((seconds) => {
      if (seconds !== undefined) out.say(`about ${duration(seconds)} for ${jobs.length} runs, ${atOnce} at a time; stopped, the same command goes on`);
    }),
  );

const TABLE = 'results.md';

const conclude = (given: ReproduceArguments, study: string, { task }: GivenTask, out: Console): TE.TaskEither<CliError, void> =>
  pipe(
    readStudies([study]),
    TE.map(({ runs }) => kindsOf(runs)),
    TE.chain((kinds) => {
      const table = reproductionTable(task, kinds);
      out.text(table);
      out.data({ event: 'reproduction', folder: study, kinds: kinds.map(({ name, runs }) => ({ name, runs: runs.map(({ folder }) => folder) })) });
      return pipe(
        TE.tryCatch(() => writeFile(join(study, TABLE), `${table}\n`), (error) => failure(String(error))),
        TE.chain(() => TE.fromTask(() => import('./reproduce-figures.js'))),
        TE.chain(({ drawReproduction }) => drawReproduction(study, given.task, task, kinds, out)),
        TE.map((files) => out.say(`pictures: ${files.join(', ')}`)),
      );
    }),
  );

const reproduceCommand = (given: ReproduceArguments, out: Console, interruption: Interruption): TE.TaskEither<CliError, void> =>
  pipe(
    loadTask(given.task),
    TE.bindTo('task'),
    TE.bind('usual', ({ task }) => pipe(TE.fromEither(readArguments(task.task, given.options)), TE.chain((read) => settingsFor(task, read)))),
    TE.bind('planned', ({ usual }) => {
      const iterations = given.iterations ?? Math.ceil(usual.task.reproduction.sequences / usual.configuration.batch);
      const options = ['--no-until-solved', `--iterations=${iterations}`, ...given.options];
      return planStudy(given.task, { seeds: given.seeds, set: { controller: KINDS.map(({ controller }) => controller) }, options });
    }),
    TE.bind('jobs', ({ planned }) => jobsOf(planned.study)),
    TE.let('study', ({ planned }) => given.out ?? join('runs', planned.name.replace('study', 'reproduce'))),
    TE.chain(({ task, usual, jobs, study }) => {
      const sweep: SweepArguments = { what: given.task, study: {}, out: study, engine: 'local', jobs: given.jobs, hosts: null, at: null, time: null, print: given.print, json: false };
      if (given.print) return TE.right(out.text(printed({ given: sweep, study, jobs, out })));
      watchAncestors(() => void (interruption.asked() === null && process.kill(process.pid, 'SIGHUP')));
      return pipe(
        proveWritable(study),
        TE.mapLeft(fromIo),
        TE.chain(() => sayTime(task, study, jobs, given.jobs ?? CORES, out)),
        TE.chain(() => ENGINE.local({ given: sweep, study, jobs, out, interruption })),
        TE.chain(() => conclude(given, study, { ...task, task: usual.task }, out)),
      );
    }),
  );

/** Runs the command and ends the process with its exit code. */
export const reproduceMain = async (argv: readonly string[], interruption: Interruption): Promise<never> => {
  const own = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined);
  const verbose = own.includes('--verbose');
  const out = openConsole(own.includes('--json'));
  if (own.includes('--help')) {
    out.text(REPRODUCE_HELP);
    return end();
  }
  const result = await pipe(
    TE.fromEither(readReproduceArguments(argv)),
    TE.chain((given) => reproduceCommand(given, out, interruption)),
  )().catch((error: unknown) => E.left(failure(verbose ? ((error as Error).stack ?? String(error)) : `unexpected: ${String(error)}; --verbose shows where`)));
  if (E.isLeft(result)) {
    process.stderr.write(`${verbose ? result.left.message : oneLine(result.left.message)}\n`);
    process.exitCode = result.left.code;
  }
  return end();
};
