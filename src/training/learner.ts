/**
 * What trains: one batch in, the losses out, parameters and optimiser state inside. A learner's result
 * depends only on its state, the batch and the settings.
 */
import type { Machine } from '../program/machine.js';
import { type OptimiserKind, optimiserArrays } from '../model/optimiser.js';
import type { ModelShape } from '../model/shapes.js';
import type { ParameterValues } from '../model/state-dict.js';
import { type Batch, lossWeights } from '../tasks/sequences.js';

/** Arrays by their name in the program. */
export type Arrays = Readonly<Record<string, Float32Array>>;

export interface Losses {
  /** Mean cross-entropy a target bit, in nats. */
  readonly loss: number;
  /** Wrong bits per sequence. */
  readonly wrongBits: number;
  /** Global norm of the gradient before clipping; null where it was not finite, and the step was left out. */
  readonly gradientNorm: number | null;
}

/** Computes training iterations and holds the parameters, on one machine or over threads. */
export interface Learner {
  /** Forward, backward and one step of the optimiser (settings: src/model/optimiser.ts). */
  readonly train: (batch: Batch, settings: Float32Array) => Promise<Losses>;
  /** The running averages of the parameters: the model to evaluate and to save. */
  readonly averages: () => Promise<ParameterValues>;
  /** `parameters` and the optimiser's state (src/model/optimiser.ts), each all parameters in one array. */
  readonly snapshot: () => Promise<Arrays>;
  readonly restore: (arrays: Arrays) => Promise<void>;
  readonly resources: Machine['resources'];
  readonly dispose: () => Promise<void>;
}

/** All arrays of a learner's state. */
export const stateNames = (optimiser: OptimiserKind): readonly string[] => ['parameters', ...optimiserArrays(optimiser)];

export const getAll = async (machine: Machine, names: readonly string[]): Promise<Arrays> => {
  const arrays: Record<string, Float32Array> = {};
  for (const name of names) arrays[name] = await machine.get(name);
  return arrays;
};

export const setAll = async (machine: Machine, arrays: Arrays): Promise<void> => {
  for (const [name, values] of Object.entries(arrays)) await machine.set(name, values);
};

/** The state of an optimiser that has not taken a step from these parameters. Each array is [parameterCount]. */
export const startingState = (optimiser: OptimiserKind, parameters: ParameterValues): Arrays => ({
  ...Object.fromEntries(stateNames(optimiser).map((name) => [name, new Float32Array(parameters.length)])),
  parameters,
  averages: parameters,
});

/** What the last iteration on a machine came to, whose batch (all parts of it) had so many sequences. */
export const readLosses = async (machine: Machine, sequences: number): Promise<Losses> => {
  const [loss, wrong] = (await machine.get('losses')) as unknown as [number, number];
  const [norm] = (await machine.get('norm')) as unknown as [number];
  return { loss, wrongBits: wrong / sequences, gradientNorm: norm < 0 ? null : norm };
};

/** A learner on one machine, whose batch the batches must have. */
export const learnerOf = (machine: Machine, shape: ModelShape, optimiser: OptimiserKind): Learner => ({
  train: async (batch, settings) => {
    await machine.set('settings', settings);
    await machine.run({
      steps: batch.steps,
      inputs: { x: batch.x, target: batch.target, weight: lossWeights(batch, shape.outputs) },
      sections: ['initialise', 'forward', 'backward', 'gradients', 'update'],
    });
    return readLosses(machine, batch.batch);
  },
  averages: () => machine.get('averages'),
  snapshot: () => getAll(machine, stateNames(optimiser)),
  restore: (arrays) => setAll(machine, arrays),
  resources: machine.resources,
  dispose: machine.dispose,
});
