/** What a command says: words for people, lines of JSON for programs. */
import pc from 'picocolors';

export interface Console {
  /** A line for people. */
  readonly say: (line: string) => void;
  /** A line that the next one may replace on a terminal. */
  readonly progress: (line: string) => void;
  /** One object for programs, with --json. */
  readonly data: (object: Readonly<Record<string, unknown>>) => void;
}

export const openConsole = (json: boolean): Console => {
  const stream = json ? process.stderr : process.stdout;
  let open = false;
  const close = (): void => {
    if (open) stream.write('\n');
    open = false;
  };
  return {
    say: (line) => {
      close();
      stream.write(`${line}\n`);
    },
    progress: (line) => {
      if (!stream.isTTY) {
        stream.write(`${line}\n`);
        return;
      }
      stream.write(`\r\x1b[K${line.slice(0, (stream.columns ?? 120) - 1)}`);
      open = true;
    },
    data: (object) => {
      if (json) process.stdout.write(`${JSON.stringify(object)}\n`);
    },
  };
};

export const heading = (text: string): string => pc.bold(text);
