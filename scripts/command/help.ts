/** What --help of a task's command says. */
import * as E from 'fp-ts/lib/Either.js';
import type { Task } from '../../src/tasks/definition.js';
import { type Configuration, configure, type Key } from '../../src/training/configuration.js';
import { GROUPS, OPTIONS, type OptionSpec, ownOptions, written } from './option-table.js';
import type { Arguments } from './options.js';

/** Settings that others' defaults depend on. */
const DECIDING = ['preset', 'controller'] as const satisfies readonly Key[];

/** The settings that a task trains with, unless told otherwise; null where its own are no settings. */
export const defaultsOf = (task: Task, given: Readonly<Record<string, unknown>> = {}): Configuration | null => {
  const deciding = Object.fromEntries(DECIDING.flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]]])));
  const run = configure(task, deciding);
  return E.isRight(run) ? run.right.configuration : null;
};

const spelled = (value: unknown): string => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value));

/** What an option is unless it is given; empty where it is nothing. */
export const defaultOf = (name: string, { key, fallback }: OptionSpec, defaults: Configuration | null): string => {
  if (fallback !== undefined) return fallback;
  if (defaults === null) return '';
  if (name === 'memory') return `${defaults.slots}x${defaults.width}`;
  return key === undefined ? '' : spelled(defaults[key as Key]);
};

/** The options by group, with their defaults for the task, and for the preset and the controller if those are given. */
export const helpText = (
  command: string,
  task: Task,
  { settings, evaluateOnly }: Pick<Arguments, 'settings' | 'evaluateOnly'>,
): string => {
  const all = Object.entries({ ...ownOptions(task), ...OPTIONS });
  const defaults = defaultsOf(task, settings);
  const width = Math.max(...all.map(([name, spec]) => written(name, spec).length));
  const line = ([name, spec]: readonly [string, OptionSpec]): string => {
    const value = defaultOf(name, spec, defaults);
    return `  ${written(name, spec).padEnd(width)}  ${spec.help}${value === '' ? '' : ` (${value})`}`;
  };
  return [
    `${command} [options]`,
    evaluateOnly
      ? `Evaluates and draws a model of the ${task.name} task; options that only train are of no meaning.`
      : `Trains a Neural Turing Machine on the ${task.name} task, evaluates and draws it.`,
    'In brackets: what is in force unless given.',
    ...Object.entries(GROUPS).flatMap(([group, title]) => [
      '',
      `${title}:`,
      ...all.filter(([, spec]) => spec.group === group).map(line),
    ]),
    '',
    'Exit codes: 0 done · 1 the run failed · 2 wrong usage · 130 interrupted and saved (143 by SIGTERM, 129 by SIGHUP)',
  ].join('\n');
};
