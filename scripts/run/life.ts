/**
 * A run's life, and the order in which it is written down:
 *
 *   1. what can be refused is refused before anything is written; then the model's path and the logs are locked
 *   2. a block of iterations: its line of metrics, then its event, each flushed
 *   3. a save, every half minute: first the block begun, so that the logs reach the checkpoint's step; then
 *      what is at the path is kept, the checkpoint is written whole in its place, and the best one is
 *   4. the end, whatever it is: 3, once more; only then curve, evaluation, pictures
 *
 * Whatever asks it to stop is heard between two steps and between two batches of an evaluation. A log or an
 * output that cannot be written ends the run, after its last save.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Console } from '../command/console.js';
import { type CliError, failure } from '../command/options.js';
import { progressLine } from '../command/progress.js';
import { evaluatePending, FLAWLESS, isDone, type Judged, type Report, SOLVED, train, type Trainer, type TrainingState } from '../../src/training/trainer.js';
import type { Configured } from '../../src/training/configuration.js';
import { type Block, trackBlocks } from '../../src/run/blocks.js';
import type { Film } from '../../src/run/film.js';
import type { Interruption } from './interruption.js';
import { type Logs, recordOf } from '../../src/run/logs.js';
import type { Saver } from '../../src/run/saver.js';

const PROGRESS_MILLISECONDS = 1000;
/** After so long a run shows that it is there. */
const FIRST_PROGRESS_MILLISECONDS = 50;
const TURN_MILLISECONDS = 10;

export interface Run {
  readonly out: Console;
  readonly trainer: Trainer;
  readonly start: TrainingState;
  readonly logs: Logs;
  readonly saver: Saver;
  readonly interruption: Interruption;
  /** Seconds from one save to the next. */
  readonly saveEvery: number;
  /** What watches it, if anything does. */
  readonly film: Film | null;
}

export interface Ended {
  readonly state: TrainingState;
  readonly blocks: readonly Block[];
  readonly seconds: number;
  /** Where the weights are; null where there was nothing new to save. */
  readonly saved: string | null;
  /** Why logs, output or the model's own path could not be written, if so. */
  readonly fault: string | null;
}

const tellJudged = (out: Console, { solved, shown }: Trainer['task'], { state, heldOut, longest }: Judged, seconds: number): void => {
  const { step, good, solvedAt, flawless } = state;
  if (heldOut !== null) out.say(`iteration ${step}: ${heldOut.toFixed(4)} ${solved.measure} per held-out sequence${good > 0 ? ` (${good} of ${SOLVED.inARow} good in a row)` : ''}`);
  if (longest !== null) out.say(`iteration ${step}: ${(100 * longest).toFixed(1)}% of the longest held-out sequences${shown.beyond.length > 0 ? ', and of those just beyond,' : ''} entirely right (${solvedAt === null ? 'no longer solved' : `${flawless} of ${FLAWLESS.inARow} times all`})`);
  if (heldOut !== null && solvedAt !== null) {
    out.title(`solved after ${solvedAt} sequences, ${seconds.toFixed(1)} s`);
    out.data({ event: 'solved', step, sequences: solvedAt, seconds: Number(seconds.toFixed(2)) });
  }
};

/** Trains until the configuration's end, or until something asks to stop, and saves. */
export const liveRun = ({ out, trainer: given, start, logs, saver, interruption, saveEvery, film }: Run): TE.TaskEither<CliError, Ended> => async () => {
  const trainer: Trainer = { ...given, pause: async () => (interruption.asked() === null ? 'continue' : 'stop') };
  const { configuration: c } = trainer;
  const begun = performance.now();
  const seconds = (): number => (logs.blocks.at(-1)?.seconds ?? 0) + (performance.now() - begun) / 1000;
  const tracker = trackBlocks(seconds);
  const blocks = [...logs.blocks];
  let training = true;
  let shown = begun - PROGRESS_MILLISECONDS + FIRST_PROGRESS_MILLISECONDS;
  let saved = begun;
  let turned = begun;
  let logFault: string | null = null;
  let unsound: string | null = null;
  interruption.onAsk(() => void (training && out.say('interrupted: finishing the step and saving; once more exits at once')));

  const record = async (block: Block | null): Promise<void> => {
    if (!block) return;
    blocks.push(block);
    out.data({ event: 'progress', ...recordOf(block) });
    if (logFault !== null) return;
    const written = await logs.append(block, Date.now() / 1000)();
    if (E.isLeft(written)) logFault = written.left.message;
  };

  const saveNow = async (state: TrainingState): Promise<void> => {
    await record(tracker.rest());
    const result = await saver.save(state)();
    if (E.isLeft(result) && !result.left.sound) unsound = result.left.message;
    else if (E.isLeft(result)) out.say(`${result.left.message}: not saved; trying again in ${saveEvery} s`);
    saved = performance.now();
  };

  const judge = async (judged: Judged): Promise<void> => {
    tellJudged(out, trainer.task, judged, seconds());
    const result = await saver.judge(judged)();
    if (E.isLeft(result)) unsound = result.left.message;
  };

  const isOver = (): boolean => interruption.asked() !== null || logFault !== null || unsound !== null || out.fault() !== null;

  const observe = async (report: Report): Promise<'continue' | 'stop'> => {
    await record(tracker.add(report));
    await judge(report);
    await film?.glance(report.state.sequences);
    const now = performance.now();
    if (now - shown > PROGRESS_MILLISECONDS) {
      shown = now;
      const steps = report.state.step - start.step;
      out.progress(progressLine(report, c.iterations, (1000 * steps * c.batch) / (now - begun), (now - begun) / 1000 / steps));
    }
    if (now - saved > 1000 * saveEvery) await saveNow(report.state);
    if (now - turned > TURN_MILLISECONDS) {
      await nextTurn();
      turned = performance.now();
    }
    return isOver() ? 'stop' : 'continue';
  };

  await nextTurn();
  const resumed = await evaluatePending(trainer, start)();
  if (E.isLeft(resumed)) return E.left(failure(resumed.left.message));
  await judge(resumed.right);
  await film?.look(resumed.right.state.sequences);
  // An output that nobody reads ends the run as well, but after a step: there is something to save then.
  const result = interruption.asked() !== null || unsound !== null ? E.right(resumed.right.state) : await train(trainer, resumed.right.state, observe)();
  training = false;
  if (E.isRight(result)) await film?.look(result.right.sequences);
  await record(tracker.rest());
  if (E.isLeft(result)) return E.left(failure(result.left.message));
  if (unsound !== null) return E.left(failure(unsound));
  const ended = { state: result.right, blocks, seconds: (performance.now() - begun) / 1000, saved: null, fault: logFault ?? out.fault() };
  if (result.right === start || (result.right.step === start.step && result.right.pending)) return E.right(ended);
  const last = await saver.saveSomewhere(result.right)();
  if (E.isLeft(last)) return E.left(failure(last.left.message));
  return E.right({ ...ended, saved: last.right.path, fault: last.right.fault ?? ended.fault });
};

/** Whether a run was stopped before its end. */
export const wasStopped = (run: Configured, { state }: Ended): boolean => !isDone(run, state);
