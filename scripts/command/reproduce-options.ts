/** The options of `ntm reproduce`. */
import { parseArgs } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { parseSeeds } from '../../src/study/study.js';
import { NTM } from './called.js';
import { type CliError, isCliError, parseFault, show, usage, wholeOf } from './options.js';

export const REPRODUCE_HELP = `${NTM} reproduce TASK [options] [-- options of training]

Trains the NTM with LSTM and with feed-forward controller and the LSTM without a memory, with the same seeds, and
draws what the paper draws: learning curves in bits per sequence, bits on longer sequences, and what the heads do.
It says beforehand about how long it takes here; stopped, the same command goes on where it was.

  --seeds LIST      1,2,3, or 1..5 (1,2,3)
  --iterations N    of every run (as many as the task's curve has)
  --out DIR         where to (runs/reproduce-<task>)
  --jobs N          runs at a time (the cores)
  --print           only shows the commands of the runs
  --json            one JSON object a line on stdout, words on stderr
  --verbose         stack traces of errors

TASK is copy, repeat, recall, ngrams or sort, or the file of a task of one's own.`;

export interface ReproduceArguments {
  readonly task: string;
  readonly seeds: readonly number[];
  readonly iterations: number | null;
  readonly out: string | null;
  readonly jobs: number | null;
  readonly print: boolean;
  /** Further options of training. */
  readonly options: readonly string[];
}

const SEEDS = '1,2,3';
const MOST = Number.MAX_SAFE_INTEGER;

const parse = (argv: readonly string[]): ReproduceArguments => {
  const end = argv.indexOf('--');
  const [own, options] = end < 0 ? [argv, []] : [argv.slice(0, end), argv.slice(end + 1)];
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values, positionals } = parseArgs({
    args: [...own],
    allowPositionals: true,
    options: { seeds: text, iterations: text, out: text, jobs: text, print: flag, json: flag, verbose: flag },
  });
  const [task, another] = positionals;
  if (task === undefined) throw usage('ntm reproduce wants a task: ntm reproduce copy; reproduce --help says how');
  if (another !== undefined) throw usage(`ntm reproduce takes one task, got ${show(task)} and ${show(another)}; options of training come after --`);
  const seeds = parseSeeds(values.seeds ?? SEEDS);
  if (E.isLeft(seeds)) throw usage(seeds.left);
  const whole = (name: 'iterations' | 'jobs', most: number): number | null => (values[name] === undefined ? null : wholeOf(name, values[name], 1, most, 1));
  return { task, seeds: seeds.right, iterations: whole('iterations', MOST), out: values.out ?? null, jobs: whole('jobs', 10_000), print: values.print === true, options };
};

export const readReproduceArguments = (argv: readonly string[]): E.Either<CliError, ReproduceArguments> =>
  E.tryCatch(
    () => parse(argv),
    (error) => (isCliError(error) ? error : usage(`${parseFault(error)}; reproduce --help lists the options`)),
  );
