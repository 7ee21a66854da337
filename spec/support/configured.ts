/** Settings of a task, which must fit. */
import * as E from 'fp-ts/lib/Either.js';
import type { Task } from '../../src/tasks/definition.js';
import { builtIn } from '../../src/tasks/index.js';
import { type Configured, configure } from '../../src/training/configuration.js';

export const configured = (changes: object = {}, task: Task = builtIn.copy): Configured => {
  const result = configure(task, { ...changes });
  if (E.isLeft(result)) throw new Error(result.left.message);
  return result.right;
};
