/** What a command says: words for people, lines of JSON for programs. */
import pc from 'picocolors';
import { oneLine } from '../../src/ntm/text.js';

export interface Console {
  /** A line for people. */
  readonly say: (line: string) => void;
  /** A line for people that stands out. */
  readonly title: (line: string) => void;
  /** Lines as they are, written by ourselves. */
  readonly text: (lines: string) => void;
  /** A line that the next one may replace on a terminal. */
  readonly progress: (line: string) => void;
  /** One object for programs, with --json. */
  readonly data: (object: Readonly<Record<string, unknown>>) => void;
  /** Why nothing more can be said, once that is so: nobody reads, or the disk is full. */
  readonly fault: () => string | null;
}

export const openConsole = (json: boolean): Console => {
  const stream = json ? process.stderr : process.stdout;
  let open = false;
  let fault: string | null = null;
  for (const [name, each] of [['standard output', process.stdout], ['standard error', process.stderr]] as const) {
    each.on('error', (error: NodeJS.ErrnoException) => {
      if (each === process.stdout || json) fault ??= `${name} cannot be written: ${error.code === 'EPIPE' ? 'nobody reads it any more' : error.message}`;
    });
  }
  const write = (to: NodeJS.WriteStream, text: string): void => void (to.writable && to.write(text));
  const close = (): void => {
    if (open) write(stream, '\n');
    open = false;
  };
  const line = (text: string): void => {
    close();
    write(stream, `${text}\n`);
  };
  return {
    say: (text) => line(oneLine(text)),
    title: (text) => line(pc.bold(oneLine(text))),
    text: line,
    progress: (text) => {
      if (!stream.isTTY) return line(oneLine(text));
      write(stream, `\r\x1b[K${oneLine(text).slice(0, (stream.columns ?? 120) - 1)}`);
      open = true;
    },
    data: (object) => void (json && write(process.stdout, `${JSON.stringify(object)}\n`)),
    fault: () => fault,
  };
};
