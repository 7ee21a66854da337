/** The runs of a study, each with its settings in force: what training would refuse is refused before any run begins. */
import { basename, extname } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { parse as parseYaml } from 'yaml';
import { readBytes } from '../../src/io/files.js';
import { decodeUtf8 } from '../../src/io/json.js';
import { type Job, jobName, optionsOf, settingsIn, variedIn } from '../../src/study/job.js';
import { type Assignment, decodeStudy, expand, MOST_RUNS, sizeOf, type Study } from '../../src/study/study.js';
import { settingsFor } from '../command/beginning.js';
import { type Arguments, type CliError, readArguments, usage } from '../command/options.js';
import { type GivenTask, loadTask } from '../command/tasks.js';

const STUDY_FILE = /\.(ya?ml|json)$/;
const MOST_STUDY_BYTES = 2 ** 20;

const readStudy = (path: string): TE.TaskEither<CliError, Partial<Study>> =>
  pipe(
    readBytes(path, MOST_STUDY_BYTES),
    TE.mapLeft(({ message }) => message),
    TE.chainEitherK((bytes) =>
      pipe(
        decodeUtf8(bytes),
        E.chain((text) => E.tryCatch((): unknown => parseYaml(text, { schema: 'failsafe' }), (error) => (error as Error).message.split('\n')[0]!)),
        E.chain(decodeStudy),
        E.mapLeft((fault) => `${path}: ${fault}`),
      ),
    ),
    TE.mapLeft(usage),
  );

export interface PlannedStudy {
  readonly study: Study;
  /** What its folder is called, where it is not said. */
  readonly name: string;
}

/** The study of a task or a file, with what the command line says beside: that wins, setting by setting. */
export const planStudy = (what: string, given: Partial<Study>): TE.TaskEither<CliError, PlannedStudy> =>
  pipe(
    STUDY_FILE.test(what) ? readStudy(what) : TE.right<CliError, Partial<Study>>({ task: what }),
    TE.chainEitherK((file): E.Either<CliError, PlannedStudy> => {
      const { task, seeds } = { ...file, ...given };
      if (task === undefined) return E.left(usage(`${what}: which task? Give it as task`));
      if (seeds === undefined) return E.left(usage('which seeds? Give --seeds, for example 1..20'));
      const study = { task, seeds, set: { ...file.set, ...given.set }, options: [...(file.options ?? []), ...(given.options ?? [])] };
      if (sizeOf(study) > MOST_RUNS) return E.left(usage(`the study has ${sizeOf(study)} runs: at most ${MOST_RUNS} are made`));
      return E.right({ study, name: `study-${basename(what, extname(what)).replace(/[^\w-]+/g, '-')}` });
    }),
  );

/** What a study decides for each of its runs. */
const decided = ({ model, out, resume, goOn, evaluateOnly, json, help, verbose }: Arguments, { options }: Study): string | null => {
  const asked = { model: model !== null, out: out !== null, resume, continue: goOn, eval: evaluateOnly, json, help, verbose };
  if (options.some((word) => /^--seed(=|$)/.test(word))) return '--seed is not for every run: give the study’s --seeds';
  const name = Object.entries(asked).find(([, is]) => is)?.[0];
  return name === undefined ? null : `--${name} is for the study to decide, not among the options of training`;
};

const jobOf = (task: GivenTask, study: Study) => (assignment: Assignment): TE.TaskEither<CliError, Job> => {
  const options = optionsOf(study, assignment);
  return pipe(
    TE.fromEither(readArguments(task.task, options)),
    TE.chainFirst((given) => {
      const fault = decided(given, study);
      return fault === null ? TE.right(undefined) : TE.left(usage(fault));
    }),
    TE.chain((given) => settingsFor(task, given)),
    TE.map((configured) => {
      const settings = settingsIn(configured);
      return { name: jobName(assignment, variedIn(study), settings), task: study.task, settings, options };
    }),
  );
};

/** Two runs of the same settings, whose values are only spelled otherwise. */
const twins = (jobs: readonly Job[]): E.Either<CliError, readonly Job[]> => {
  const known = new Map<string, string>();
  for (const { name, settings } of jobs) {
    const key = JSON.stringify(settings);
    const other = known.get(key);
    if (other !== undefined) return E.left(usage(`the runs ${other} and ${name} have the same settings: leave one out`));
    known.set(key, name);
  }
  return E.right(jobs);
};

export const jobsOf = (study: Study): TE.TaskEither<CliError, readonly Job[]> =>
  pipe(
    loadTask(study.task),
    TE.chain((task) => pipe(expand(study), TE.traverseSeqArray(jobOf(task, study)))),
    TE.chainEitherK(twins),
  );
