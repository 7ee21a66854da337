/**
 * What stands at a model's path, and what stood there before. For m.safetensors: the file itself is the
 * last one; m.previous-1.safetensors, m.previous-2.safetensors … are what earlier runs (or others) left at
 * the path, of which the highest numbers are kept; m.best.safetensors is the one that did best in a
 * held-out evaluation, of all runs of the same task with the same options, whatever came after.
 */
import { copyFile, constants, link, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { IoError } from '../io/errors.js';
import { attempt, followLinks, loadTensors, saveTensors } from '../io/files.js';
import type { Safetensors } from '../io/safetensors.js';
import type { Task } from '../tasks/definition.js';
import { fileConfiguration, taskNameIn } from '../training/checkpoint.js';
import { isBetter, readScore } from './score.js';

/** Tells a file from another that came into its place. */
const identify = async (path: string): Promise<string | null> => {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found && `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}`;
};

const split = (path: string): readonly [stem: string, ending: string] => {
  const name = basename(path);
  const at = name.endsWith('.safetensors') ? name.length - '.safetensors'.length : name.length;
  return [name.slice(0, at), name.slice(at)];
};

export const bestOf = (path: string): string => join(dirname(path), split(path).join('.best'));

const previousOf = (path: string, n: number): string => join(dirname(path), split(path).join(`.previous-${n}`));

/** The numbers of the generations there are, ascending. */
const numbersOf = async (path: string): Promise<readonly number[]> => {
  const [stem, ending] = split(path);
  const from = `${stem}.previous-`;
  const numbers = (await readdir(dirname(path))).flatMap((name) => (name.startsWith(from) && name.endsWith(ending) ? [name.slice(from.length, name.length - ending.length)] : []));
  return numbers.filter((digits) => /^[1-9]\d{0,8}$/.test(digits)).map(Number).sort((a, b) => a - b);
};

/** Gives a file a second name, which nothing has yet. */
const keepAs = async (path: string, kept: string): Promise<void> => {
  try {
    await link(path, kept);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    await copyFile(path, kept, constants.COPYFILE_EXCL);
  }
};

export interface GenerationsOptions {
  readonly path: string;
  readonly task: Task;
  /** How many earlier generations are kept. */
  readonly keep: number;
  /** A file that is never removed: what the run started from. */
  readonly source: string | null;
  /** Whether the file that is there now is the run's own, to be gone on with. */
  readonly resumed: boolean;
  readonly say: (line: string) => void;
}

export interface Generations {
  /** Writes the last one; what else has come to its path becomes an earlier generation. */
  readonly save: (file: Safetensors) => TE.TaskEither<IoError, void>;
  /** Writes the best one, unless that of an earlier run was better. */
  readonly saveBest: (file: Safetensors) => TE.TaskEither<IoError, void>;
}

/** The task's options that a file's run had; null where that was of another task, or cannot be told. */
const optionsIn = (file: Safetensors, task: Task): string | null => {
  const found = taskNameIn(file) === task.name ? fileConfiguration(file, task) : E.right(null);
  return E.isRight(found) && found.right ? JSON.stringify(found.right.task.settings) : null;
};

/** Whether a file of an earlier run did at least as well in the same task; null where the two cannot be compared. */
const outdone = (file: Safetensors, earlier: Safetensors, task: Task): boolean | null => {
  const options = optionsIn(file, task);
  const [mine, other] = [readScore(file), readScore(earlier)];
  return options !== null && options === optionsIn(earlier, task) && mine && other ? !isBetter(mine, other) : null;
};

/** The generations of a model's path, whose folder is there. */
export const openGenerations = ({ path, task, keep, source, resumed, say }: GenerationsOptions): TE.TaskEither<IoError, Generations> =>
  attempt(path, async () => {
    const target = await followLinks(path);
    const best = bestOf(target);
    const own = new Map<string, string | null>([[target, resumed ? await identify(target) : null]]);
    const protectedFile = source === null ? null : await identify(source);

    const setAside = async (file: string): Promise<void> => {
      const numbers = await numbersOf(target);
      const kept = previousOf(target, (numbers.at(-1) ?? 0) + 1);
      if (keep > 0) {
        await keepAs(file, kept);
        say(`what was in ${file} is kept as ${kept}`);
      }
      const all = await numbersOf(target);
      for (const n of all.slice(0, Math.max(0, all.length - keep))) {
        const old = previousOf(target, n);
        if (protectedFile === null || (await identify(old)) !== protectedFile) await rm(old, { force: true });
      }
    };

    const write = (file: string, contents: Safetensors): TE.TaskEither<IoError, void> =>
      pipe(
        attempt(file, async () => {
          const found = await identify(file);
          if (found !== null && found !== own.get(file)) await setAside(file);
        }, 'what is there cannot be kept: '),
        TE.chain(() => saveTensors(file, contents)),
        TE.chain(() => TE.fromTask(async () => void own.set(file, await identify(file)))),
      );

    return {
      save: (file) => write(target, file),
      saveBest: (file) => async () => {
        const found = await identify(best);
        if (found !== null && found !== own.get(best)) {
          const earlier = await loadTensors(best)();
          if (E.isRight(earlier)) {
            const lost = outdone(file, earlier.right, task);
            if (lost === true) return E.right(undefined);
            // Better at the same: nothing is lost by replacing it, but what the run started from.
            if (lost === false && found !== protectedFile) own.set(best, found);
          }
        }
        return write(best, file)();
      },
    };
  });
