/** The wrappers a command was started through (npx, npm, tsx and their shells), to see when one of them is gone. */
import { readFileSync } from 'node:fs';

interface Process {
  readonly pid: number;
  readonly parent: number;
}

/** A process's parent, or null where the process is gone or the system does not tell. */
const parentOf = (pid: number): number | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
};

const wordsOf = (pid: number): readonly string[] => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  } catch {
    return [];
  }
};

/** npm and npx call themselves "npm exec tsx …"; tsx is node with its own script. */
const isWrapper = (words: readonly string[]): boolean => /^np[mx]\b/.test(words[0] ?? '') || (/\bnode$/.test(words[0] ?? '') && words.slice(1).some((word) => /[/\\](tsx|npm|npx)([/\\]|(-cli)?(\.[cm]?js)?$)/.test(word)));

/** The shell that a wrapper starts its command in. */
const isCommandShell = (words: readonly string[]): boolean => /sh$/.test(words[0] ?? '') && words[1] === '-c';

/** From this process up to the outermost wrapper. */
const chain = (): readonly Process[] => {
  const found: Process[] = [];
  let wrapped = 0;
  for (let pid = process.pid; ; ) {
    const parent = parentOf(pid);
    if (parent === null || parent <= 1) break;
    found.push({ pid, parent });
    const words = wordsOf(parent);
    if (isWrapper(words)) wrapped = found.length;
    else if (!isCommandShell(words)) break;
    pid = parent;
  }
  return found.slice(0, wrapped);
};

const LOOK_MILLISECONDS = 200;

/** Calls `gone` once when one of the wrappers, or where the system does not tell them the parent, has ended. */
export const watchAncestors = (gone: () => void): void => {
  const wrappers = chain();
  const parent = process.ppid;
  // Whoever outlives its parent gets another one.
  const whole = (): boolean => wrappers.every((each) => (each.pid === process.pid ? process.ppid : parentOf(each.pid)) === each.parent) && (process.platform === 'linux' || process.ppid === parent);
  const timer = setInterval(() => {
    if (whole()) return;
    clearInterval(timer);
    gone();
  }, LOOK_MILLISECONDS);
  timer.unref();
};
