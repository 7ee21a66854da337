/** Training behind the front door: the commands' own trainer, which others may look at between two iterations. */
import * as E from 'fp-ts/lib/Either.js';
import { evaluatorBatch, openEvaluator } from '../evaluation/machines.js';
import { type Backend, openMachine } from '../gpu/backends.js';
import { recordTraining } from '../model/ntm.js';
import type { ParameterValues } from '../model/state-dict.js';
import type { Machine } from '../program/machine.js';
import { BLOCK, type Block, trackBlocks } from '../run/blocks.js';
import type { Checkpoint } from '../training/checkpoint.js';
import { type Configuration, longestRun, shapeOf } from '../training/configuration.js';
import { type Arrays, type Learner, learnerOf } from '../training/learner.js';
import { evaluatePending, isDone, type Judged, type Report, train, type Trainer, type TrainingState } from '../training/trainer.js';
import { boundaries } from './boundary.js';
import { milliseconds } from './clock.js';
import { fail, inFields, wordsOf } from './errors.js';
import { opened } from './opened.js';
import { wholeOf } from './sequences.js';
import { show } from './text.js';
import type { Progress, Threads, Trained, TrainingReport, TrainOptions, Until } from './train-options.js';
import { nextTurn } from './turn.js';

/** Milliseconds after which others have their turn. */
const TURN_MILLISECONDS = 10;

const WITHOUT_END = Number.MAX_SAFE_INTEGER;

/** A run that can be trained, wherever it is. */
export interface Training {
  readonly progress: () => Progress;
  readonly train: (options: TrainOptions) => Promise<Trained>;
  /** The model as it is between two iterations. */
  readonly averages: () => Promise<ParameterValues>;
  /** All that it takes to go on exactly, as it is between two iterations. */
  readonly checkpoint: () => Promise<Checkpoint>;
  readonly dispose: () => Promise<void>;
}

const progressOf = ({ step, sequences, solvedAt }: TrainingState): Progress => ({ iterations: step, sequences, solved: solvedAt !== null });

const reportOf = (block: Block, { state, heldOut, longest }: Judged): TrainingReport => {
  const { loss, wrongBits, gradientNorm, learningRate, seconds } = block;
  return { ...progressOf(state), loss, wrongBits, gradientNorm, learningRate, seconds, heldOut, longest };
};

/** Whether a run has seen what `until` asks for. */
const reachedOf = (until: Until): ((state: TrainingState) => boolean) => {
  if (until === 'solved') return () => false;
  if (typeof until === 'object' && until !== null && 'iterations' in until) {
    const most = wholeOf('until.iterations', until.iterations, 0);
    return ({ step }) => step >= most;
  }
  if (typeof until === 'object' && until !== null && 'sequences' in until) {
    const most = wholeOf('until.sequences', until.sequences, 0);
    return ({ sequences }) => sequences >= most;
  }
  return fail('wrong-setting', `until wants 'solved', { iterations } or { sequences }, got ${show(until)}`);
};

const openLearner = async (run: Checkpoint, backend: Backend, threads: Threads | null): Promise<Learner> => {
  const { configuration: c } = run;
  const sizes = { batch: c.batch, capacity: longestRun(run) };
  const count = threadsOf(c, backend, threads);
  if (threads === null || count === 1) return learnerOf(await opened(openMachine(backend, recordTraining(shapeOf(run), c.optimizer), sizes)), shapeOf(run), c.optimizer);
  return threads.open({ shape: shapeOf(run), optimiser: c.optimizer, ...sizes, threads: count }).catch((error: unknown) => fail('failed', `threads did not start: ${wordsOf(error)}; leave them out`));
};

/** As many as there are sequences in a batch, at most, and only webasm's. */
export const threadsOf = ({ batch }: Pick<Configuration, 'batch'>, backend: Backend, threads: Threads | null): number => (backend === 'webasm' && threads ? Math.min(batch, threads.count) : 1);

const isFinite = (arrays: Arrays): boolean => Object.values(arrays).every((values) => values.every(Number.isFinite));

export const openTraining = (start: Checkpoint, backend: Backend, threads: Threads | null): Training => {
  const { configuration: c, task } = start;
  const boundary = boundaries();
  let { state } = start;
  let machines: { readonly learner: Learner; readonly evaluator: Machine } | null = null;
  let training: Promise<unknown> | null = null;
  let closing = false;

  const open = async (): Promise<NonNullable<typeof machines>> => {
    if (machines) return machines;
    const [batch, steps] = evaluatorBatch(start);
    const evaluator = await opened(openEvaluator(shapeOf(start), backend, { steps, batch, before: async () => undefined }));
    try {
      const learner = await openLearner(start, backend, threads);
      await learner.restore(start.arrays);
      machines = { learner, evaluator };
      return machines;
    } catch (error) {
      await evaluator.dispose();
      throw error;
    }
  };

  const live = async ({ until = 'solved', onProgress, every = BLOCK, signal }: TrainOptions): Promise<Trained> => {
    const reached = reachedOf(until);
    const begunAt = milliseconds();
    const tracker = trackBlocks(() => (milliseconds() - begunAt) / 1000, wholeOf('every', every, 1));
    const isStopped = (): boolean => closing || signal?.aborted === true;
    const { learner, evaluator } = await open();
    const bounds = until === 'solved' ? { untilSolved: true } : { untilSolved: false, iterations: WITHOUT_END };
    let turned = milliseconds();
    const turn = async (): Promise<void> => {
      if (milliseconds() - turned < TURN_MILLISECONDS) return;
      await nextTurn();
      turned = milliseconds();
    };
    const pause = async () => {
      await turn();
      return isStopped() ? 'stop' : 'continue';
    };
    const trainer: Trainer = { configuration: { ...c, ...bounds }, task, learner, evaluator, pause };
    const tell = async (block: Block | null, judged: Judged): Promise<void> => void (block && (await onProgress?.(reportOf(block, judged))));
    const ended = (): Trained['ended'] | null => {
      if (isStopped()) return 'stopped';
      if (reached(state)) return 'reached';
      if (!isDone(trainer, state)) return null;
      return state.solvedAt !== null && state.step < trainer.configuration.iterations ? 'reached' : 'most iterations';
    };
    const observe = async (report: Report): Promise<'continue' | 'stop'> => {
      ({ state } = report);
      boundary.open();
      const block = tracker.add(report) ?? (report.heldOut !== null || report.longest !== null ? tracker.rest() : null);
      await tell(block, report);
      await turn();
      await boundary.close();
      return ended() === null ? 'continue' : 'stop';
    };
    await nextTurn();
    if (!isStopped()) {
      await boundary.close();
      // An evaluation that an earlier call left.
      const begun = await evaluatePending(trainer, state)();
      if (E.isLeft(begun)) return fail('failed', inFields(begun.left.message));
      state = begun.right.state;
      if (ended() === null) {
        const result = await train(trainer, state, observe)();
        if (E.isLeft(result)) return fail(result.left._tag === 'Diverged' ? 'diverged' : 'failed', inFields(result.left.message));
      }
    }
    boundary.open();
    await tell(tracker.rest(), { state, heldOut: null, longest: null });
    return { ...progressOf(state), ended: ended() ?? 'stopped' };
  };

  return {
    progress: () => progressOf(state),
    train: async (options) => {
      if (training) return fail('busy', 'it trains already: await that, or stop it by its signal');
      const done = live(options);
      training = done;
      try {
        return await done;
      } finally {
        boundary.open();
        training = null;
      }
    },
    averages: () => boundary.look(async () => (machines ? machines.learner.averages() : start.arrays.averages!)),
    checkpoint: () =>
      boundary.look(async () => {
        const at = state;
        const arrays = machines ? await machines.learner.snapshot() : start.arrays;
        if (!isFinite(arrays)) return fail('diverged', `the weights at iteration ${at.step} are not finite: lower learningRate (now ${c.learningRate}), and begin from what was saved before`);
        const ranOn = machines ? { threads: threadsOf(c, backend, threads), backend } : start.ranOn;
        return { ...start, state: at, arrays, ...(ranOn && { ranOn }) };
      }),
    dispose: async () => {
      closing = true;
      await Promise.allSettled([training]);
      await machines?.learner.dispose();
      await machines?.evaluator.dispose();
      machines = null;
    },
  };
};
