/**
 * Starts a trainer process (scripts/run/trainer.ts), in a session of its own, with a channel over which it is
 * asked to stop; where the channel closes it saves and ends by itself.
 */
import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StopMessage } from './interruption.js';
import type { StopSignal } from './signals.js';

const TRAINER = fileURLToPath(new URL(`./trainer${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));

/** Where the process's output and errors go. */
type Outputs = Extract<StdioOptions, unknown[]>[number];

/** `script`: what the command is called by, where it has a name of its own; `task`: none for that of --model. */
export const startTrainer = (task: string | null, script: string | null, argv: readonly string[], outputs: Outputs): ChildProcess =>
  spawn(process.execPath, [...process.execArgv, TRAINER, task ?? '', script ?? '', ...argv], { detached: true, stdio: ['ignore', outputs, outputs, 'ipc'] });

export const askToStop = (child: ChildProcess, signal: StopSignal): void => void (child.connected && child.send({ stop: signal } satisfies StopMessage, () => undefined));
