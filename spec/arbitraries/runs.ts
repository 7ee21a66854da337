/** Configurations, training states, and tiny runs. */
import fc from 'fast-check';
import { initialParameters } from '../../src/model/initialise.js';
import { packParameters, unpackParameters } from '../../src/model/state-dict.js';
import { isRng, type Rng, seededRng } from '../../src/random.js';
import type { Checkpoint } from '../../src/training/checkpoint.js';
import { type Configured, shapeOf } from '../../src/training/configuration.js';
import { stateNames } from '../../src/training/learner.js';
import type { TrainingState } from '../../src/training/trainer.js';
import { builtIn } from '../../src/tasks/index.js';
import { configured } from '../support/configured.js';
import { numbers, sampled } from './numbers.js';

const upTo = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });
const share = fc.oneof(fc.constantFrom(0, 0.5, 0.9), fc.double({ min: 0.001, max: 0.999, noNaN: true }));
const above0 = fc.oneof(fc.constantFrom(1, 0.1, 1e-4), fc.double({ min: 1e-8, max: 10, noNaN: true }));
const atLeast0 = fc.oneof(fc.constantFrom(0, 1), above0);

/** Settings that fit together, of a run of any task under any preset; tiny, so that a model can be made of them. */
export const configurations: fc.Arbitrary<Configured> = fc
  .record({
    task: fc.constantFrom(...Object.values(builtIn)),
    settings: fc.record(
      {
        preset: fc.constantFrom('default', 'seed', 'paper'),
        controller: fc.constantFrom('feed-forward', 'lstm', 'gru', 'none'),
        hidden: upTo(4), slots: upTo(9, 3), width: upTo(3), readHeads: upTo(3), writeHeads: upTo(3), taps: fc.constantFrom(1, 3),
        memoryInit: fc.constantFrom('constant', 'random', 'learned'),
        targets: fc.constantFrom('drawn', 'expected'),
        curriculum: fc.nat(5), trailing: fc.nat(3), batch: upTo(3), seed: fc.nat(), iterations: upTo(9), untilSolved: fc.boolean(),
        optimizer: fc.constantFrom('rmsprop', 'centred-rmsprop', 'adam'),
        learningRate: above0, annealBelow: atLeast0, annealFloor: share, squareDecay: share, momentum: share, epsilon: above0, clip: atLeast0, maxNorm: atLeast0, stepLimit: atLeast0, weightDecay: atLeast0, averaging: share,
        backend: fc.constantFrom('auto', 'cpu', 'webasm'), workers: fc.nat(2), initialFocus: atLeast0, initialStrength: atLeast0, initialAdvance: atLeast0, initialMatch: fc.oneof(fc.constant(1), share),
      },
      { requiredKeys: ['hidden', 'slots', 'width'] },
    ),
  })
  .map(({ task, settings: { targets, ...settings } }) => configured({ ...settings, ...(task.reference && targets && { targets }) }, task));

/** Seeds, and any state that the generator can have. */
export const rngs: fc.Arbitrary<Rng> = fc.oneof(fc.nat().map(seededRng), fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 4, maxLength: 4 }).filter(isRng));

const counted = fc.oneof(fc.nat(10), fc.maxSafeNat());
const mean = fc.oneof(fc.constantFrom(0, 0.5, Number.MAX_VALUE), fc.double({ min: 0, max: 1e6, noNaN: true }).map((v) => v + 0));

/** Any state of a run within its ranges. */
export const trainingStates: fc.Arbitrary<TrainingState> = fc
  .record({
    step: counted, sequences: counted, rng: rngs, runningLoss: mean, runningExcess: mean, runningWrong: mean, evaluations: counted, good: counted,
    reach: counted.map((n) => Math.max(1, n)), solvedAt: fc.option(counted), flawless: counted, skipped: counted, pending: fc.boolean(),
  })
  .map((state) => ({ ...state, solvedAt: state.solvedAt === null ? null : Math.min(state.solvedAt, state.sequences) }));

/** A whole checkpoint: settings, state, and arrays of the size that the model has. */
export const checkpoints: fc.Arbitrary<Checkpoint> = fc
  .record({ run: configurations, state: trainingStates, seed: fc.nat(), ranOn: fc.option(fc.record({ threads: upTo(8), backend: fc.constantFrom('webasm', 'cpu') }), { nil: undefined }) })
  .map(({ run, state, seed, ranOn }) => {
    const shape = shapeOf(run);
    const [{ length }] = initialParameters(shape)(seededRng(1));
    /** With zeros between parameters, where nothing is. */
    const valuesFrom = (from: number): Float32Array => {
      const tensors = unpackParameters(shape, sampled(numbers(length), from));
      return packParameters(shape, ({ name }) => tensors.get(name)!.data);
    };
    const names = stateNames(run.configuration.optimizer);
    return { ...run, state, arrays: Object.fromEntries(names.map((name, i) => [name, valuesFrom(seed + i)])), ...(ranOn && { ranOn }) };
  });
