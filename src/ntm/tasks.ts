/** The paper's tasks, as the front door offers them. */
import * as E from 'fp-ts/lib/Either.js';
import { checkTask } from '../tasks/check.js';
import type { CopyOptions } from '../tasks/copy.js';
import type { Definition, Task } from '../tasks/definition.js';
import { builtIn } from '../tasks/index.js';
import type { NgramsOptions } from '../tasks/ngrams.js';
import type { RecallOptions } from '../tasks/recall.js';
import type { RepeatCopyOptions } from '../tasks/repeat-copy.js';
import type { SortOptions } from '../tasks/sort.js';
import { fail } from './errors.js';

/** Tasks that need not be tried out. */
const known = new WeakSet<Task>();

const taskOf =
  <O extends object>(task: Task) =>
  (options: Partial<O> = {}): Task => {
    const configured = task.configure({ ...options });
    if (E.isLeft(configured)) return fail('wrong-setting', `task ${task.name}: ${configured.left}`);
    known.add(configured.right);
    return configured.right;
  };

/**
 * The built-in tasks, each with its options (src/tasks): `tasks.copy({ bits: 6, maxLength: 10 })`. Throws an
 * {@link NtmError} `wrong-setting` that names the option. Tasks of one's own: {@link defineTask}.
 */
export const tasks = {
  /** §4.1: give a sequence of random vectors back. */
  copy: taskOf<CopyOptions>(builtIn.copy),
  /** §4.2: give it back as often as is asked for. */
  repeatCopy: taskOf<RepeatCopyOptions>(builtIn.repeatCopy),
  /** §4.3: associative recall, the item that came after the one shown again. */
  recall: taskOf<RecallOptions>(builtIn.recall),
  /** §4.4: dynamic n-grams, the next bit of a sequence from a table that nobody has seen before. */
  ngrams: taskOf<NgramsOptions>(builtIn.ngrams),
  /** §4.5: priority sort, vectors in the order of their priorities. */
  sort: taskOf<SortOptions>(builtIn.sort),
} as const;

/** A task that was given, or its definition, tried out: a fault in it is found before it is trained on. */
export const givenTask = (value: Task | Definition): Task => {
  if (known.has(value as Task)) return value as Task;
  const task = checkTask(value);
  return E.isRight(task) ? task.right : fail('wrong-task', task.left);
};
