/** Training as a whole: it learns, it repeats itself exactly, it goes on exactly, and it stops at nonsense. */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type Backend, openMachine } from '../../src/gpu/backends.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.js';
import { recordInference, recordTraining } from '../../src/model/ntm.js';
import { unpackParameters } from '../../src/model/state-dict.js';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/training/checkpoint.js';
import { type Configured, longestRun, shapeOf } from '../../src/training/configuration.js';
import { freshRun } from '../../src/training/start.js';
import { type Arrays, type Learner, learnerOf } from '../../src/training/learner.js';
import { type Report, train, type Trainer, type TrainingState } from '../../src/training/trainer.js';
import { parallelLearner } from '../../src/workers/parallel.js';
import { configured } from '../support/configured.js';

const right = <A>(either: E.Either<{ message: string } | string, A>): A => {
  if (E.isLeft(either)) throw new Error(typeof either.left === 'string' ? either.left : either.left.message);
  return either.right;
};

const TINY = { hidden: 20, slots: 8, width: 4, bits: 3, maxLength: 4, batch: 2, untilSolved: false } as const;
const tiny = (changes: object = {}): Configured => configured({ ...TINY, ...changes });

const openLearner = async (given: Configured, backend: Backend, threads = 1): Promise<Learner> => {
  const { configuration: c } = given;
  const shape = shapeOf(given);
  const capacity = longestRun(given);
  if (threads > 1) return parallelLearner({ shape, optimiser: c.optimizer, batch: c.batch, capacity, threads });
  return learnerOf(right(await openMachine(backend, recordTraining(shape, c.optimizer), { batch: c.batch, capacity })()), shape, c.optimizer);
};

interface Trained {
  readonly reports: readonly Report[];
  readonly state: TrainingState;
  readonly arrays: Arrays;
  readonly error: string | null;
}

const run = async ({ configuration, task, state, arrays }: Checkpoint, { backend = 'webasm' as Backend, threads = 1 } = {}): Promise<Trained> => {
  const given: Configured = { configuration, task };
  const learner = await openLearner(given, backend, threads);
  await learner.restore(arrays);
  const evaluator = right(await openMachine(backend, recordInference(shapeOf(given)), { batch: 10, capacity: longestRun(given) })());
  const trainer: Trainer = { ...given, learner, evaluator };
  const reports: Report[] = [];
  const result = await train(trainer, state, async (report) => {
    reports.push(report);
    return 'continue';
  })();
  const after = await learner.snapshot();
  await learner.dispose();
  await evaluator.dispose();
  return { reports, state: E.isRight(result) ? result.right : result.left.last, arrays: after, error: E.isLeft(result) ? result.left.message : null };
};

const losses = ({ reports }: Trained): readonly number[] => reports.map(({ loss }) => loss);

describe('training', () => {
  it('lowers the loss of a tiny copy task within seconds', async () => {
    const { reports } = await run(freshRun(tiny({ iterations: 1500 })));
    const mean = (part: readonly Report[]): number => part.reduce((sum, { loss }) => sum + loss, 0) / part.length;
    expect(mean(reports.slice(-50))).toBeLessThan(0.7 * mean(reports.slice(0, 50)));
  });

  it('gives the same losses for the same seed, and others for another', async () => {
    const first = await run(freshRun(tiny({ iterations: 30 })));
    await run(freshRun(tiny({ iterations: 10, hidden: 12 })));
    const again = await run(freshRun(tiny({ iterations: 30 })));
    const other = await run(freshRun(tiny({ iterations: 30, seed: 2 })));
    expect(losses(again)).toEqual(losses(first));
    expect(losses(other)).not.toEqual(losses(first));
  });

  it.each(['rmsprop', 'centred-rmsprop', 'adam'] as const)('goes on exactly from a checkpoint: 20 + 20 steps are 40, with %s', async (optimizer) => {
    const straight = await run(freshRun(tiny({ iterations: 40, optimizer })));
    const half = await run(freshRun(tiny({ iterations: 20, optimizer })));
    const bytes = encodeSafetensors(encodeCheckpoint({ ...tiny({ iterations: 40, optimizer }), state: half.state, arrays: half.arrays }));
    const rest = await run(right(decodeCheckpoint(right(decodeSafetensors(bytes)))));
    expect(rest.state).toEqual(straight.state);
    expect(rest.arrays).toEqual(straight.arrays);
    expect([...losses(half), ...losses(rest)]).toEqual(losses(straight));
  });

  it('changes every parameter in one step', async () => {
    const begin = freshRun(tiny({ iterations: 1, batch: 1, readHeads: 2, writeHeads: 2, layers: 2, memoryInit: 'learned' }));
    const { arrays } = await run(begin);
    const [before, after] = [begin.arrays, arrays].map(({ parameters }) => unpackParameters(shapeOf(begin), parameters!));
    const unchanged = [...before!].filter(([name, { data }]) => data.every((value, i) => value === after!.get(name)!.data[i])).map(([name]) => name);
    expect(unchanged).toEqual([]);
  });

  it('leaves random memory as it was drawn', async () => {
    const begin = freshRun(tiny({ iterations: 3, memoryInit: 'random' }));
    const { arrays } = await run(begin);
    const memory = ({ parameters }: Arrays): Float32Array => unpackParameters(shapeOf(begin), parameters!).get('memory.initial_state')!.data;
    expect(memory(arrays)).toEqual(memory(begin.arrays));
  });

  it('stops when it diverges, naming the step and the option', async () => {
    const { error, state } = await run(freshRun(tiny({ iterations: 50, optimizer: 'rmsprop', learningRate: 1e30, maxNorm: 0, annealBelow: 0 })));
    expect(error).toMatch(/step \d+.*--learning-rate/);
    expect(state.step).toBeLessThan(50);
  });

  it.each([
    ['only length 1', { maxLength: 1 }],
    ['fewer slots than vectors', { slots: 3, maxLength: 10 }],
    ['a feed-forward controller, batch 1', { controller: 'feed-forward', batch: 1 }],
    ['a feed-forward controller, batch 4', { controller: 'feed-forward', batch: 4 }],
    ['a GRU, two heads of each kind, five taps', { controller: 'gru', readHeads: 2, writeHeads: 2, taps: 5 }],
    ['three LSTM layers and no memory', { controller: 'none', layers: 3 }],
    ['the paper’s optimiser', { preset: 'paper' }],
  ])('runs with %s', async (_, changes) => {
    const { reports, error } = await run(freshRun(tiny({ iterations: 5, ...changes })));
    expect(error).toBeNull();
    expect(reports.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });

  it('stays finite for 200 steps at memory 50x512', async () => {
    const { error, state } = await run(freshRun(tiny({ slots: 50, width: 512, iterations: 200, maxLength: 2 })));
    expect(error).toBeNull();
    expect(state.step).toBe(200);
  });

  it('does not depend on how many threads share a batch, but for rounding', async () => {
    const alone = await run(freshRun(tiny({ iterations: 10, batch: 5 })));
    const shared = await run(freshRun(tiny({ iterations: 10, batch: 5 })), { threads: 2 });
    const again = await run(freshRun(tiny({ iterations: 10, batch: 5 })), { threads: 2 });
    losses(shared).forEach((loss, i) => expect(loss).toBeCloseTo(losses(alone)[i]!, 4));
    expect(again.arrays).toEqual(shared.arrays);
  });
});
