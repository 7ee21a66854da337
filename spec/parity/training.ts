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
import { copyTask } from '../../src/tasks/copy.js';
import type { Batch } from '../../src/tasks/task.js';
import { learnerOf, startingState } from '../../src/training/learner.js';
import { oracleForward } from '../oracle/ntm.js';
import { type OptimiserState, optimiserStep } from '../oracle/optimiser.js';

const ITERATIONS = 50;
const BITS = 3;
const LENGTHS = [1, 4, 2, 3] as const;
const BATCH = 2;
const SHAPE: ModelShape = { controller: 'lstm', inputs: BITS + 1, outputs: BITS, hidden: 20, slots: 12, width: 6, legacyWriteAddressing: false };

/**
 * RMSprop with the seed's decays, at a rate that moves the weights within 50 iterations. ε as in the
 * paper's source: at 1e-8 a weight whose gradient is nothing but rounding would go as far as the others.
 */
const KIND: OptimiserKind = 'rmsprop';
const SETTINGS: OptimiserSettings = { learningRate: 1e-3, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-4, clip: 10, maxNorm: 1, averaging: 0.9, stepLimit: 0 };

const [PARAMETERS, RNG] = initialParameters(SHAPE)(seededRng(1));

const batches = (): readonly Batch[] => {
  let rng = RNG;
  return Array.from({ length: ITERATIONS }, (_, i) => {
    const [batch, next] = copyTask.sequences({ bits: BITS, minLength: 1, maxLength: 4, minRepeats: 1, maxRepeats: 1 }, BATCH, LENGTHS[i % LENGTHS.length], 1)(rng);
    rng = next;
    return batch;
  });
};

export interface Trained {
  /** Of each iteration. */
  readonly losses: readonly number[];
  /** All weights one after the other, in PyTorch's order. */
  readonly weights: ArrayLike<number>;
}

const flat = (parameters: Readonly<Record<string, Float32Array>>): Float64Array => Float64Array.from([...unpackParameters(SHAPE, parameters).values()].flatMap(({ data }) => [...data]));

export const trainOn = async (backend: Backend): Promise<Trained> => {
  const opened = await openMachine(backend, recordTraining(SHAPE, KIND), { batch: BATCH, capacity: copyTask.steps(4, 1) })();
  if (E.isLeft(opened)) throw new Error(opened.left.message);
  const learner = learnerOf(opened.right, SHAPE);
  await learner.restore(startingState(PARAMETERS));
  const losses: number[] = [];
  for (const [i, batch] of batches().entries()) losses.push((await learner.train(batch, settingsArray(SETTINGS, i + 1))).loss);
  const weights = flat(await learner.snapshot());
  await learner.dispose();
  return { losses, weights };
};

export const trainByOracle = (): Trained => {
  const entries = [...unpackParameters(SHAPE, PARAMETERS)].map(([name, { shape }]) => ({ name, shape, size: sizeOf(shape) }));
  const start = flat(PARAMETERS);
  const zero = new Float64Array(start.length);
  let state: OptimiserState = { parameter: start, square: zero, momentum: zero, average: start };
  const losses = batches().map(({ x, target, inputSteps, answerSteps, batch }, i) => {
    const parameter = Float64Array.from(state.parameter);
    let at = 0;
    const weights = new Map(entries.map(({ name, shape, size }) => [name, { shape, data: parameter.slice(at, (at += size)) }]));
    const { loss, gradients } = oracleForward({
      weights,
      controller: SHAPE.controller,
      legacyWriteAddressing: SHAPE.legacyWriteAddressing,
      input: x.subarray(0, inputSteps * batch * SHAPE.inputs),
      target: target.subarray(inputSteps * batch * SHAPE.outputs),
      dims: { T: inputSteps, B: batch, I: SHAPE.inputs, A: answerSteps, V: SHAPE.outputs, H: SHAPE.hidden, N: SHAPE.slots, M: SHAPE.width },
    });
    state = optimiserStep(KIND, state, entries.flatMap(({ name }) => [...gradients.get(name)!]), SETTINGS, i + 1);
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
