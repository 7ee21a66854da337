/** Where training begins: at drawn parameters, or at a model's. */
import { initialParameters } from '../model/initialise.js';
import type { Model } from '../model/inspect.js';
import { hasMemory } from '../model/parts.js';
import type { ModelShape } from '../model/shapes.js';
import { seededRng } from '../random.js';
import type { Checkpoint } from './checkpoint.js';
import { beginningOf, type Configured, shapeOf } from './configuration.js';
import { startingState } from './learner.js';
import { initialState } from './trainer.js';

/** A run before its first step: parameters and sequences come from the configuration's seed. */
export const freshRun = (run: Configured): Checkpoint => {
  const { configuration: c } = run;
  const [parameters, rng] = initialParameters(shapeOf(run), beginningOf(c))(seededRng(c.seed));
  return { ...run, state: initialState(rng, c), arrays: startingState(c.optimizer, parameters) };
};

/** A run before its first step, from parameters that fit the configuration's model. */
export const runFrom = (run: Configured, parameters: Model['parameters']): Checkpoint => ({ ...freshRun(run), arrays: startingState(run.configuration.optimizer, parameters) });

/** A model's shape as settings of a run; those of memory only where it has one. */
export const architectureOf = (shape: ModelShape) => {
  const { controller, hidden, layers, slots, width, readHeads, writeHeads, taps, memoryInit, legacyWriteAddressing } = shape;
  return { controller, hidden, layers, ...(hasMemory(shape) && { slots, width, readHeads, writeHeads, taps, memoryInit, legacyWriteAddressing }) };
};
