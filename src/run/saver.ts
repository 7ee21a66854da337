/** What is learned, on its way to the disk: the last state at every save, and the best one with it. */
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { saveTensors } from '../io/files.js';
import type { Safetensors } from '../io/safetensors.js';
import { encodeCheckpoint, type RanOn } from '../training/checkpoint.js';
import type { Arrays, Learner } from '../training/learner.js';
import type { Configured } from '../training/configuration.js';
import type { Judged, TrainingState } from '../training/trainer.js';
import type { Generations } from './generations.js';
import { isBetter, type Score, scoreOf, withScore } from './score.js';

export interface SaveFault {
  /** Whether the weights themselves are good. */
  readonly sound: boolean;
  readonly message: string;
}

export interface Saved {
  readonly path: string;
  /** Why that is not the model's path. */
  readonly fault: string | null;
}

export interface Saver {
  /** Holds on to the weights of the best evaluation yet, until the next save writes them. */
  readonly judge: (judged: Judged) => TE.TaskEither<SaveFault, void>;
  readonly save: (state: TrainingState) => TE.TaskEither<SaveFault, void>;
  /** Saves at the model's path or, where that fails, at any other that takes it; returns which. */
  readonly saveSomewhere: (state: TrainingState) => TE.TaskEither<SaveFault, Saved>;
}

export interface SaverOptions extends Configured {
  readonly ranOn: RanOn;
  readonly learner: Learner;
  readonly generations: Generations;
  /** The model's path, and the run's folder. */
  readonly paths: { readonly model: string; readonly out: string };
}

const allFinite = (arrays: Arrays): boolean => Object.values(arrays).every((values) => values.every(Number.isFinite));

export const openSaver = ({ configuration, task, ranOn, learner, generations, paths }: SaverOptions): Saver => {
  let best: { readonly score: Score; readonly file: Safetensors | null } = { score: { heldOut: null, longest: null }, file: null };

  const capture = (state: TrainingState): TE.TaskEither<SaveFault, Safetensors> =>
    pipe(
      TE.tryCatch(() => learner.snapshot(), (error): SaveFault => ({ sound: false, message: `the weights could not be read: ${String(error)}` })),
      TE.filterOrElse(allFinite, () => ({ sound: false, message: `weights at step ${state.step} are not finite: lower --learning-rate (now ${configuration.learningRate}); ${paths.model} keeps the last good ones, if any` })),
      TE.map((arrays) => encodeCheckpoint({ configuration, task, state, arrays, ranOn })),
    );

  const unwritten = ({ message }: { readonly message: string }): SaveFault => ({ sound: true, message });

  const writeBest = (): TE.TaskEither<SaveFault, void> => {
    const { file, score } = best;
    if (file === null) return TE.right(undefined);
    best = { score, file: null };
    return pipe(generations.saveBest(withScore(file, score)), TE.mapLeft(unwritten));
  };

  const write = (file: Safetensors): TE.TaskEither<SaveFault, void> => pipe(generations.save(file), TE.mapLeft(unwritten), TE.chain(writeBest));

  const elsewhere = (file: Safetensors, fault: string): TE.TaskEither<SaveFault, Saved> => async () => {
    const name = basename(paths.model);
    for (const path of [join(paths.out, name), join(tmpdir(), `${process.pid}-${name}`)]) {
      if (E.isRight(await saveTensors(path, file)())) return E.right({ path, fault });
    }
    return E.left({ sound: true, message: fault });
  };

  return {
    judge: (judged) => {
      const score = scoreOf(judged);
      if (score === null || !isBetter(score, best.score)) return TE.right(undefined);
      return pipe(capture(judged.state), TE.map((file) => void (best = { score, file })));
    },
    save: (state) => pipe(capture(state), TE.chain(write)),
    saveSomewhere: (state) =>
      pipe(
        capture(state),
        TE.chain((file) =>
          pipe(
            write(file),
            TE.map((): Saved => ({ path: paths.model, fault: null })),
            TE.orElse(({ message }) => elsewhere(file, message)),
          ),
        ),
      ),
  };
};
