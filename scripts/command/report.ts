/** `report`: what came of studies, from their folders alone. */
import { parseArgs } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { proveWritable } from '../../src/io/files.js';
import { oneLine } from '../../src/ntm/text.js';
import { groupsOf } from '../../src/study/summary.js';
import { csvOf, objectOf, tableOf } from '../../src/study/tables.js';
import { readStudies } from '../study/read.js';
import { fromIo } from './beginning.js';
import { NTM } from './called.js';
import { type Console, openConsole } from './console.js';
import { end } from './end.js';
import { type CliError, failure, isCliError, parseFault, usage } from './options.js';

export const REPORT_HELP = `${NTM} report STUDY… [options]

Reads the runs in studies' folders, also while they go on, and says setting by setting how many were solved,
and after how many sequences and seconds: the median, the quartiles and the worst. A run that is through and
was not solved counts as infinitely long (∞). Runs that failed are listed with their reason.

  --figure    draws learning curves with median and range, and every setting against the outcome
  --out DIR   where to (the first study's folder)
  --csv       one line a run
  --json      an array with one object a run: settings (seed among them), outcome, reason if it failed
  --verbose   stack traces of errors`;

interface ReportArguments {
  readonly studies: readonly string[];
  readonly out: string | null;
  readonly form: 'table' | 'csv' | 'json';
  readonly figure: boolean;
}

const readArguments = (argv: readonly string[]): E.Either<CliError, ReportArguments> =>
  E.tryCatch(
    () => {
      const flag = { type: 'boolean' } as const;
      const { values, positionals } = parseArgs({ args: [...argv], allowPositionals: true, options: { out: { type: 'string' }, csv: flag, json: flag, figure: flag, verbose: flag } });
      if (positionals.length === 0) throw usage('ntm report wants a study’s folder: ntm report runs/study-…; report --help says how');
      if (values.csv && values.json) throw usage('--csv and --json contradict each other: there is one output');
      return { studies: positionals, out: values.out ?? null, form: values.csv ? 'csv' : values.json ? 'json' : 'table', figure: values.figure === true };
    },
    (error) => (isCliError(error) ? error : usage(`${parseFault(error)}; report --help lists the options`)),
  );

/** `out` is for people: with --csv and --json it says its words on stderr. */
const reportCommand = ({ studies, out: into, form, figure }: ReportArguments, out: Console): TE.TaskEither<CliError, void> =>
  pipe(
    readStudies(studies),
    TE.chain(({ runs, notes }) => {
      const groups = groupsOf(runs);
      const folder = into ?? studies[0]!;
      notes.forEach(out.say);
      if (form === 'csv') process.stdout.write(csvOf(runs));
      else if (form === 'json') process.stdout.write(`${JSON.stringify(groups.flatMap((group) => group.runs.map(objectOf)), null, 2)}\n`);
      else {
        out.text(tableOf(groups));
        for (const run of runs) if (run.outcome === 'failed') out.say(`failed: ${run.folder}: ${run.reason ?? 'unknown'}`);
      }
      if (!figure) return TE.right(undefined);
      return pipe(
        proveWritable(folder),
        TE.mapLeft(fromIo),
        TE.chain(() => TE.fromTask(() => import('./report-figures.js'))),
        TE.chain(({ drawStudy }) => drawStudy(folder, runs, groups)),
        TE.map((files) => out.say(`pictures: ${files.join(', ')}`)),
      );
    }),
  );

/** Runs the command and ends the process with its exit code. */
export const reportMain = async (argv: readonly string[]): Promise<never> => {
  const verbose = argv.includes('--verbose');
  const out = openConsole(argv.includes('--json') || argv.includes('--csv'));
  if (argv.includes('--help')) {
    out.text(REPORT_HELP);
    return end();
  }
  const result = await pipe(
    TE.fromEither(readArguments(argv)),
    TE.chain((given) => reportCommand(given, out)),
  )().catch((error: unknown) => E.left(failure(verbose ? ((error as Error).stack ?? String(error)) : `unexpected: ${String(error)}; --verbose shows where`)));
  if (E.isLeft(result)) {
    process.stderr.write(`${verbose ? result.left.message : oneLine(result.left.message)}\n`);
    process.exitCode = result.left.code;
  }
  return end();
};
