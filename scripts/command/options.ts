/** The command line: which options there are, and how they become settings. */
import { parseArgs } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Task } from '../../src/tasks/definition.js';
import { optionOf } from '../../src/training/configuration.js';
import { OPTIONS, type OptionSpecs, ownOptions } from './option-table.js';

export interface CliError {
  /** 1 the run failed, 2 wrong usage; interrupted by SIGHUP 129, SIGINT 130, SIGTERM 143. */
  readonly code: 1 | 2 | 129 | 130 | 143;
  readonly message: string;
  /** Nothing had been done yet that anybody could go on with. */
  readonly untouched?: true;
}

export const usage = (message: string): CliError => ({ code: 2, message });
export const failure = (message: string): CliError => ({ code: 1, message });

/** All options of a task's commands; its own must not be called as those of every task. */
const optionsOf = (task: Task): E.Either<CliError, OptionSpecs> => {
  const names = [...Object.keys(task.options), ...Object.keys(task.least)].map((key) => optionOf(key).slice(2));
  const twice = names.find((name, i) => Object.hasOwn(OPTIONS, name) || names.indexOf(name) < i);
  return twice === undefined
    ? E.right({ ...OPTIONS, ...ownOptions(task) })
    : E.left(usage(`task ${task.name}: there are two options --${twice}: call its option or size otherwise`));
};

export interface Arguments {
  /** Settings that were given, of the configuration and of the task, by key. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly evaluateOnly: boolean;
  readonly model: string | null;
  readonly resume: boolean;
  readonly goOn: boolean;
  readonly initFrom: string | null;
  /** Earlier generations kept at the model's path. */
  readonly keep: number;
  /** Seconds from one save to the next. */
  readonly saveEvery: number;
  readonly config: string | null;
  readonly out: string | null;
  /** What to evaluate of each size that was given. */
  readonly sizes: Readonly<Record<string, readonly number[]>>;
  readonly sequences: number;
  readonly gif: boolean;
  readonly pictures: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
}

/** A value as it was given, fit for one line. */
export const show = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

export const numberOf = (name: string, text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw usage(`--${name} wants a number, got ${show(text)}`);
  return value;
};

/** A whole number from `least` to `most`, or what stands for one that was not given. */
export const wholeOf = (name: string, text: string | undefined, least: number, most: number, missing: number): number => {
  if (text === undefined) return missing;
  const value = numberOf(name, text);
  if (!Number.isInteger(value) || value < least || value > most) throw usage(`--${name} wants an integer from ${least} to ${most}, got ${show(text)}`);
  return value;
};

const secondsOf = (name: string, text: string | undefined, missing: number): number => {
  if (text === undefined) return missing;
  const value = numberOf(name, text);
  if (!Number.isFinite(value) || value < 0) throw usage(`--${name} wants seconds, a number of at least 0, got ${show(text)}`);
  return value;
};

const listOf = (name: string, text: string): readonly number[] =>
  text.split(',').map((part) => {
    const value = numberOf(name, part);
    if (!Number.isSafeInteger(value) || value < 1) throw usage(`--${name} wants positive integers separated by commas, got ${show(part)}`);
    return value;
  });

const memoryOf = (text: string | undefined): Readonly<Record<string, number>> => {
  if (text === undefined) return {};
  const match = /^(\d+)x(\d+)$/.exec(text);
  if (!match) throw usage(`--memory wants slots and width as NxM, for example 128x20, got ${show(text)}`);
  return { slots: Number(match[1]), width: Number(match[2]) };
};

/** `--batch -3` as `--batch=-3`: a number is no option. */
export const joinNegatives = (argv: readonly string[]): string[] =>
  argv.reduce<string[]>((joined, word) => {
    const last = joined.at(-1) ?? '';
    return /^--[a-z-]+$/.test(last) && /^-[\d.]/.test(word) ? [...joined.slice(0, -1), `${last}=${word}`] : [...joined, word];
  }, []);

/** What parseArgs says of wrong arguments, in one line. */
export const parseFault = (error: unknown): string => {
  const [line = ''] = (error as Error).message.split(/\. |\n/);
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
};

/** Options that say two different things about where weights come from. */
const CONTRADICTIONS: ReadonlyArray<readonly [string, string, string]> = [
  ['eval', 'resume', 'evaluates --model, or goes on training it'],
  ['eval', 'continue', 'evaluates --model, or trains it'],
  ['resume', 'continue', 'goes on with --model, or begins where there is none'],
  ['eval', 'init-from', 'evaluates the weights of --model; nothing is trained'],
  ['eval', 'config', 'reads the settings from --model'],
  ['eval', 'gif', 'evaluates --model, or shows how it is trained'],
  ['resume', 'init-from', 'goes on from the weights of --model, or starts from others'],
  ['resume', 'config', 'reads the settings from --model'],
];

const checkContradictions = (given: Readonly<Record<string, string | boolean | undefined>>): void => {
  const isGiven = (name: string): boolean => given[name] !== undefined && given[name] !== false;
  for (const [one, other, why] of CONTRADICTIONS) if (isGiven(one) && isGiven(other)) throw usage(`--${one} and --${other} contradict each other: a command ${why}`);
};

const parse = (specs: OptionSpecs, argv: readonly string[]): Arguments => {
  const { values } = parseArgs({
    args: joinNegatives(argv),
    options: Object.fromEntries(Object.entries(specs).map(([name, { kind }]) => [name, { type: kind === 'flag' ? ('boolean' as const) : ('string' as const) }])),
    allowNegative: true,
    strict: true,
  });
  const given = values as Readonly<Record<string, string | boolean | undefined>>;
  const text = (name: string): string | undefined => given[name] as string | undefined;
  const settings: Readonly<Record<string, unknown>> = Object.fromEntries(
    Object.entries(specs).flatMap(([name, { key, kind }]) => (key && given[name] !== undefined ? [[key, kind === 'number' ? numberOf(name, text(name)!) : given[name]]] : [])),
  );
  if (given.ff && settings.controller !== undefined && settings.controller !== 'feed-forward') throw usage(`--ff and --controller ${show(String(settings.controller))} contradict each other`);
  checkContradictions(given);
  return {
    settings: { ...settings, ...memoryOf(text('memory')), ...(given.ff ? { controller: 'feed-forward' } : {}) },
    evaluateOnly: given.eval === true,
    model: text('model') ?? null,
    resume: given.resume === true,
    goOn: given.continue === true,
    initFrom: text('init-from') ?? null,
    keep: wholeOf('keep', text('keep'), 0, 1e6, 3),
    saveEvery: secondsOf('save-every', text('save-every'), 30),
    config: text('config') ?? null,
    out: text('out') ?? null,
    sizes: Object.fromEntries(Object.entries(specs).flatMap(([name, { size }]) => (size !== undefined && given[name] !== undefined ? [[size, listOf(name, text(name)!)]] : []))),
    sequences: wholeOf('sequences', text('sequences'), 1, 1e7, 100),
    gif: given.gif === true,
    pictures: given.pictures !== false,
    json: given.json === true,
    verbose: given.verbose === true,
    help: given.help === true,
  };
};

export const isCliError = (error: unknown): error is CliError => typeof error === 'object' && error !== null && 'code' in error && 'message' in error && typeof error.code === 'number';

/** Reads the arguments of a task's command; unknown options and bad values are named. */
export const readArguments = (task: Task, argv: readonly string[]): E.Either<CliError, Arguments> =>
  pipe(
    optionsOf(task),
    E.chain((specs) =>
      E.tryCatch(
        () => parse(specs, argv),
        (error) => (isCliError(error) ? error : usage(`${parseFault(error)}; --help lists the options`)),
      ),
    ),
  );

/** The value of one option among arguments of which nothing else is known yet. */
export const optionIn = (argv: readonly string[], name: string): string | null => {
  const { values } = parseArgs({ args: joinNegatives(argv), options: { [name]: { type: 'string' } }, strict: false });
  return typeof values[name] === 'string' ? values[name] : null;
};
