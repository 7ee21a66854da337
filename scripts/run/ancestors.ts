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
const isNpm = (words: readonly string[]): boolean => /^np[mx]\b/.test(words[0] ?? '') || words.slice(1).some((word) => /[/\\](npm|npx)(-cli)?(\.[cm]?js)?$/.test(word));

const isWrapper = (words: readonly string[]): boolean => /^np[mx]\b/.test(words[0] ?? '') || (/\bnode$/.test(words[0] ?? '') && words.slice(1).some((word) => /[/\\](tsx|npm|npx)([/\\]|(-cli)?(\.[cm]?js)?$)/.test(word)));

/** The shell that a wrapper starts its command in. */
const isCommandShell = (words: readonly string[]): boolean => /sh$/.test(words[0] ?? '') && words[1] === '-c';

/** Whether tsx started this process, or npm did start tsx: then they are among its ancestors, unless they are gone. */
const startedByTsx = (): boolean => process.execArgv.some((argument) => /tsx[/\\]dist[/\\]preflight/.test(argument));
const startedByNpm = (): boolean => startedByTsx() && /^['"]?tsx\b/.test(process.env.npm_lifecycle_script ?? '');

interface Wrappers {
  /** From this process up to the outermost wrapper. */
  readonly chain: readonly Process[];
  /** Whether one of them has ended before it could be looked at. */
  readonly broken: boolean;
}

const findWrappers = (): Wrappers => {
  const found: Process[] = [];
  let wrapped = 0;
  let npm = false;
  for (let pid = process.pid; ; ) {
    const parent = parentOf(pid);
    if (parent === null || parent < 1) break;
    found.push({ pid, parent });
    const words = wordsOf(parent);
    npm ||= isNpm(words);
    if (isWrapper(words)) wrapped = found.length;
    else if (!isCommandShell(words)) break;
    pid = parent;
  }
  const told = found.length > 0;
  return { chain: found.slice(0, wrapped), broken: told && ((startedByTsx() && wrapped === 0) || (startedByNpm() && !npm)) };
};

const LOOK_MILLISECONDS = 200;

/** Calls `gone` once when one of the wrappers, or where the system does not tell them the parent, has ended. */
export const watchAncestors = (gone: () => void): void => {
  const { chain, broken } = findWrappers();
  if (broken) return gone();
  const parent = process.ppid;
  // Whoever outlives its parent gets another one.
  const whole = (): boolean => chain.every((each) => (each.pid === process.pid ? process.ppid : parentOf(each.pid)) === each.parent) && (process.platform === 'linux' || process.ppid === parent);
  const timer = setInterval(() => {
    if (whole()) return;
    clearInterval(timer);
    gone();
  }, LOOK_MILLISECONDS);
  timer.unref();
};
