/** The one kind of error that the front door throws. */
import { oneLine } from './text.js';

/**
 * wrong-setting: a field of the options · wrong-task · unreadable: bytes that are no model · file: it cannot be read or written · wrong-shape,
 * wrong-number: sequences, slots, weightings · no-task: weights alone do not say what they are for · busy: it
 * trains already · diverged: training came to nothing · no-backend · disposed · failed: anything else.
 */
export type NtmErrorCode = 'wrong-setting' | 'wrong-task' | 'unreadable' | 'file' | 'wrong-shape' | 'wrong-number' | 'no-task' | 'busy' | 'diverged' | 'no-backend' | 'disposed' | 'failed';

/** `message` is one line: which field, sequence or tensor it is about, and what to do. */
export class NtmError extends Error {
  override readonly name = 'NtmError';
  constructor(
    readonly code: NtmErrorCode,
    message: string,
  ) {
    super(oneLine(message));
  }
}

export const fail = (code: NtmErrorCode, message: string): never => {
  throw new NtmError(code, message);
};

/** The words of an error of unknown origin. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Settings as the library calls them, where a message calls them as the command line does: `--batch`, `--learning-rate`. */
export const inFields = (message: string): string => message.replace(/--([a-z]+(?:-[a-z]+)*)/g, (_, name: string) => name.replace(/-([a-z])/g, (__, letter: string) => letter.toUpperCase()));
