/** The command line: which options there are, and how they become settings. */
import { parseArgs } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { longest } from '../../src/tasks/cells.js';
import type { Task } from '../../src/tasks/definition.js';
import { type Key, optionOf } from '../../src/training/configuration.js';

export interface CliError {
  /** 1 the run failed, 2 wrong usage; interrupted by SIGHUP 129, SIGINT 130, SIGTERM 143. */
  readonly code: 1 | 2 | 129 | 130 | 143;
  readonly message: string;
}

export const usage = (message: string): CliError => ({ code: 2, message });
export const failure = (message: string): CliError => ({ code: 1, message });

interface OptionSpec {
  readonly kind: 'number' | 'text' | 'flag';
  readonly help: string;
  /** The setting's key, where the option sets one: the configuration's, or the task's own. */
  readonly key?: string;
  /** The size whose values to evaluate it lists. */
  readonly size?: string;
}

type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Those of every task. */
const OPTIONS: Readonly<Record<string, OptionSpec & { readonly key?: Key }>> = {
  eval: { kind: 'flag', help: 'only evaluate --model' },
  model: { kind: 'text', help: 'weights to write, resume from or evaluate (models/<task>.safetensors)' },
  resume: { kind: 'flag', help: 'go on where --model stopped; exact' },
  continue: { kind: 'flag', help: 'begin, or go on where --model stopped, or do nothing if the run in --out has ended: for commands that may be given again' },
  keep: { kind: 'number', help: 'earlier models at --model’s path that are kept, beside the best one and the last one (3)' },
  'save-every': { kind: 'number', help: 'seconds from one save to the next (30)' },
  'init-from': { kind: 'text', help: 'start from the weights in a file (ours, PyTorch’s or the seed’s .pt)' },
  iterations: { kind: 'number', key: 'iterations', help: 'at most so many iterations' },
  'until-solved': { kind: 'flag', key: 'untilSolved', help: 'stop once held-out sequences are right (default); --no-until-solved goes on' },
  batch: { kind: 'number', key: 'batch', help: 'sequences an iteration' },
  seed: { kind: 'number', key: 'seed', help: 'of weights and sequences: the same seed gives the same run' },
  preset: { kind: 'text', key: 'preset', help: 'default; seed: the published settings of clemkoa/ntm; paper: the paper’s' },
  controller: { kind: 'text', key: 'controller', help: 'lstm, feed-forward, gru, or none: the LSTM without memory' },
  ff: { kind: 'flag', help: 'the same as --controller feed-forward' },
  layers: { kind: 'number', key: 'layers', help: 'layers of a recurrent controller' },
  hidden: { kind: 'number', key: 'hidden', help: 'controller width H' },
  memory: { kind: 'text', help: 'slots and width, NxM (128x20); with --eval also more slots than trained with' },
  'read-heads': { kind: 'number', key: 'readHeads', help: 'heads that read' },
  'write-heads': { kind: 'number', key: 'writeHeads', help: 'heads that write' },
  taps: { kind: 'number', key: 'taps', help: 'shifts that a head can choose from, an odd number (3: back, stay, on)' },
  'memory-init': { kind: 'text', key: 'memoryInit', help: 'how memory starts: constant, random or learned' },
  curriculum: { kind: 'number', key: 'curriculum', help: 'sizes of sequences up to this to begin with, growing as they are learnt; 0: all from the start' },
  'initial-focus': { kind: 'number', key: 'initialFocus', help: 'logit of the first slot in the weightings that training begins with; 0: spread evenly' },
  trailing: { kind: 'number', key: 'trailing', help: 'steps past the target’s end in which to learn to answer nothing' },
  'legacy-write-addressing': { kind: 'flag', key: 'legacyWriteAddressing', help: 'the write head addresses from the read head’s weighting, as the seed’s published weights want' },
  optimizer: { kind: 'text', key: 'optimizer', help: 'rmsprop, centred-rmsprop or adam' },
  'learning-rate': { kind: 'number', key: 'learningRate', help: 'step size' },
  'anneal-below': { kind: 'number', key: 'annealBelow', help: 'the learning rate falls with the running loss below this; 0: constant' },
  'anneal-floor': { kind: 'number', key: 'annealFloor', help: '… but not below this share of --learning-rate' },
  'square-decay': { kind: 'number', key: 'squareDecay', help: 'RMSprop’s α, Adam’s β2' },
  momentum: { kind: 'number', key: 'momentum', help: 'RMSprop’s momentum, Adam’s β1' },
  epsilon: { kind: 'number', key: 'epsilon', help: 'added to the root of the square average' },
  clip: { kind: 'number', key: 'clip', help: 'limit of each entry of the gradient; 0: none' },
  'max-norm': { kind: 'number', key: 'maxNorm', help: 'limit of the gradient’s global norm; 0: none' },
  'step-limit': { kind: 'number', key: 'stepLimit', help: 'furthest that a weight moves in one iteration, in learning rates; 0: no limit' },
  'weight-decay': { kind: 'number', key: 'weightDecay', help: 'what a weight loses of itself in one iteration, in learning rates; 0: nothing' },
  averaging: { kind: 'number', key: 'averaging', help: 'decay of the running average of the weights that is evaluated and saved; 0: none' },
  backend: { kind: 'text', key: 'backend', help: 'auto, headlessgl, webgpu, webasm or cpu' },
  workers: { kind: 'number', key: 'workers', help: 'threads that share a batch (webasm); 0: as the cores and the batch allow' },
  config: { kind: 'text', help: 'JSON file of settings; options given beside it win' },
  out: { kind: 'text', help: 'folder of metrics and pictures (runs/<task>-<time>)' },
  sequences: { kind: 'number', help: 'sequences to evaluate a cell (100)' },
  gif: { kind: 'flag', help: 'an animation of learning beside the pictures: one sequence, its target above the output' },
  pictures: { kind: 'flag', help: 'draw curves and the model once it is trained (default); --no-pictures does not' },
  json: { kind: 'flag', help: 'one JSON object a line on stdout, words on stderr' },
  verbose: { kind: 'flag', help: 'stack traces of errors' },
  help: { kind: 'flag', help: 'this text' },
};

/** The task's own options, and for each of its sizes the list of those to evaluate. */
const ownOptions = ({ options, least, distribution }: Task): OptionSpecs => {
  const usual = longest(distribution);
  const own = Object.entries(options).map(([key, option]): readonly [string, OptionSpec] => [
    optionOf(key).slice(2),
    { kind: 'choices' in option ? 'text' : 'number', key, help: `${option.help} (${option.default})` },
  ]);
  const sizes = Object.keys(least).map((size): readonly [string, OptionSpec] => [optionOf(size).slice(2), { kind: 'text', size, help: `to evaluate, a list of ${size}: ${usual[size]},${2 * usual[size]!},…` }]);
  return Object.fromEntries([...own, ...sizes]);
};

/** All options of a task's commands; its own must not be called as those of every task. */
const optionsOf = (task: Task): E.Either<CliError, OptionSpecs> => {
  const own = ownOptions(task);
  const names = [...Object.keys(task.options), ...Object.keys(task.least)].map((key) => optionOf(key).slice(2));
  const twice = names.find((name, i) => Object.hasOwn(OPTIONS, name) || names.indexOf(name) < i);
  return twice === undefined ? E.right({ ...OPTIONS, ...own }) : E.left(usage(`task ${task.name}: there are two options --${twice}: call its option or size otherwise`));
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

export const helpText = (command: string, task: Task): string => {
  const line = (width: number) => ([name, { help, kind }]: readonly [string, OptionSpec]): string => `  --${name.padEnd(width)}  ${help}${kind === 'number' ? ' [number]' : ''}`;
  const own = Object.entries(ownOptions(task));
  const all = Object.entries(OPTIONS);
  const width = Math.max(...[...own, ...all].map(([name]) => name.length));
  return [
    `${command} [options]`,
    `Trains a Neural Turing Machine on the ${task.name} task, evaluates and draws it.`,
    '',
    `The ${task.name} task:`,
    ...own.map(line(width)),
    '',
    'Every task:',
    ...all.map(line(width)),
    '',
    'Exit codes: 0 done · 1 the run failed · 2 wrong usage · 130 interrupted and saved (143 by SIGTERM, 129 by SIGHUP)',
  ].join('\n');
};

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
