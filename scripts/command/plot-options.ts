/** The options of `ntm plot`. */
import { NTM } from './called.js';
import { parseArgs } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { BACKENDS, type Backend } from '../../src/gpu/backends.js';
import { FORMATS, SCHEMES, type Style } from '../../src/pictures/style.js';
import { optionOf } from '../../src/training/configuration.js';
import { type CliError, isCliError, joinNegatives, numberOf, parseFault, show, usage, wholeOf } from './options.js';

export const PLOT_HELP = `${NTM} plot RUN… [options]

Draws figures from files. RUN is a run's folder (runs/…): its learning curves and, where it was evaluated,
wrong bits against length; several give one figure of their median and range. Or it is a model
(.safetensors): what it answers to one sequence, where its heads look, what the memory holds, and the
stages of addressing at one step.

  --task FILE                the task of a model whose task is not built in
  --length N, --repeats N …  sizes of the sequence drawn, as the task calls them (those that training draws)
  --seed N                   another sequence
  --step N                   the step whose stages are drawn, from 1 (the first of the answer)
  --head LIST                heads to draw: write, read, or one of several, write2,read1 (all)
  --scheme light|dark        light
  --format svg|png|both      both
  --width MM                 as printed (85, a column of a paper)
  --out DIR                  where to (the run's folder; of several, or of a model, runs/plot-<time>)
  --backend NAME             what computes a model (webasm)
  --json                     one JSON object per line on stdout, words on stderr
  --verbose                  stack traces of errors`;

/** Which heads: of a kind, all of them or one, from 1. */
export interface HeadChoice {
  readonly kind: 'write' | 'read';
  readonly which: number | null;
}

export interface PlotArguments extends Style {
  readonly runs: readonly string[];
  readonly sizes: Readonly<Record<string, number>>;
  readonly seed: number | undefined;
  readonly step: number | undefined;
  readonly heads: readonly HeadChoice[];
  readonly out: string | null;
  readonly backend: Backend;
  readonly json: boolean;
}

const oneOf = <A extends string>(name: string, all: readonly A[], text: string): A => {
  const found = all.find((each) => each === text);
  if (found === undefined) throw usage(`--${name} wants ${all.slice(0, -1).join(', ')} or ${all.at(-1)}, got ${show(text)}`);
  return found;
};

const headOf = (text: string): HeadChoice => {
  const match = /^(write|read)([1-9]\d{0,3})?$/.exec(text);
  if (!match) throw usage(`--head wants heads separated by commas, as write, read or read2, got ${show(text)}`);
  return { kind: match[1] as HeadChoice['kind'], which: match[2] === undefined ? null : Number(match[2]) };
};

const MM_AN_INCH = 25.4;
const [NARROWEST, WIDEST] = [50, 500];

const widthOf = (text: string): number => {
  const mm = numberOf('width', text);
  if (!(mm >= NARROWEST && mm <= WIDEST))
    throw usage(`--width wants millimetres from ${NARROWEST} to ${WIDEST}, got ${show(text)}`);
  return Math.round((mm * 96) / MM_AN_INCH);
};

const MOST = Number.MAX_SAFE_INTEGER;

/** Reads the arguments; `sizes` are the names of the sizes that there are. */
export const readPlotArguments = (argv: readonly string[], sizes: readonly string[]): E.Either<CliError, PlotArguments> =>
  E.tryCatch(
    () => {
      const text = { type: 'string' } as const;
      const { values, positionals } = parseArgs({
        args: joinNegatives(argv),
        allowPositionals: true,
        options: {
          ...Object.fromEntries(sizes.map((size) => [optionOf(size).slice(2), text])),
          ...{
            task: text,
            seed: text,
            step: text,
            head: text,
            scheme: text,
            format: text,
            width: text,
            out: text,
            backend: text,
          },
          json: { type: 'boolean' },
          verbose: { type: 'boolean' },
        },
      });
      const given = values as Readonly<Record<string, string | undefined>>;
      const whole = (name: string, least: number): number | undefined =>
        given[name] === undefined ? undefined : wholeOf(name, given[name], least, MOST, least);
      if (positionals.length === 0)
        throw usage('ntm plot wants a run’s folder or a model: ntm plot runs/copy-…; plot --help says how');
      return {
        runs: positionals,
        sizes: Object.fromEntries(
          sizes.flatMap((size) => {
            const value = whole(optionOf(size).slice(2), 1);
            return value === undefined ? [] : [[size, value]];
          }),
        ),
        seed: whole('seed', 0),
        step: whole('step', 1),
        heads: given.head === undefined ? [] : given.head.split(',').map(headOf),
        scheme: oneOf('scheme', SCHEMES, given.scheme ?? 'light'),
        format: oneOf('format', FORMATS, given.format ?? 'both'),
        width: widthOf(given.width ?? '85'),
        out: given.out ?? null,
        backend: oneOf('backend', BACKENDS, given.backend ?? 'webasm'),
        json: values.json === true,
      };
    },
    (error) => (isCliError(error) ? error : usage(`${parseFault(error)}; plot --help lists the options`)),
  );
