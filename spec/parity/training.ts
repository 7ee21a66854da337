/** The same 50 iterations of training from one seed: on a backend, and by the float64 oracle. */
import * as E from 'fp-ts/lib/Either.js';
import { type Backend, openMachine } from '../../src/gpu/backends.js';
import { initialParameters } from '../../src/model/initialise.js';
import { recordTraining } from '../../src/model/ntm.js';
import { type OptimiserKind, type OptimiserSettings, settingsArray } from '../../src/model/optimiser.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { unpackParameters } from '../../src/model/state-dict.js';
import { sizeOf } from '../../src/program/graph.js';
import { seededRng } from '../../src/random.js';
import { oracleForward } from '../oracle/ntm.js';
import { type OptimiserState, optimiserStep, startOf } from '../oracle/optimiser.js';
import { copySequences, lossWeights, type Sequences } from '../support/sequences.js';
import { drawn } from '../support/values.js';

const ITERATIONS = 50;
const BITS = 3;
const LENGTHS = [1, 4, 2, 3] as const;
const BATCH = 2;
const SHAPE: ModelShape = {
  controller: 'lstm', inputs: BITS + 1, outputs: BITS, hidden: 20, layers: 1, slots: 12, width: 6, readHeads: 1, writeHeads: 1, taps: 3, memoryInit: 'constant', legacyWriteAddressing: false,
};

/**
 * RMSprop with the seed's decays, at a rate that moves the weights within 50 iterations. ε as in the
 * paper's source: at 1e-8 a weight whose gradient is nothing but rounding would go as far as the others.
 */
const KIND: OptimiserKind = 'rmsprop';
const SETTINGS: OptimiserSettings = { learningRate: 1e-3, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-4, clip: 10, maxNorm: 1, averaging: 0.9, stepLimit: 0, weightDecay: 0 };

const [PARAMETERS] = initialParameters(SHAPE)(seededRng(1));

const batches = (): readonly Sequences[] => Array.from({ length: ITERATIONS }, (_, i) => drawn(i, (draw) => copySequences(draw, BITS, BATCH, LENGTHS[i % LENGTHS.length])));

export interface Trained {
  /** Of each iteration. */
  readonly losses: readonly number[];
  /** All weights one after the other, in PyTorch's order. */
  readonly weights: ArrayLike<number>;
}

const flat = (parameters: Float32Array): Float64Array => Float64Array.from([...unpackParameters(SHAPE, parameters).values()].flatMap(({ data }) => [...data]));

export const trainOn = async (backend: Backend): Promise<Trained> => {
  const opened = await openMachine(backend, recordTraining(SHAPE, KIND), { batch: BATCH, capacity: 2 * Math.max(...LENGTHS) + 1 })();
  if (E.isLeft(opened)) throw new Error(opened.left.message);
  const machine = opened.right;
  await machine.set('parameters', PARAMETERS);
  await machine.set('averages', PARAMETERS);
  const losses: number[] = [];
  for (const [i, { input, target, mask }] of batches().entries()) {
    await machine.set('settings', settingsArray(SETTINGS, i + 1));
    await machine.run({ steps: mask.length / BATCH, inputs: { x: input, target, weight: lossWeights(mask, BITS) }, sections: ['initialise', 'forward', 'backward', 'gradients', 'update'] });
    losses.push((await machine.get('losses'))[0]!);
  }
  const weights = flat(await machine.get('parameters'));
  await machine.dispose();
  return { losses, weights };
};

export const trainByOracle = (): Trained => {
  const entries = [...unpackParameters(SHAPE, PARAMETERS)].map(([name, { shape }]) => ({ name, shape, size: sizeOf(shape) }));
  let state: OptimiserState = startOf(flat(PARAMETERS));
  const losses = batches().map((sequences, i) => {
    const parameter = Float64Array.from(state.parameter);
    let at = 0;
    const weights = new Map(entries.map(({ name, shape, size }) => [name, { shape, data: parameter.slice(at, (at += size)) }]));
    const { loss, gradients } = oracleForward({ weights, ...sequences });
    const found = gradients();
    state = optimiserStep(KIND, state, entries.flatMap(({ name }) => [...found.get(name)!]), SETTINGS, i + 1);
    return loss;
  });
  return { losses, weights: state.parameter };
};

export interface Distance {
  /** The largest difference of a loss, as a share of it. */
  readonly losses: number;
  /** ‖θ − θ'‖ as a share of the way that the weights went, ‖θ' − θ_0‖. */
  readonly weights: number;
}

const length = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.sqrt(Array.from(a).reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0));

export const distance = (actual: Trained, expected: Trained): Distance => ({
  losses: Math.max(...expected.losses.map((loss, i) => Math.abs(actual.losses[i] - loss) / loss)),
  weights: length(actual.weights, expected.weights) / length(expected.weights, flat(PARAMETERS)),
});
