/** One run of a study: its folder's name, and the options of the command that does it. */
import { crc32c } from '../io/crc32c.js';
import { type Configured, KEYS } from '../training/configuration.js';
import type { Assignment, Study } from './study.js';

/** A value of a setting. */
export type Value = string | number | boolean;
/** All settings in force, the task's own among them, by key. */
export type Settings = Readonly<Record<string, Value>>;

export interface Job {
  /** The name of its folder within the study's. */
  readonly name: string;
  readonly task: string;
  readonly settings: Settings;
  /** Options of training. */
  readonly options: readonly string[];
}

/** The settings in force as one record, in one order. */
export const settingsIn = ({ configuration: { options, ...rest } }: Configured): Settings =>
  Object.fromEntries([...KEYS.flatMap((key) => (key === 'options' ? [] : [[key, rest[key]] as const])), ...Object.entries(options).sort()]);

/** Eight hexadecimal digits that other settings would have otherwise. */
const hashOf = (settings: Settings): string =>
  crc32c(new TextEncoder().encode(JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))))).toString(16).padStart(8, '0');

/** Longest readable part: names of files may have 255 bytes. */
const MOST_LETTERS = 150;

/** `controller-lstm_learning-rate-4e-3_seed-1_1a2b3c4d`: what varies in its study, the seed, and a hash of all settings. */
export const jobName = ({ seed, values }: Assignment, varied: readonly string[], settings: Settings): string => {
  const words = varied.map((name) => `${name}-${values[name]}`.replace(/[^\w.+-]+/g, '-'));
  return `${words.map((word) => `${word}_`).join('').slice(0, MOST_LETTERS)}seed-${seed}_${hashOf(settings)}`;
};

/** The options that a study sets and that not all of its runs have alike. */
export const variedIn = ({ set }: Pick<Study, 'set'>): readonly string[] => Object.keys(set).filter((name) => set[name]!.length > 1);

/** A setting as a word of the command line. */
const wordOf = ([name, value]: readonly [string, string]): string => (value === 'true' ? `--${name}` : value === 'false' ? `--no-${name}` : `--${name}=${value}`);

/** The options of training for one run: those of the study, those set, the seed; one thread and no pictures unless asked for. */
export const optionsOf = ({ options }: Pick<Study, 'options'>, { seed, values }: Assignment): readonly string[] => [
  '--workers=1',
  '--no-pictures',
  ...options,
  ...Object.entries(values).map(wordOf),
  `--seed=${seed}`,
];

/** The options that make a run's command one that can be given any number of times. */
export const idempotent = (folder: string): readonly string[] => [`--model=${folder}/model.safetensors`, `--out=${folder}`, '--continue'];

/** A word as POSIX shells take it. */
export const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The command of a job as one line for a shell. */
export const commandLine = (ntm: string, { name, task, options }: Job, study: string): string =>
  [ntm, ...['train', task, ...options, ...idempotent(`${study}/${name}`)].map(quoted)].join(' ');
