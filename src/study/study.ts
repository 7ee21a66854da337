/**
 * A study: one task, some seeds, and settings with the values that each is to have. It stands for every
 * combination of the values with every seed.
 */
import * as A from 'fp-ts/lib/Array.js';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { asRecord } from '../io/json.js';
import { optionOf } from '../training/configuration.js';

export interface Study {
  /** A built-in task's name, or the file that one's own is in. */
  readonly task: string;
  readonly seeds: readonly number[];
  /** Options of training by name (`learning-rate`), each with its values as the command line spells them. */
  readonly set: Readonly<Record<string, readonly string[]>>;
  /** Further options of training, the same for every run. */
  readonly options: readonly string[];
}

/** What one run of a study is given of the options that the study sets. */
export interface Assignment {
  readonly seed: number;
  readonly values: Readonly<Record<string, string>>;
}

/** Most seeds that a range may name, and most runs of a study. */
export const MOST_RUNS = 100_000;

const show = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 80);

const rangeOf = (part: string): E.Either<string, readonly number[]> => {
  const match = /^(\d{1,10})(?:\.\.(\d{1,10}))?$/.exec(part.trim());
  if (!match) return E.left(`seeds want numbers and ranges such as 1..20 or 1,2,7..9, got ${show(part)}`);
  const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
  if (to < from) return E.left(`seeds: the range ${part.trim()} ends before it begins`);
  if (to - from >= MOST_RUNS) return E.left(`seeds: the range ${part.trim()} has more than ${MOST_RUNS} seeds`);
  return E.right(Array.from({ length: to - from + 1 }, (_, i) => from + i));
};

const once = <V>(what: string, values: readonly V[]): E.Either<string, readonly V[]> => {
  const twice = values.find((value, i) => values.indexOf(value) < i);
  return twice === undefined ? E.right(values) : E.left(`${what} ${String(twice)} is given twice`);
};

/** `1..20`, `1,2,7..9`. */
export const parseSeeds = (text: string): E.Either<string, readonly number[]> =>
  pipe(text.split(','), E.traverseArray(rangeOf), E.chain((ranges) => once('seed', ranges.flat())));

/** What the study itself decides for every run. */
const TAKEN = ['seed', 'model', 'out', 'resume', 'continue', 'eval', 'json', 'help', 'verbose'];

const setting = (key: string, values: readonly string[]): E.Either<string, readonly [string, readonly string[]]> => {
  const name = optionOf(key).slice(2);
  if (!/^[a-z][a-z0-9-]*$/.test(name)) return E.left(`a setting is called as an option of training is, for example learningRate, got ${show(key)}`);
  if (TAKEN.includes(name)) return E.left(name === 'seed' ? 'the seeds of a study are given by seeds, not set' : `${name} is for the study to decide and cannot be set`);
  if (values.length === 0 || values.some((value) => value === '')) return E.left(`${key} wants one value or several, separated by commas`);
  return pipe(once(`${key}: the value`, values), E.map((each) => [name, each] as const));
};

/** `key=v1,v2`, as option and values. */
export const parseSet = (text: string): E.Either<string, readonly [string, readonly string[]]> => {
  const at = text.indexOf('=');
  return at < 1 ? E.left(`a setting wants key=value or key=v1,v2, got ${show(text)}`) : setting(text.slice(0, at), text.slice(at + 1).split(','));
};

/** Settings with their values as one record; one that is set twice is refused. */
export const settingsOf = (set: ReadonlyArray<readonly [string, readonly string[]]>): E.Either<string, Study['set']> =>
  pipe(
    once('the setting', set.map(([name]) => name)),
    E.map(() => Object.fromEntries(set)),
  );

const isScalar = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value);

const decodeSet = (json: unknown): E.Either<string, Study['set']> => {
  const given = asRecord(json ?? {});
  if (!given) return E.left('set wants settings with their values');
  return pipe(
    Object.entries(given),
    E.traverseArray(([key, value]) => {
      const values: readonly unknown[] = Array.isArray(value) ? value : [value];
      return values.every(isScalar) ? setting(key, values.map(String)) : E.left(`set: ${key} wants a value or a list of values, got ${show(value)}`);
    }),
    E.chain(settingsOf),
  );
};

const decodeSeeds = (json: unknown): E.Either<string, readonly number[]> =>
  pipe(
    (Array.isArray(json) ? json : [json]).map(String),
    (parts) => parseSeeds(parts.join(',')),
  );

const FIELDS = ['task', 'seeds', 'set', 'options'];

/** What a study's file says, of which the command line may replace anything. */
export const decodeStudy = (json: unknown): E.Either<string, Partial<Study>> => {
  const given = asRecord(json);
  if (!given) return E.left('a study is an object with task, seeds, set and options');
  const unknown = Object.keys(given).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) return E.left(`unknown field ${show(unknown)}; a study has ${FIELDS.join(', ')}`);
  const { task, seeds, set, options = [] } = given;
  if (task !== undefined && typeof task !== 'string') return E.left(`task wants a name or a file, got ${show(task)}`);
  if (!Array.isArray(options) || !options.every(isScalar)) return E.left('options wants a list of words, for example ["--hidden", "64"]');
  return pipe(
    E.Do,
    E.bind('set', () => decodeSet(set)),
    E.bind('seeds', () => (seeds === undefined ? E.right(undefined) : decodeSeeds(seeds))),
    E.map((found) => ({ ...(task !== undefined && { task }), set: found.set, ...(found.seeds && { seeds: found.seeds }), options: options.map(String) })),
  );
};

/** Every combination of the values with every seed: all settings of the first seed, then all of the second. */
export const expand = ({ seeds, set }: Pick<Study, 'seeds' | 'set'>): readonly Assignment[] => {
  const combinations = Object.entries(set).reduce<ReadonlyArray<Readonly<Record<string, string>>>>(
    (before, [name, values]) => before.flatMap((each) => values.map((value) => ({ ...each, [name]: value }))),
    [{}],
  );
  return pipe([...seeds], A.chain((seed) => combinations.map((values) => ({ seed, values }))));
};

/** How many runs a study has. */
export const sizeOf = ({ seeds, set }: Pick<Study, 'seeds' | 'set'>): number => Object.values(set).reduce((product, values) => product * values.length, seeds.length);
