import { type Interruption } from '../run/interruption.js';
import { leave } from '../run/leave.js';
import { exitCodeOf } from '../run/signals.js';
import type { Console } from './console.js';

/** Ends the process, with the exit code set before, once all that was written is out: Dawn, behind webgpu in Node, would keep it running. */
export const end = async (): Promise<never> => {
  for (const stream of [process.stdout, process.stderr]) if (stream.writable) await new Promise<void>((done) => stream.write('', () => done()));
  return leave();
};

/** From now on, being asked to stop ends the process with the signal's exit code: nothing is to be saved. */
export const endWhenAsked = (out: Console, interruption: Interruption, message: string): void =>
  interruption.onAsk((signal) => {
    out.say(message);
    process.exitCode = exitCodeOf(signal);
    void end();
  });
