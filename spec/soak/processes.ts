/** Commands started as users start them, with every process that belongs to them in sight. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export const ROUTES = ['node', 'tsx', 'npx', 'terminal'] as const;
/** Through node, tsx or npx alone, or through npx in a pseudo-terminal whose leader is a shell. */
export type Route = (typeof ROUTES)[number];

const SCRIPT_COMMAND = '/usr/bin/script';

/** Where util-linux's `script` gives a pseudo-terminal. */
export const hasTerminal = existsSync(SCRIPT_COMMAND) && process.platform === 'linux';

const TSX = resolve('node_modules/.bin/tsx');
const LOADER = import.meta.resolve('tsx');

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const argvOf = (route: Route, words: readonly string[]): readonly string[] => {
  switch (route) {
    case 'node':
      return [process.execPath, '--import', LOADER, ...words];
    case 'tsx':
      return [TSX, ...words];
    case 'npx':
      return ['npx', '--no-install', '--prefix', resolve('.'), 'tsx', ...words];
    case 'terminal':
      // With job control, the shell gives the command a process group of its own in the foreground.
      return [SCRIPT_COMMAND, '-qfec', `exec sh -c ${quote(`set -m; npx --no-install --prefix ${quote(resolve('.'))} tsx ${words.map(quote).join(' ')}; echo "code $?"`)}`, '/dev/null'];
  }
};

/** The variable by which a command's processes are known: all inherit it, while npm rewrites its command line for a time. */
const MARK = 'NTM_SOAK';

/** Processes of the command started with a mark, with their number and words. */
export const processesWith = (mark: string): ReadonlyArray<{ readonly pid: number; readonly words: string }> =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(`${MARK}=${mark}`)) return [];
      return [{ pid: Number(name), words: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }];
    } catch {
      return [];
    }
  });

export interface Started {
  readonly output: () => string;
  /** Resolves when the output holds the text or has ended; says which. */
  readonly says: (text: string) => Promise<boolean>;
  /** What a key sends, in a terminal. */
  readonly type: (keys: string) => void;
  /** The processes of the chain that are alive: wrappers, the command's own, the trainer. */
  readonly chain: () => ReadonlyArray<{ readonly pid: number; readonly words: string }>;
  readonly ended: Promise<number | null>;
}

/** Starts a script in a folder; `mark` tells its processes from all others. */
export const startCommand = (route: Route, script: string, options: readonly string[], cwd: string, mark: string): Started => {
  const [program, ...args] = argvOf(route, [resolve('scripts', script), ...options]);
  const child = spawn(program!, args, { cwd, env: { ...process.env, [MARK]: mark, NO_COLOR: '1', npm_config_update_notifier: 'false', npm_config_loglevel: 'silent' }, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let output = '';
  const listeners = new Set<() => void>();
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    listeners.forEach((listener) => listener());
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number | null>((done) => void child.on('close', (code) => done(code)));
  let over = false;
  void ended.then(() => {
    over = true;
    listeners.forEach((listener) => listener());
  });
  return {
    output: () => output,
    says: (text) =>
      new Promise((done) => {
        const look = (): void => {
          const found = output.includes(text);
          if (!found && !over) return;
          listeners.delete(look);
          done(found);
        };
        listeners.add(look);
        look();
      }),
    type: (keys) => void child.stdin.write(keys),
    chain: () => processesWith(mark),
    ended,
  };
};

/** Waits until no process with the mark is left; false where one still is after so many seconds. */
export const allGone = async (mark: string, seconds: number): Promise<boolean> => {
  // Seen twice, for one that is just being started may hide from a single look.
  for (let i = 0, absent = 0; i < seconds * 20; i++) {
    absent = processesWith(mark).length === 0 ? absent + 1 : 0;
    if (absent === 3) return true;
    await wait(50);
  }
  return false;
};

/** The folder of a run, its model and its logs. */
export const pathsIn = (folder: string): { readonly model: string; readonly out: string } => ({ model: join(folder, 'm.safetensors'), out: join(folder, 'run') });
