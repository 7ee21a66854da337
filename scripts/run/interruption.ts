/**
 * The trainer process's ears: a signal, a word from the command's process, or that process's end asks the
 * run to stop. Heard whenever the event loop turns, which the run lets it do at every step.
 */
import { leave } from './leave.js';
import { countSignals, exitCodeOf, SIGNALS, type StopSignal } from './signals.js';

export interface Interruption {
  /** The signal that asked to stop, if one has. */
  readonly asked: () => StopSignal | null;
  /** Called once, when asked, or at once where that was before. */
  readonly onAsk: (listener: (signal: StopSignal) => void) => void;
}

/** A message of the command's process (scripts/run/supervise.ts). */
export interface StopMessage {
  readonly stop: StopSignal;
}

const isStop = (message: unknown): message is StopMessage => typeof message === 'object' && message !== null && 'stop' in message && SIGNALS.some((signal) => signal === message.stop);

/** Listens from now on, to the end of the process. */
export const listen = (): Interruption => {
  const count = countSignals(() => performance.now());
  const listeners: Array<(signal: StopSignal) => void> = [];
  let asked: StopSignal | null = null;
  const hear = (signal: StopSignal): void => {
    const which = count(signal);
    if (which === 'insists') leave(exitCodeOf(signal));
    if (which === 'echo') return;
    asked = signal;
    listeners.splice(0).forEach((listener) => listener(signal));
  };
  for (const signal of SIGNALS) process.on(signal, () => hear(signal));
  process.on('message', (message) => void (isStop(message) && hear(message.stop)));
  // The command's process is gone: nobody is left to end this one.
  const orphaned = (): void => void (asked === null && hear('SIGHUP'));
  process.on('disconnect', orphaned);
  // It was gone before anybody listened: while this process was still loading.
  if (process.connected === false) orphaned();
  return {
    asked: () => asked,
    onAsk: (listener) => (asked === null ? void listeners.push(listener) : listener(asked)),
  };
};
