/**
 * The command's own process: it trains nothing, so it hears every signal at once. The work is done by a
 * trainer process in a session of its own, which no terminal and no wrapper reaches. That process is asked
 * to stop over a channel, and sees the channel close where this one is killed; either way it finishes the
 * step, saves and ends.
 */
import { constants } from 'node:os';
import { watchAncestors } from './ancestors.js';
import { leave } from './leave.js';
import { countSignals, exitCodeOf, SIGNALS, type StopSignal } from './signals.js';
import { askToStop, startTrainer } from './start-trainer.js';

/**
 * Runs the command of a task (none: that of --model) in a trainer process and ends with its exit code.
 * `script` is what the command is called by, where it has a name of its own.
 */
export const supervise = (task: string | null, script: string | null, argv: readonly string[] = process.argv.slice(2)): void => {
  const child = startTrainer(task, script, argv, 'inherit');
  const count = countSignals(() => performance.now());
  let asked: StopSignal | null = null;
  const stop = (signal: StopSignal): void => {
    const which = count(signal);
    if (which === 'insists') {
      child.kill('SIGKILL');
      leave(exitCodeOf(signal));
    }
    asked ??= signal;
    if (which === 'first') askToStop(child, signal);
  };
  for (const signal of SIGNALS) process.on(signal, () => stop(signal));
  watchAncestors(() => void (asked === null && stop('SIGHUP')));
  process.stderr.on('error', () => undefined);
  child.on('error', (error) => {
    process.stderr.write(`the trainer process did not start: ${error.message}\n`);
    leave(1);
  });
  child.on('exit', (code, signal) => {
    if (code !== null) leave(code);
    if (asked === null && !SIGNALS.some((each) => each === signal)) {
      process.stderr.write(`the trainer process was ended by ${signal}${signal === 'SIGKILL' ? ', as happens when memory runs out' : ''}: what was saved last is whole, and --resume goes on from it\n`);
      leave(1);
    }
    leave(128 + constants.signals[signal!]);
  });
};
