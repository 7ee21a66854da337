/** Which backend a run computes on: the one asked for, or the one that is fastest at it here. */
import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { type BackendError, type Backend, chooseBackend, type Choice, openMachine } from '../gpu/backends.js';
import { recordTraining } from '../model/ntm.js';
import { SETTINGS_SIZE } from '../model/optimiser.js';
import { seededRng } from '../random.js';
import { spread, WHOLE } from '../tasks/cells.js';
import { type Configured, longestRun, shapeOf } from '../training/configuration.js';
import { learnerOf } from '../training/learner.js';
import { milliseconds } from './clock.js';

/** Milliseconds of one training iteration of the configuration's model, after a first that compiles. */
export const measureIteration = async (run: Configured, backend: Backend): Promise<number> => {
  const { configuration: c, task } = run;
  const opened = await openMachine(backend, recordTraining(shapeOf(run), c.optimizer), { batch: c.batch, capacity: longestRun(run) })();
  if (E.isLeft(opened)) return Infinity;
  const learner = learnerOf(opened.right, shapeOf(run), c.optimizer);
  const cells = spread(task.distribution.cells(WHOLE), 3);
  const [batch] = task.sequences(cells[1] ?? cells[0]!, c.batch)(seededRng(1));
  const settings = new Float32Array(SETTINGS_SIZE);
  await learner.train(batch, settings);
  const start = milliseconds();
  await learner.train(batch, settings);
  const time = milliseconds() - start;
  await learner.dispose();
  return time;
};

/** The configuration's backend, or for `auto` the fastest. Left: the one asked for is not there, and the way out. */
export const pickBackend = (run: Configured): TE.TaskEither<BackendError, Choice> => chooseBackend(run.configuration.backend, (backend) => measureIteration(run, backend));
