/** The ways to an {@link Ntm}: settings, or bytes. */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type Backend, probe } from '../gpu/backends.js';
import { decodeTensors } from '../io/tensors.js';
import type { Safetensors } from '../io/safetensors.js';
import type { Model } from '../model/inspect.js';
import { type Definition, fitTo, type Task } from '../tasks/definition.js';
import { taskNamed } from '../tasks/index.js';
import { decodeCheckpoint, decodeModel, fileConfiguration, taskNameIn } from '../training/checkpoint.js';
import { type Configuration, type Configured, configure } from '../training/configuration.js';
import { architectureOf, freshRun, runFrom } from '../training/start.js';
import { pickBackend } from './backend.js';
import { fail, inFields } from './errors.js';
import { type Ntm, ntmOf, originOf } from './ntm.js';
import { opened } from './opened.js';
import { givenTask } from './tasks.js';
import { show } from './text.js';
import type { Threads } from './train-options.js';

/** What a run is defined by, beside its task; what is left out is as the preset has it for the task (`ntm train TASK --help`). */
export type Settings = { readonly [K in keyof Omit<Configuration, 'task' | 'options' | 'workers'>]?: Configuration[K] | undefined };

/** A task, settings of the run, and what to begin with. */
export interface NtmOptions extends Settings {
  /** `tasks.copy()`, or one's own (`defineTask`, or its definition). */
  readonly task: Task | Definition;
  /** Begin at these weights (any file that {@link loadNtm} reads), whose sizes the model then has. */
  readonly weights?: Uint8Array | ArrayBuffer | undefined;
  /** Threads of Node that share a batch: `threads()` of `ntm-gpu/node`; else there is one. */
  readonly threads?: Threads | undefined;
}

/** What a file may not say, or what is to be other than it says. */
export interface LoadOptions {
  /** What the weights are for, where their file does not say or it is one's own. */
  readonly task?: Task | Definition | undefined;
  /** More memory slots than they were trained with: the model then begins a new run if it is trained. */
  readonly slots?: number | undefined;
  /** Whether the write head addresses from the read head's weighting, where a file of weights alone does not say so: the seed's want it. */
  readonly legacyWriteAddressing?: boolean | undefined;
  readonly backend?: Configuration['backend'] | undefined;
  readonly threads?: Threads | undefined;
}

/** webasm where there is WebAssembly, unless another is asked for; `auto` measures what there is. */
const backendFor = async (run: Configured | null, wanted: Configuration['backend'] | undefined): Promise<Backend> => {
  if (wanted === undefined || (run === null && wanted === 'auto')) return E.isRight(await probe('webasm')()) ? 'webasm' : 'cpu';
  if (run === null) return (await opened(probe(wanted as Backend))).backend;
  return (await opened(pickBackend({ ...run, configuration: { ...run.configuration, backend: wanted } }))).backend;
};

const settled = (task: Task, settings: Readonly<Record<string, unknown>>): Configured => {
  const run = configure(task, settings);
  return E.isRight(run) ? run.right : fail('wrong-setting', inFields(run.left.message));
};

const workersOf = (threads: Threads | undefined): number => threads?.count ?? 1;

const readable = <A>(found: E.Either<string, A>): A => (E.isRight(found) ? found.right : fail('unreadable', inFields(found.left)));

const fileOf = (bytes: unknown): Safetensors => {
  if (bytes instanceof ArrayBuffer) return readable(decodeTensors(new Uint8Array(bytes)));
  return bytes instanceof Uint8Array ? readable(decodeTensors(bytes)) : fail('unreadable', `a model wants the bytes of its file, got ${show(bytes)}`);
};

const fitting = (task: Task, { shape }: Model): Task => {
  const found = fitTo(task, shape.inputs, shape.outputs);
  return E.isRight(found) ? found.right : fail('wrong-task', found.left);
};

/** The run of a model with settings beside its sizes, which they must not contradict. */
const runOfModel = (given: Task, model: Model, settings: Readonly<Record<string, unknown>>): Configured => {
  const architecture: Readonly<Record<string, unknown>> = architectureOf(model.shape);
  const other = Object.keys(architecture).find((key) => settings[key] !== undefined && settings[key] !== architecture[key]);
  if (other) return fail('wrong-setting', `${other} is ${show(architecture[other])} in these weights, and ${show(settings[other])} is asked for: leave it out`);
  return settled(fitting(given, model), { ...settings, ...architecture });
};

/**
 * A new model, with weights drawn from its seed.
 *
 *     const ntm = await createNtm({ task: tasks.copy(), seed: 1 });
 *
 * Throws `wrong-setting`, `wrong-task`, `unreadable` (weights) or `no-backend`.
 */
export const createNtm = async (options: NtmOptions): Promise<Ntm> => {
  if (typeof options !== 'object' || options === null || !('task' in options)) return fail('wrong-setting', 'task is missing: createNtm({ task: tasks.copy() })');
  const { task: given, weights, threads, ...rest } = options;
  const task = givenTask(given);
  const settings: Readonly<Record<string, unknown>> = { ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)), workers: workersOf(threads) };
  if (weights === undefined) {
    const run = settled(task, settings);
    return ntmOf(originOf(freshRun(run)), await backendFor(run, options.backend), threads ?? null);
  }
  const model = readable(decodeModel(fileOf(weights), options.legacyWriteAddressing));
  const run = runOfModel(task, model, settings);
  return ntmOf(originOf(runFrom(run, model.parameters)), await backendFor(run, options.backend), threads ?? null);
};

/** The task that a file is for: the one given, which must be it, or a built-in one that it names. */
const taskFor = (file: Safetensors, given: LoadOptions['task']): Task | null => {
  const name = taskNameIn(file);
  if (given !== undefined) {
    const task = givenTask(given);
    return name === null || name === task.name ? task : fail('wrong-task', `these weights were trained on the ${name} task, not on ${task.name}`);
  }
  if (name === null) return null;
  const found = taskNamed(name);
  return E.isRight(found) ? found.right : fail('no-task', `these weights were trained on a task of its own, ${show(name)}: give it, loadNtm(bytes, { task })`);
};

/** The run that a file of weights alone would begin, or null without a task. */
const runOfWeights = (file: Safetensors, model: Model, task: Task | null): Configured | null => {
  if (task === null) return null;
  const stored = readable(fileConfiguration(file, task));
  return runOfModel(stored?.task ?? task, model, { ...stored?.configuration, ...architectureOf(model.shape) });
};

/**
 * A model from bytes: a checkpoint of ours, with which training goes on exactly; weights of ours or of
 * PyTorch's in safetensors or `.pt`; the seed project's.
 *
 *     const ntm = await loadNtm(await (await fetch('copy.safetensors')).bytes());
 *
 * Throws `unreadable` (what is wrong, with the tensor's name), `wrong-task`, `no-task` or `no-backend`.
 */
export const loadNtm = async (bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): Promise<Ntm> => {
  const { threads, backend: wanted, slots } = options;
  const file = fileOf(bytes);
  const task = taskFor(file, options.task);
  const own = <R extends Configured>(run: R): R => ({ ...run, configuration: { ...run.configuration, workers: workersOf(threads), ...(wanted !== undefined && { backend: wanted }) } });
  const open = async (): Promise<Ntm> => {
    if (file.metadata.state !== undefined && task !== null) {
      const run = own(readable(decodeCheckpoint(file, task)));
      return ntmOf(originOf(run), await backendFor(run, wanted), threads ?? null);
    }
    const model = readable(decodeModel(file, options.legacyWriteAddressing));
    const run = pipe(runOfWeights(file, model, task), (found) => found && own(found));
    return ntmOf({ model, run: run && runFrom(run, model.parameters) }, await backendFor(run, wanted), threads ?? null);
  };
  const ntm = await open();
  if (slots === undefined) return ntm;
  try {
    return await ntm.withSlots(slots);
  } finally {
    await ntm.dispose();
  }
};
