/** A task's command: what its arguments ask for, done, and the exit code. */
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { oneLine } from '../../src/ntm/text.js';
import { shortName } from '../../src/tasks/index.js';
import { taskNameIn } from '../../src/training/checkpoint.js';
import type { Interruption } from '../run/interruption.js';
import { loadTold } from './beginning.js';
import { callOf } from './called.js';
import { type Console, openConsole } from './console.js';
import { continued, isEnded } from './continue.js';
import { end, endWhenAsked } from './end.js';
import { evaluateCommand } from './evaluate-command.js';
import { type Arguments, type CliError, failure, optionIn, readArguments, usage } from './options.js';
import { helpText } from './help.js';
import { commandOf, type GivenTask, loadTask } from './tasks.js';
import { trainCommand } from './train.js';

const stamp = (date: Date): string => date.toISOString().slice(0, 19).replace(/[:T]/g, '-');

/** The task of a command that names none: the one that its --model was trained on, if that is built in. */
const taskOfModel = (argv: readonly string[], silent: Console): TE.TaskEither<CliError, GivenTask> => {
  const path = optionIn(argv, 'model');
  const unknown = usage('which task? Name it, or a --model whose file says it: ntm eval TASK');
  if (path === null) return TE.left(unknown);
  return pipe(
    loadTold(path, silent),
    TE.chain((file) => {
      const name = taskNameIn(file);
      if (name === null) return TE.left(usage(`${path} does not say its task: name it, ntm eval TASK --model ${path}`));
      return pipe(loadTask(name), TE.mapLeft(() => usage(`${path} was trained on a task of its own, ${name}: name its file, ntm eval FILE --model ${path}`)));
    }),
  );
};

/** Runs the command of a task (null: that of --model) and ends the process with its exit code. `script`: what it is called by, to say how to go on. */
export const main = async (source: string | null, script: string | null, argv: readonly string[], interruption: Interruption): Promise<never> => {
  const [json, verbose] = [argv.includes('--json'), argv.includes('--verbose')];
  const out = openConsole(json);
  const silent: Console = { ...out, say: () => undefined };
  const run = (task: GivenTask, given: Arguments): TE.TaskEither<CliError, void> => {
    const calledBy = script === null ? commandOf(task, given.evaluateOnly ? 'eval' : 'train') : callOf(script);
    if (given.help) {
      out.text(helpText(calledBy, task.task, given));
      return TE.right(undefined);
    }
    const name = shortName(task.task);
    const folder = given.out ?? join('runs', `${name}-${stamp(new Date())}`);
    if (given.evaluateOnly) {
      endWhenAsked(out, interruption, 'interrupted');
      return evaluateCommand(task, given, out, folder);
    }
    const model = given.model ?? join('models', `${name}.safetensors`);
    const paths = { model, out: folder };
    const train = (arguments_: Arguments): TE.TaskEither<CliError, void> => trainCommand({ task, given: arguments_, out, paths, calledBy, interruption });
    if (!given.goOn) return train(given);
    if (given.out === null) return TE.left(usage('--continue wants the run’s folder, to see whether it has ended: give --out'));
    return pipe(
      continued(task, given, paths),
      TE.chain((found) => (isEnded(found) ? TE.right(out.say(`${folder}: ended already, ${found.outcome}`)) : train(found))),
    );
  };
  const unexpected = (error: unknown): CliError => failure(verbose ? ((error as Error).stack ?? String(error)) : `unexpected: ${String(error)}; --verbose shows where`);
  const result = await pipe(
    source === null ? taskOfModel(argv, silent) : loadTask(source),
    TE.chain((task) => pipe(TE.fromEither(readArguments(task.task, argv)), TE.chain((given) => run(task, given)))),
  )().catch((error: unknown) => E.left(unexpected(error)));
  if (E.isLeft(result)) {
    const { code, message } = result.left;
    const stream = json || code < 100 ? process.stderr : process.stdout;
    if (stream.writable) stream.write(`${verbose ? message : oneLine(message)}\n`);
    process.exitCode = code;
  } else if (out.fault() !== null) {
    if (process.stderr.writable) process.stderr.write(`${oneLine(out.fault()!)}\n`);
    process.exitCode = 1;
  }
  return end();
};
