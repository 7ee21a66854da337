/// <reference lib="esnext.disposable" preserve="true" />
/** The front door's object: a model, and the run that trains it. */
import * as E from 'fp-ts/lib/Either.js';
import { type CellResult, evaluateCell } from '../evaluation/evaluate.js';
import { EVALUATION_SEED, openEvaluator } from '../evaluation/machines.js';
import type { Backend } from '../gpu/backends.js';
import { encodeSafetensors } from '../io/safetensors.js';
import type { Model } from '../model/inspect.js';
import { hasMemory } from '../model/parts.js';
import type { ModelShape } from '../model/shapes.js';
import { withSlots } from '../model/slots.js';
import { seededRng } from '../random.js';
import { type Cell, cellsOf, longest } from '../tasks/cells.js';
import type { Task } from '../tasks/definition.js';
import { type Checkpoint, encodeCheckpoint, encodeModel } from '../training/checkpoint.js';
import { type Configuration, shapeOf } from '../training/configuration.js';
import { runFrom } from '../training/start.js';
import { fail, NtmError, wordsOf } from './errors.js';
import { type Head, headsOf } from './heads.js';
import { opened } from './opened.js';
import { type Answered, openRunner, type RunOptions } from './run.js';
import { type BatchInput, type SequenceInput, sequencesOf, wholeOf } from './sequences.js';
import { openSteps } from './stepping.js';
import type { Steps } from './steps.js';
import { show } from './text.js';
import { openTraining } from './training.js';
import type { Progress, Threads, Trained, TrainOptions } from './train-options.js';
import { nextTurn } from './turn.js';

/** Sizes of a task, each one value or a list: every value with every one of the others. */
export type Sizes = Readonly<Record<string, number | readonly number[]>>;

/** Which held-out sequences `evaluate` scores, and who hears of it. */
export interface EvaluateOptions {
  /** What to evaluate, `{ length: [20, 100] }`; a size that is left out is the longest trained on. Left out whole: what the task reports. */
  readonly cells?: Sizes | readonly Cell[];
  /** Sequences of each cell (100). */
  readonly sequences?: number;
  /** Of the sequences; the same as the commands'. */
  readonly seed?: number;
  /** Called with each cell's result as soon as it is known. */
  readonly onCell?: (result: CellResult) => unknown;
  /** Leaves the evaluation, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What of a model `save` puts into bytes. */
export interface SaveOptions {
  /** `weights`: without what training needs to go on, a fifth of the size. */
  readonly only?: 'weights';
}

/**
 * A Neural Turing Machine. Every method that fails rejects with an {@link NtmError}. What is asked of it while
 * it trains is answered between two iterations, of the model as it is there.
 */
export interface Ntm {
  /** Sizes of the model, in the paper's symbols (docs). */
  readonly shape: ModelShape;
  /** Null for weights whose file does not say what they were trained on. */
  readonly task: Task | null;
  /** Every setting in force; null where there is no task. */
  readonly settings: Configuration | null;
  readonly backend: Backend;
  /** The reading ones first; none without memory. */
  readonly heads: readonly Head[];
  readonly progress: Progress;
  /** Trains, exactly as `ntm train` does with the same settings and threads. */
  readonly train: (options?: TrainOptions) => Promise<Trained>;
  /** Scores held-out sequences cell by cell, never averaged over cells. */
  readonly evaluate: (options?: EvaluateOptions) => Promise<readonly CellResult[]>;
  /** Applies the model to one sequence [T][I], or to several [B][T][I], which may differ in length. */
  readonly run: {
    (sequence: SequenceInput, options?: RunOptions): Promise<Answered>;
    (sequences: BatchInput, options?: RunOptions): Promise<readonly Answered[]>;
  };
  /** Begins to run one sequence a step at a time, with everything at hand and open to change. */
  readonly steps: (sequence: SequenceInput, options?: Pick<RunOptions, 'answers'>) => Promise<Steps>;
  /** A checkpoint as the commands write it (safetensors): `loadNtm`, or `ntm train --resume`, goes on from it exactly. */
  readonly save: (options?: SaveOptions) => Promise<Uint8Array>;
  /** The same weights with more memory slots, as a model of its own, which begins a new run if it is trained. */
  readonly withSlots: (slots: number) => Promise<Ntm>;
  /** Ends training between two iterations and gives back what it holds; twice is no fault. */
  readonly dispose: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** A model, and the run that it is in, if it is in one. */
export interface Origin {
  readonly model: Model;
  readonly run: Checkpoint | null;
}

const NO_TASK = 'these weights do not say what they were trained on: give their task, loadNtm(bytes, { task })';

/** The cells asked for. */
const cellsAsked = (task: Task, cells: EvaluateOptions['cells']): readonly Cell[] => {
  if (cells === undefined) return task.shown.reported;
  if (typeof cells !== 'object' || cells === null) return fail('wrong-number', `cells wants sizes such as { length: [20, 100] }, got ${show(cells)}`);
  const asked: readonly Sizes[] = Array.isArray(cells) ? (cells as readonly Cell[]) : [cells as Sizes];
  return asked.flatMap((sizes) => {
    const lists = Object.fromEntries(Object.entries(sizes).map(([size, values]) => [size, typeof values === 'number' ? [values] : values]));
    const found = cellsOf(longest(task.distribution), task.least, lists);
    return E.isRight(found) ? found.right : fail('wrong-number', found.left);
  });
};

/** What an action rejects with is an NtmError, or the reason of the caller's signal. */
const guarded = async <A>(action: () => Promise<A>, signal?: AbortSignal): Promise<A> => {
  try {
    return await action();
  } catch (error) {
    if (error instanceof NtmError || (signal?.aborted && error === signal.reason)) throw error;
    throw new NtmError('failed', wordsOf(error));
  }
};

export const ntmOf = ({ model, run }: Origin, backend: Backend, threads: Threads | null): Ntm => {
  const { shape } = model;
  const training = run && openTraining(run, backend, threads);
  const runner = openRunner(backend);
  const sessions = new Set<Steps>();
  let queue: Promise<unknown> = Promise.resolve();
  let disposed = false;

  const alive = (): void => void (disposed && fail('disposed', 'this model was disposed of'));
  const trained = () => training ?? fail('no-task', NO_TASK);
  const present = async (): Promise<Model> => (training ? { shape, parameters: await training.averages() } : model);
  /** One after the other. */
  const queued = <A>(action: () => Promise<A>): Promise<A> => {
    const result = queue.then(action);
    queue = result.catch(() => undefined);
    return result;
  };
  const answersOf = ({ answers = 0 }: Pick<RunOptions, 'answers'>): number => wholeOf('answers', answers, 0);

  const runSequences = (given: SequenceInput | BatchInput, options: RunOptions = {}): Promise<Answered | readonly Answered[]> =>
    guarded(async () => {
      alive();
      const { single, sequences } = sequencesOf(given, shape.inputs);
      const answers = answersOf(options);
      const at = await present();
      const results = await queued(() => {
        alive();
        return runner.run(at, sequences, { answers, everyStep: options.everyStep ?? answers === 0 });
      });
      return single ? results[0]! : results;
    });

  const evaluate = ({ cells, sequences = 100, seed = EVALUATION_SEED, onCell, signal }: EvaluateOptions): Promise<readonly CellResult[]> =>
    guarded(async () => {
      alive();
      const task = run?.task ?? fail('no-task', NO_TASK);
      const asked = cellsAsked(task, cells);
      const [count, rng] = [wholeOf('sequences', sequences, 1), seededRng(wholeOf('seed', seed, 0, 2 ** 32 - 1))];
      const { parameters } = await present();
      const before = async (): Promise<void> => {
        await nextTurn();
        alive();
        signal?.throwIfAborted();
      };
      const results: CellResult[] = [];
      for (const cell of asked) {
        const machine = await opened(openEvaluator(shape, backend, { steps: task.steps(cell) + task.more, before }));
        try {
          await machine.set('parameters', parameters);
          results.push(await evaluateCell(machine, task, cell, count, rng));
        } finally {
          await machine.dispose();
        }
        await onCell?.(results.at(-1)!);
      }
      return results;
    }, signal);

  const steps = (given: SequenceInput, options: Pick<RunOptions, 'answers'>): Promise<Steps> =>
    guarded(async () => {
      alive();
      const { single, sequences: [sequence] } = sequencesOf(given, shape.inputs);
      if (!single) return fail('wrong-shape', 'steps wants one sequence, got a batch');
      const x = new Float32Array((sequence!.steps + answersOf(options)) * shape.inputs);
      x.set(sequence!.data);
      const session: Steps = await openSteps(backend, await present(), x, alive, () => void sessions.delete(session));
      sessions.add(session);
      return session;
    });

  const save = ({ only }: SaveOptions): Promise<Uint8Array> =>
    guarded(async () => {
      alive();
      if (only !== undefined && only !== 'weights') return fail('wrong-setting', `only wants 'weights', got ${show(only)}`);
      if (only === undefined && training) return encodeSafetensors(encodeCheckpoint(await training.checkpoint()));
      return encodeSafetensors(encodeModel(await present(), run ? { task: run.task.name, configuration: JSON.stringify(run.configuration) } : {}));
    });

  const enlarged = (slots: number): Promise<Ntm> =>
    guarded(async () => {
      alive();
      const larger = withSlots(await present(), wholeOf('slots', slots, 1));
      if (E.isLeft(larger)) return fail('wrong-setting', `slots ${slots}: ${larger.left}`);
      return ntmOf({ model: larger.right, run: run && runFrom({ task: run.task, configuration: { ...run.configuration, slots } }, larger.right.parameters) }, backend, threads);
    });

  const dispose = async (): Promise<void> => {
    if (disposed) return;
    disposed = true;
    await training?.dispose();
    await queue;
    await runner.release();
    for (const session of sessions) await session.dispose();
  };

  return {
    shape,
    task: run?.task ?? null,
    settings: run?.configuration ?? null,
    backend,
    heads: hasMemory(shape) ? headsOf(shape) : [],
    get progress() {
      return training?.progress() ?? { iterations: 0, sequences: 0, solved: false };
    },
    train: async (options = {}) => {
      alive();
      return trained().train(options);
    },
    evaluate: (options = {}) => evaluate(options),
    run: runSequences as Ntm['run'],
    steps: (sequence, options = {}) => steps(sequence, options),
    save: (options = {}) => save(options),
    withSlots: enlarged,
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
};

/** A run as a model that can be trained. */
export const originOf = (run: Checkpoint): Origin => ({ model: { shape: shapeOf(run), parameters: run.arrays.averages! }, run });
