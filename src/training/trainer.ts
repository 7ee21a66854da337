/**
 * Training as an fp-ts pipeline: a state (numbers only: what a checkpoint stores beside the arrays), a
 * step from state to state, and a loop over steps that is stack-safe and stops on request.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { evaluateCell, heldOutError } from '../evaluation/evaluate.js';
import { settingsArray } from '../model/optimiser.js';
import type { Machine } from '../program/machine.js';
import { type Cell, longest } from '../tasks/cells.js';
import { type Task, WRONG_BITS } from '../tasks/definition.js';
import { bitsCounted, leastLoss } from '../tasks/judge.js';
import { goOn, withTargets } from '../tasks/sequences.js';
import { type Rng, seededRng } from '../random.js';
import { type Configuration, type Configured, optimiserAt } from './configuration.js';
import type { Learner } from './learner.js';

/** How far a training is: with the learner’s arrays, all that it takes to go on exactly. */
export interface TrainingState {
  /** Iterations done. */
  readonly step: number;
  readonly sequences: number;
  readonly rng: Rng;
  /**
   * Running means over about 100 iterations: loss in nats per bit, how far it is above what the best answers
   * would cost (all of it, where the task knows no better than none), wrong bits per sequence.
   */
  readonly runningLoss: number;
  readonly runningExcess: number;
  readonly runningWrong: number;
  /** Held-out evaluations done, and how many in a row were good. */
  readonly evaluations: number;
  readonly good: number;
  /** What limits the sizes now trained on (src/tasks/cells.ts), where a curriculum does. */
  readonly reach: number;
  /** Sequences seen when the task was solved, or null. */
  readonly solvedAt: number | null;
  /** Evaluations in a row, since then, without a wrong bit in the longest sequences and those just beyond. */
  readonly flawless: number;
  /** Iterations in a row that were lost: a loss without bounds, or a gradient that was not finite. */
  readonly skipped: number;
  /** Whether the evaluation that is due after the last iteration is still to be done. */
  readonly pending: boolean;
}

/** Nats per bit above the best: below it a stage of the curriculum counts as learnt, above it the next one starts. */
const LEARNT = 0.1;
const NEXT_STAGE = 0.3;

/** A run that has not begun; with a curriculum its sizes reach as far as that begins. */
export const initialState = (rng: Rng, { curriculum }: Pick<Configuration, 'curriculum'>): TrainingState => ({ reach: curriculum || Number.MAX_SAFE_INTEGER, step: 0, sequences: 0, rng, runningLoss: Math.LN2, runningExcess: Math.LN2, runningWrong: Number.MAX_VALUE, evaluations: 0, good: 0, solvedAt: null, flawless: 0, skipped: 0, pending: false });

export type TrainingError =
  | { readonly _tag: 'Diverged'; readonly step: number; readonly message: string }
  | { readonly _tag: 'LearnerFailed'; readonly step: number; readonly message: string };

/** What was found by an evaluation, if one was due. */
export interface Judged {
  readonly state: TrainingState;
  /** What the task is solved by (its wrong bits per sequence), held out, on iterations that evaluate. */
  readonly heldOut: number | null;
  /** Share of perfect sequences among the longest, on iterations that evaluate these. */
  readonly longest: number | null;
}

/** What one iteration reports. */
export interface Report extends Judged {
  readonly cell: Cell;
  readonly loss: number;
  /** What a sequence cost, in bits. */
  readonly bits: number;
  readonly wrongBits: number;
  readonly gradientNorm: number | null;
  readonly learningRate: number;
}

/** Solved: below the task's limit on this many held-out sequences, this many evaluations in a row. */
export const SOLVED = { sequences: 1000, inARow: 3 } as const;

/**
 * Solved lets a few sequences in a thousand go wrong, nearly all of them among the longest. So a run that is
 * solved by its wrong bits goes on until this many of the longest are right, and so many of each kind just
 * `beyond` that the task names, this often in a row; or until it has gone on this many iterations.
 */
export const FLAWLESS = { sequences: 1000, beyond: 200, inARow: 3, within: 5000 } as const;

/** Wrong bits per sequence among the longest from which a solved task counts as unsolved again. */
const UNDONE = 0.5;

/** Iterations from one held-out evaluation to the next: at least 400 sequences are trained for the 1,000 evaluated. */
const evaluationInterval = ({ batch }: Configuration): number => Math.max(100, Math.ceil(400 / batch));

const SMOOTHING = 0.01;

/** Nats a bit that no guess costs (chance is 0.69). NaN is not below it either. */
const UNBOUNDED = 100;

/** A loss or a gradient may run away once in a while, over a long sequence whose heads waver; so often in a row, the weights have. */
const MOST_LOST = 20;

const smooth = (mean: number, value: number, step: number): number => {
  const share = Math.max(SMOOTHING, 1 / step);
  return share === 1 ? value : mean + share * (value - mean);
};

/** What a training computes with. */
export interface Trainer extends Configured {
  readonly learner: Learner;
  /** An inference program for held-out evaluation. */
  readonly evaluator: Machine;
  /** Called before each batch of an evaluation; where it says stop, the evaluation is left and stays due. */
  readonly pause?: () => Promise<'continue' | 'stop'>;
}

/** Thrown to leave an evaluation. */
const LEFT = Symbol('an evaluation that was left');

/** The evaluator, which looks up before each batch. */
const pausing = ({ evaluator, pause }: Trainer): Machine =>
  pause
    ? {
        ...evaluator,
        run: async (run) => {
          if ((await pause()) === 'stop') throw LEFT;
          await evaluator.run(run);
        },
      }
    : evaluator;

const isWhole = ({ distribution }: Task, { reach }: TrainingState): boolean => reach >= distribution.whole;

/** Extends the reach once a stage is learnt. */
const advance = (task: Task, state: TrainingState): TrainingState =>
  isWhole(task, state) || state.runningExcess >= LEARNT ? state : { ...state, reach: state.reach + 1, runningLoss: NEXT_STAGE, runningExcess: NEXT_STAGE };

/** Another one for each evaluation. */
const heldOutSeed = (c: Configuration, { evaluations }: TrainingState): Rng => seededRng(0x6e746d ^ (evaluations * 0x9e3779b1) ^ c.seed);

const trainOnce = ({ configuration: c, task, learner }: Trainer, state: TrainingState): TE.TaskEither<TrainingError, Report> => {
  const step = state.step + 1;
  const [cell, afterCell] = task.distribution.draw(state.reach)(state.rng);
  const [drawn, rng] = task.sequences(cell, c.batch)(afterCell);
  const best = task.reference && Array.from({ length: c.batch }, (_, b) => task.reference!(drawn, b));
  const aim = best && c.targets === 'expected' ? withTargets(drawn, best) : drawn;
  const batch = goOn(aim, c.trailing, 1);
  const least = best ? leastLoss(best, aim) : 0;
  const settings = optimiserAt(c, state.runningExcess);
  return pipe(
    TE.tryCatch(
      () => learner.train(batch, settingsArray(settings, step)),
      (error): TrainingError => ({ _tag: 'LearnerFailed', step, message: `training failed at step ${step}: ${error instanceof Error ? error.message : String(error)}` }),
    ),
    TE.chainEitherK(({ loss, wrongBits, gradientNorm }): E.Either<TrainingError, Report> => {
      const lost = !(loss < UNBOUNDED) || gradientNorm === null;
      const skipped = lost ? state.skipped + 1 : 0;
      return skipped < MOST_LOST
        ? E.right({
            state: advance(task, {
              ...state,
              step,
              sequences: state.sequences + c.batch,
              rng,
              runningLoss: lost ? state.runningLoss : smooth(state.runningLoss, loss, step),
              runningExcess: lost ? state.runningExcess : Math.max(0, smooth(state.runningExcess, loss - least, step)),
              runningWrong: lost ? state.runningWrong : smooth(state.runningWrong, wrongBits, step),
              skipped,
              pending: step % evaluationInterval(c) === 0,
            }),
            cell,
            loss,
            bits: (loss / Math.LN2) * bitsCounted(batch),
            wrongBits,
            gradientNorm,
            learningRate: settings.learningRate,
            heldOut: null,
            longest: null,
          })
        : E.left({ _tag: 'Diverged', step, message: `training diverged at step ${step}: ${gradientNorm === null ? 'no finite gradient' : `a loss of ${loss} nats per bit`}, the ${skipped}th such iteration in a row; lower --learning-rate (now ${settings.learningRate}) or --max-norm (now ${c.maxNorm})` });
    }),
  );
};

const judgeHeldOut = async (evaluator: Machine, { configuration: c, task }: Configured, state: TrainingState): Promise<Judged> => {
  const { below } = task.solved;
  const heldOut = await heldOutError(evaluator, task, SOLVED.sequences, below, heldOutSeed(c, state));
  const good = heldOut < below ? state.good + 1 : 0;
  return { heldOut, longest: null, state: { ...state, evaluations: state.evaluations + 1, good, solvedAt: good >= SOLVED.inARow ? state.sequences : null } };
};

/** Whether the longest are still solved; and where all are right, whether those just beyond are, up to the first of which some are not. */
const judgeLongest = async (evaluator: Machine, { configuration: c, task }: Configured, state: TrainingState): Promise<Judged> => {
  const seed = heldOutSeed(c, state);
  const { perfect, wrongMean } = await evaluateCell(evaluator, task, longest(task.distribution), FLAWLESS.sequences, seed);
  let right = perfect;
  for (const cell of task.shown.beyond) {
    if (right < 1) break;
    right = (await evaluateCell(evaluator, task, cell, FLAWLESS.beyond, seed)).perfect;
  }
  const undone = wrongMean >= UNDONE ? { solvedAt: null, good: 0 } : {};
  return { heldOut: null, longest: right, state: { ...state, evaluations: state.evaluations + 1, flawless: right === 1 ? state.flawless + 1 : 0, ...undone } };
};

/** Whether a solved run goes on to be flawless. A measure of the task's own may have no least value to reach. */
const seeksFlawless = ({ solved }: Task): boolean => solved.measure === WRONG_BITS;

/** The evaluation that is pending: once the running error is small whether the task is solved, and then whether the longest sequences are flawless. */
export const evaluatePending = (trainer: Trainer, given: TrainingState): TE.TaskEither<TrainingError, Judged> => {
  const { configuration: c, task, learner } = trainer;
  const nothing = { heldOut: null, longest: null };
  if (!given.pending) return TE.right({ ...nothing, state: given });
  const state = { ...given, pending: false };
  const solved = state.solvedAt !== null;
  if (solved && !(c.untilSolved && seeksFlawless(task))) return TE.right({ ...nothing, state });
  const error = task.reference ? state.runningExcess : state.runningWrong;
  if (!solved && (!isWhole(task, state) || error >= task.solved.lookBelow)) return TE.right({ ...nothing, state: { ...state, good: 0 } });
  return pipe(
    TE.tryCatch(
      async () => {
        await trainer.evaluator.set('parameters', await learner.averages());
        return (solved ? judgeLongest : judgeHeldOut)(pausing(trainer), trainer, state);
      },
      (error) => error,
    ),
    TE.orElse((error): TE.TaskEither<TrainingError, Judged> => (error === LEFT ? TE.right({ ...nothing, state: given }) : TE.left({ _tag: 'LearnerFailed', step: state.step, message: `evaluation failed at step ${state.step}: ${String(error)}` }))),
  );
};

/** One iteration and, when due, the held-out evaluation. Left: it diverged, or the learner failed. */
export const trainStep = (trainer: Trainer, state: TrainingState): TE.TaskEither<TrainingError, Report> =>
  pipe(
    trainOnce(trainer, state),
    TE.chain((report) => pipe(evaluatePending(trainer, report.state), TE.map((judged): Report => ({ ...report, ...judged })))),
  );

/** Solved, and since then flawless or as long as that is waited for without coming undone. */
const isFinished = ({ configuration: { batch }, task }: Configured, { solvedAt, sequences, flawless }: TrainingState): boolean =>
  solvedAt !== null && (!seeksFlawless(task) || flawless >= FLAWLESS.inARow || sequences >= solvedAt + FLAWLESS.within * batch);

export const isDone = (run: Configured, state: TrainingState): boolean => {
  const { iterations, untilSolved } = run.configuration;
  return !state.pending && (state.step >= iterations || (untilSolved && isFinished(run, state)));
};

/**
 * Iterates until the configuration's end or until `observe` asks to stop; first comes the evaluation that
 * an earlier run left pending, if it was left. A loop, not recursion: its stack does not grow with the
 * number of steps.
 * Left: it diverged, or the learner failed, at a step.
 */
export const train =
  (trainer: Trainer, start: TrainingState, observe: (report: Report) => Promise<'continue' | 'stop'>): TE.TaskEither<TrainingError & { readonly last: TrainingState }, TrainingState> =>
  async () => {
    const begun = await evaluatePending(trainer, start)();
    if (E.isLeft(begun)) return E.left({ ...begun.left, last: start });
    let { state } = begun.right;
    while (!state.pending && !isDone(trainer, state)) {
      const result = await trainStep(trainer, state)();
      if (E.isLeft(result)) return E.left({ ...result.left, last: state });
      state = result.right.state;
      if ((await observe(result.right)) === 'stop') break;
    }
    return E.right(state);
  };
