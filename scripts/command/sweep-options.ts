/** The options of `ntm sweep`. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { parseSeeds, parseSet, settingsOf, type Study } from '../../src/study/study.js';
import { NTM } from './called.js';
import { type CliError, isCliError, parseFault, show, usage, wholeOf } from './options.js';

export const SWEEP_HELP = `${NTM} sweep TASK --seeds 1..20 [options] [-- options of training]
${NTM} sweep STUDY.yaml [options]

Trains a task with every seed and every combination of some settings' values. Each run is a folder of its own
in the study's, named by what varies and a hash of all its settings; given again, the command leaves runs that
have ended alone and goes on with the others exactly. ntm report says what came of them.

  --seeds LIST         1..20, or 1,2,7..9
  --set KEY=V1,V2,…    an option of training and its values, learningRate=4e-3,8e-3; may be given several times
  --out DIR            the study's folder (runs/study-<task>)
  --engine NAME        local: child processes here (default)
                       parallel: GNU parallel over SSH, with --hosts
                       slurm: an array job of Slurm
  --jobs N             runs at a time: here (the cores), on each host (its cores), or in the array (no limit)
  --hosts FILE         one host a line, as GNU parallel reads them: 8/user@host has 8 at a time
  --at DIR             this project's folder on the hosts (the same as here)
  --time D             Slurm's time limit of a job, 1:00:00; a minute before it the run saves and is queued again
  --print              only shows the commands, or what would be submitted
  --json               one JSON object a line on stdout, words on stderr
  --verbose            stack traces of errors

A run has one thread unless --workers is set. A study as a file (YAML or JSON):

  task: copy
  seeds: 1..20
  set: { learningRate: [4e-3, 8e-3], controller: [lstm, feed-forward] }
  options: [--hidden, 64]

Exit codes: 0 all done · 1 some runs failed · 2 wrong usage · 130 interrupted, all saved (143 by SIGTERM, 129 by SIGHUP)`;

export const ENGINES = ['local', 'parallel', 'slurm'] as const;
export type Engine = (typeof ENGINES)[number];

export interface SweepArguments {
  /** A task, or the file of a study. */
  readonly what: string;
  /** What the command line says of the study. */
  readonly study: Partial<Study>;
  readonly out: string | null;
  readonly engine: Engine;
  readonly jobs: number | null;
  readonly hosts: string | null;
  readonly at: string | null;
  readonly time: string | null;
  readonly print: boolean;
  readonly json: boolean;
}

/** How many runs at a time where --jobs does not say. */
export const CORES = availableParallelism();

const orUsage = <A>(found: E.Either<string, A>): A => {
  if (E.isLeft(found)) throw usage(found.left);
  return found.right;
};

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

const parse = (argv: readonly string[]): SweepArguments => {
  const end = argv.indexOf('--');
  const [own, options] = end < 0 ? [argv, []] : [argv.slice(0, end), argv.slice(end + 1)];
  const { values, positionals } = parseArgs({
    args: [...own],
    allowPositionals: true,
    options: {
      seeds: text,
      set: { type: 'string', multiple: true },
      ...{ out: text, engine: text, jobs: text, hosts: text, at: text, time: text },
      ...{ print: flag, json: flag, verbose: flag },
    },
  });
  const [what, another] = positionals;
  if (what === undefined) throw usage('ntm sweep wants a task or a study’s file: ntm sweep copy --seeds 1..20; sweep --help says how');
  if (another !== undefined) throw usage(`ntm sweep takes one task, got ${show(what)} and ${show(another)}; options of training come after --`);
  const engine = ENGINES.find((each) => each === (values.engine ?? 'local'));
  if (!engine) throw usage(`--engine wants ${ENGINES.join(', ')}, got ${show(values.engine!)}`);
  if (engine === 'parallel' && values.hosts === undefined) throw usage('--engine parallel wants --hosts FILE, one host a line');
  if (engine !== 'parallel' && (values.hosts ?? values.at) !== undefined) throw usage('--hosts and --at are for --engine parallel');
  if (engine !== 'slurm' && values.time !== undefined) throw usage('--time is for --engine slurm');
  const set = orUsage(pipe(values.set ?? [], E.traverseArray(parseSet), E.chain(settingsOf)));
  return {
    what,
    study: { set, options, ...(values.seeds !== undefined && { seeds: orUsage(parseSeeds(values.seeds)) }) },
    out: values.out ?? null,
    engine,
    jobs: values.jobs === undefined ? null : wholeOf('jobs', values.jobs, 1, 10_000, 1),
    hosts: values.hosts ?? null,
    at: values.at ?? null,
    time: values.time ?? null,
    print: values.print === true,
    json: values.json === true,
  };
};

export const readSweepArguments = (argv: readonly string[]): E.Either<CliError, SweepArguments> =>
  E.tryCatch(
    () => parse(argv),
    (error) => (isCliError(error) ? error : usage(`${parseFault(error)}; sweep --help lists the options; those of training come after --`)),
  );
