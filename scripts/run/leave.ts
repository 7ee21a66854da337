/** Ends the process, also where its terminal is gone: Node, which would put the terminal's settings back, crashes there. */
import { isatty } from 'node:tty';

/** The terminals among input, output and errors when the process began. */
const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));

/** Ends the process at once; what was to be done at its exit is done. */
export const leave = (code: number | string | null | undefined = process.exitCode): never => {
  if (terminals.some((descriptor) => !isatty(descriptor))) {
    process.emit('exit', Number(code ?? 0));
    process.kill(process.pid, 'SIGKILL');
  }
  return process.exit(code ?? undefined);
};
