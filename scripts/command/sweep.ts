/** `sweep`: a study's runs, by the engine that is asked for. */
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { proveWritable } from '../../src/io/files.js';
import { oneLine } from '../../src/ntm/text.js';
import { watchAncestors } from '../run/ancestors.js';
import type { Interruption } from '../run/interruption.js';
import { jobsOf, planStudy } from '../study/jobs.js';
import { fromIo } from './beginning.js';
import { type Console, openConsole } from './console.js';
import { end } from './end.js';
import { type CliError, failure } from './options.js';
import { ENGINE, printed } from './sweep-engines.js';
import { readSweepArguments, SWEEP_HELP, type SweepArguments } from './sweep-options.js';

const sweepCommand = (given: SweepArguments, out: Console, interruption: Interruption): TE.TaskEither<CliError, void> =>
  pipe(
    planStudy(given.what, given.study),
    TE.bindTo('planned'),
    TE.bind('jobs', ({ planned }) => jobsOf(planned.study)),
    TE.let('study', ({ planned }) => given.out ?? join('runs', planned.name)),
    TE.chain(({ jobs, study }) => {
      if (given.print) return TE.right(out.text(printed({ given, study, jobs, out })));
      // A wrapper that is killed takes nobody's runs with it: they are saved.
      watchAncestors(() => void (interruption.asked() === null && process.kill(process.pid, 'SIGHUP')));
      return pipe(
        proveWritable(study),
        TE.mapLeft(fromIo),
        TE.chain(() => ENGINE[given.engine]({ given, study, jobs, out, interruption })),
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
