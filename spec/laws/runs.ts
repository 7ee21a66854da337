/** A training run has a state, on disk and in a machine: however it is saved, killed, resumed and evaluated, it goes one way. */
import * as E from 'fp-ts/lib/Either.js';
import fc, { type AsyncCommand } from 'fast-check';
import { heldOutError } from '../../src/evaluation/evaluate.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.js';
import type { OptimiserKind } from '../../src/model/optimiser.js';
import { recordInference, recordTraining } from '../../src/model/ntm.js';
import type { Machine } from '../../src/program/machine.js';
import { seededRng } from '../../src/random.js';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/training/checkpoint.js';
import { type Configured, longestRun, shapeOf } from '../../src/training/configuration.js';
import { freshRun } from '../../src/training/start.js';
import { type Learner, learnerOf } from '../../src/training/learner.js';
import { train, trainStep } from '../../src/training/trainer.js';
import { configured } from '../support/configured.js';
import { ensure, equal } from '../support/expectations.js';
import type { Bench } from './bench.js';
import { law, type Law } from './law.js';

const right = <A>(either: E.Either<{ readonly message: string } | string, A>): A => {
  if (E.isLeft(either)) throw new Error(typeof either.left === 'string' ? either.left : either.left.message);
  return either.right;
};

/** Every optimiser, with what else a state is made of: a curriculum, steps past the end, running averages. */
const runOf = (optimizer: OptimiserKind): Configured => configured({ hidden: 4, slots: 5, width: 3, bits: 2, maxLength: 3, batch: 2, curriculum: 1, trailing: 1, untilSolved: false, iterations: 1000, optimizer });

interface Going {
  readonly learner: Learner;
  readonly evaluator: Machine;
}

/** Another `life` is another process: nothing of the one before is asked, or told. */
const openRun = async (bench: Bench, run: Configured, life: number): Promise<Going> => {
  const shape = shapeOf(run);
  const capacity = longestRun(run);
  const machine = await bench.machine(`run ${run.configuration.optimizer} ${life}`, () => recordTraining(shape, run.configuration.optimizer), { batch: run.configuration.batch, capacity });
  return { learner: learnerOf(machine, shape, run.configuration.optimizer), evaluator: await bench.machine(`evaluator ${life}`, () => recordInference(shape), { batch: 4, capacity }) };
};

const bytesOf = async (run: Configured, state: Checkpoint['state'], learner: Learner): Promise<Uint8Array> => encodeSafetensors(encodeCheckpoint({ ...run, state, arrays: await learner.snapshot() }));

/** The file of a run that nobody disturbs, after each of its steps, which are asked for in any order. */
const undisturbed = async (bench: Bench, run: Configured, steps: number): Promise<readonly Uint8Array[]> => {
  const going = await openRun(bench, run, 0);
  const start = freshRun(run);
  await going.learner.restore(start.arrays);
  const files = [await bytesOf(run, start.state, going.learner)];
  right(await train({ ...run, configuration: { ...run.configuration, iterations: steps }, ...going }, start.state, async ({ state }) => {
    files.push(await bytesOf(run, state, going.learner));
    return 'continue';
  })());
  return files;
};

const MOST_STEPS = 12;

interface Model {
  step: number;
  saved: number;
}

interface Real {
  readonly bench: Bench;
  readonly run: Configured;
  readonly files: readonly Uint8Array[];
  going: Going;
  life: number;
  state: Checkpoint['state'];
  saved: Uint8Array;
}

type Step = AsyncCommand<Model, Real>;
const step = (name: string, does: (model: Model, real: Real) => Promise<void>, can: (model: Model) => boolean = () => true): Step => ({ check: can, run: does, toString: () => name });

const resume = async (real: Real): Promise<void> => {
  const { arrays, state } = right(decodeCheckpoint(right(decodeSafetensors(real.saved))));
  await real.going.learner.restore(arrays);
  real.state = state;
};

const steps: ReadonlyArray<fc.Arbitrary<Step>> = [
  fc.integer({ min: 1, max: 3 }).map((count) => step(`train ${count}`, async (model, real) => {
    for (let i = 0; i < count; i++) real.state = right(await trainStep({ ...real.run, ...real.going }, real.state)()).state;
    model.step += count;
    equal(`the state after step ${model.step}`, await bytesOf(real.run, real.state, real.going.learner), real.files[model.step]);
  }, ({ step: at }) => at + count <= MOST_STEPS)),
  fc.constant(step('save', async (model, real) => {
    real.saved = await bytesOf(real.run, real.state, real.going.learner);
    model.saved = model.step;
  })),
  fc.constant(step('kill and resume', async (model, real) => {
    real.life += 1;
    real.going = await openRun(real.bench, real.run, real.life);
    await resume(real);
    model.step = model.saved;
  })),
  fc.constant(step('go back to what was saved', async (model, real) => {
    await resume(real);
    model.step = model.saved;
  })),
  fc.nat().map((seed) => step('evaluate', async (_, { run, going, state }) => {
    await going.evaluator.set('parameters', await going.learner.averages());
    const error = async () => heldOutError(going.evaluator, run.task, 12, 1000, seededRng(seed));
    const [first, second] = [await error(), await error()];
    ensure(Object.is(first, second) && Number.isFinite(first), () => `evaluated twice after step ${state.step}: ${first} and ${second}`);
  })),
  fc.nat(1_000_000).map((at) => step(`a bit of the file flips, at ${at}`, async (_, { saved }) => {
    const damaged = saved.slice();
    damaged[at % damaged.length] ^= 1 << (at % 8);
    const read = decodeSafetensors(damaged);
    if (E.isLeft(read) || read.right.metadata.checksum === undefined) return; // refused, or no longer told to have a checksum
    equal('a damaged file that is read', encodeSafetensors(read.right), saved);
  })),
];

const known = new WeakMap<Bench, Map<OptimiserKind, Promise<readonly Uint8Array[]>>>();

export const runLaws: readonly Law[] = [
  law({
    name: 'a run that is saved, killed, resumed, taken back and evaluated at any time is, after each step, the one that was never disturbed, to the bytes of its file',
    draw: () => fc.record({ optimizer: fc.constantFrom('adam' as const, 'rmsprop' as const, 'centred-rmsprop' as const), commands: fc.commands([...steps], { maxCommands: 12 }) }),
    holds: async ({ optimizer, commands }, bench) => {
      const run = runOf(optimizer);
      const files = known.get(bench) ?? new Map<OptimiserKind, Promise<readonly Uint8Array[]>>();
      known.set(bench, files);
      files.set(optimizer, files.get(optimizer) ?? undisturbed(bench, run, MOST_STEPS));
      const real: Real = { bench, run, files: await files.get(optimizer)!, going: await openRun(bench, run, 1), life: 1, state: freshRun(run).state, saved: (await files.get(optimizer)!)[0]! };
      await real.going.learner.restore(freshRun(run).arrays);
      await fc.asyncModelRun(() => ({ model: { step: 0, saved: 0 }, real }), commands);
    },
    tolerance: 'none: the same bytes',
  }),
];
