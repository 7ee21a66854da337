/** The task that a command is given: a name, a module that exports one, or a file of recorded sequences. */
import { basename, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { loadTensors, readBytes } from '../../src/io/files.js';
import { decodeUtf8 } from '../../src/io/json.js';
import { checkTask } from '../../src/tasks/check.js';
import type { Task } from '../../src/tasks/definition.js';
import { shortName, taskNamed } from '../../src/tasks/index.js';
import { recordedTask, type Recording } from '../../src/tasks/recorded.js';
import { parseJsonLines, readTensors } from '../../src/tasks/recordings.js';
import { taskNameIn, type TensorFile } from '../../src/training/checkpoint.js';
import { NTM } from './called.js';
import { type CliError, failure, usage } from './options.js';

export interface GivenTask {
  readonly task: Task;
  /** The name or the file that it was given by. */
  readonly source: string;
}

/** Which recorded sequences are held out, unless --split-seed says otherwise. */
const SPLIT_SEED = 1;

/** A task is called as its file is, in letters that names of files and folders may have. */
const nameOf = (path: string): string => basename(path, extname(path)).replace(/[^\w-]+/g, '-');

type Loader = (path: string) => TE.TaskEither<string, Task>;

const recorded = (recording: E.Either<string, Recording>): E.Either<string, Task> => pipe(recording, E.chain((sequences) => recordedTask(sequences, SPLIT_SEED)));

const ofJsonLines: Loader = (path) =>
  pipe(
    readBytes(path),
    TE.mapLeft(({ message }) => message),
    TE.chainEitherK((bytes) => pipe(decodeUtf8(bytes), E.mapLeft((fault) => `it is ${fault}`), E.chain((text) => recorded(parseJsonLines(nameOf(path), text))))),
  );

const ofTensors: Loader = (path) =>
  pipe(
    loadTensors(path),
    TE.mapLeft(({ message }) => message),
    TE.chainEitherK((file) => recorded(readTensors(nameOf(path), file))),
  );

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n').find((line) => line.trim() !== '') ?? 'it cannot be loaded';

/** Node strips types itself from 22.18 on, though not below node_modules. */
const UNREADABLE = ['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING'];

const lineOf = (error: unknown): string =>
  UNREADABLE.includes((error as NodeJS.ErrnoException | null)?.code ?? '') ? `Node ${process.version} does not read TypeScript there: use Node 22.18 or newer and a file outside node_modules, or write it as .mjs` : firstLine(error);

const ofModule: Loader = (path) =>
  pipe(
    readBytes(path),
    TE.mapLeft(({ message }) => message),
    TE.chain(() => TE.tryCatch(async () => (await import(pathToFileURL(resolve(path)).href)) as { readonly default?: unknown }, lineOf)),
    TE.chainEitherK((module) => ('default' in module ? checkTask(module.default) : E.left('it has no default export: export default { name, inputs, outputs, cells, sequence }'))),
  );

const LOADERS: ReadonlyArray<readonly [RegExp, Loader]> = [
  [/\.jsonl$/, ofJsonLines],
  [/\.safetensors$/, ofTensors],
  [/\.[cm]?[jt]s$/, ofModule],
];

const FORMS = 'one of your own is a module (.ts, .js, .mjs), or recorded sequences (.jsonl, .safetensors)';

/** The task of a name or a file; what is wrong is one line that names the file. */
export const loadTask = (source: string): TE.TaskEither<CliError, GivenTask> => {
  const loader = LOADERS.find(([ending]) => ending.test(source))?.[1];
  const named = (message: string): CliError => failure(message.startsWith(source) ? message : `${source}: ${message}`);
  return pipe(
    loader ? pipe(loader(source), TE.mapLeft(named)) : TE.fromEither(pipe(taskNamed(source), E.mapLeft((fault) => usage(`${fault}; ${FORMS}`)))),
    TE.map((task) => ({ task, source: loader ? source : task.name })),
  );
};

/** "the … task", of which something is, and not of the one given; and how to name it. */
export const otherTask = (name: string, command: 'train' | 'eval'): string => {
  const known = taskNamed(name);
  return `the ${name} task: use ${NTM} ${command} ${E.isRight(known) ? shortName(known.right) : 'FILE, the file of that task'}`;
};

/** What is wrong where a file of weights says that it was trained on another task; null where it does not. */
export const taskFault = (path: string, file: TensorFile, { task }: GivenTask, command: 'train' | 'eval'): string | null => {
  const name = taskNameIn(file);
  return name === null || name === task.name ? null : `${path} was trained on ${otherTask(name, command)}`;
};

/** How the commands call a task's training, or its evaluation. */
export const commandOf = ({ task, source }: GivenTask, command: 'train' | 'eval' = 'train'): string =>
  `${NTM} ${command} ${source === task.name ? shortName(task) : source}`;
