/** From settings to what runs them, with errors as the commands have them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as machines from '../../src/evaluation/machines.js';
import type { Backend, BackendError, Choice } from '../../src/gpu/backends.js';
import type { ModelShape } from '../../src/model/shapes.js';
import * as learners from '../../src/node/learner.js';
import * as backends from '../../src/ntm/backend.js';
import type { Machine } from '../../src/program/machine.js';
import type { Configured } from '../../src/training/configuration.js';
import type { Learner } from '../../src/training/learner.js';
import { type CliError, failure } from './options.js';

const fromBackend = ({ message }: BackendError): CliError => failure(message);

export const pickBackend = (run: Configured): TE.TaskEither<CliError, Choice> => pipe(backends.pickBackend(run), TE.mapLeft(fromBackend));

export const openLearner = (run: Configured, backend: Backend): TE.TaskEither<CliError, Learner> => pipe(learners.openLearner(run, backend), TE.mapLeft(failure));

/** An inference machine for sequences of any length, usually of `steps` steps, which lets signals in before each run; with the stages of addressing, if so wanted. */
export const openEvaluator = (shape: ModelShape, backend: Backend, steps: number, batch?: number, stages = false): TE.TaskEither<CliError, Machine> =>
  pipe(machines.openEvaluator(shape, backend, { steps, stages, ...(batch !== undefined && { batch }), before: () => nextTurn() }), TE.mapLeft(fromBackend));
