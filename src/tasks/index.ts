/** The tasks that the library brings along: the paper's five. Whatever needs to know them asks here. */
import * as E from 'fp-ts/lib/Either.js';
import { copy } from './copy.js';
import type { Task } from './definition.js';
import { ngrams } from './ngrams.js';
import { recall } from './recall.js';
import { repeatCopy } from './repeat-copy.js';
import { sort } from './sort.js';

/** With their usual options; `configure` gives them others. */
export const builtIn = { copy, repeatCopy, recall, ngrams, sort } as const satisfies Readonly<Record<string, Task>>;

/** A built-in task by its name, or by the first word of it. Left: the names that there are. */
export const taskNamed = (name: string): E.Either<string, Task> => {
  const tasks: readonly Task[] = Object.values(builtIn);
  const found = tasks.find((task) => task.name === name) ?? tasks.find((task) => task.name.split('-')[0] === name);
  return found ? E.right(found) : E.left(`no task is named ${JSON.stringify(name)}; there are ${tasks.map((task) => task.name).join(', ')}`);
};

/** What files of a task are called by: of a built-in one the first word of its name. */
export const shortName = ({ name }: Pick<Task, 'name'>): string => (Object.values(builtIn).some((task: Task) => task.name === name) ? name.split('-')[0]! : name);
