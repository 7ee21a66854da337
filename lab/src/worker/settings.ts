/** Settings checked by the library itself, with the field that a fault is about. */
import * as E from 'fp-ts/lib/Either.js';
import { builtIn, configure, type Configuration, type Task } from 'ntm-gpu/core';
import { WHOLE } from '../../../src/tasks/cells.js';
import type { Checked, Settings, TaskInfo } from './messages.js';

export const tasksByName: ReadonlyMap<string, Task> = new Map(Object.values(builtIn).map((task) => [task.name, task]));

export const taskInfo = (task: Task): TaskInfo => {
  const cells = task.distribution.cells(WHOLE);
  return {
    name: task.name,
    options: Object.entries(task.options).map(([name, option]) => ({
      name,
      value: task.settings[name]!,
      choices: 'choices' in option ? option.choices : null,
      help: option.help,
    })),
    sizes: Object.keys(cells[0]!).map((name) => {
      const values = cells.map((cell) => cell[name]!);
      return { name, from: Math.min(...values), to: Math.max(...values), least: task.least[name]! };
    }),
  };
};

/** A run's settings and its task's options in one record. */
export const flat = ({ options, ...settings }: Configuration): Settings =>
  ({ ...Object.fromEntries(Object.entries(settings).filter(([, value]) => typeof value !== 'boolean')), ...options }) as Settings;

/** `--learning-rate` as `learningRate`. */
const fieldOf = (message: string): string | null => {
  const option = /--([a-z-]+)/.exec(message)?.[1];
  return option?.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()) ?? null;
};

const WORDS = /--[a-z]+(?:-[a-z]+)*/;

/** Settings apart from the task's name. */
export const apart = (settings: Settings): { readonly task: Task; readonly rest: Settings } | null => {
  const { task: name = 'copy', ...rest } = settings;
  const task = tasksByName.get(String(name));
  return task ? { task, rest } : null;
};

export const check = (settings: Settings): Checked => {
  const found = apart(settings);
  if (!found) return { fault: { field: 'task', message: `there is no task ${JSON.stringify(settings.task)}` } };
  const configured = configure(found.task, found.rest);
  if (E.isLeft(configured)) {
    const { message } = configured.left;
    return { fault: { field: fieldOf(message), message: message.replace(WORDS, '').trim() } };
  }
  return { fault: null, inForce: flat(configured.right.configuration), task: taskInfo(configured.right.task) };
};
