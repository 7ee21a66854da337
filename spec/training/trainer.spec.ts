/** When a run is solved, when it comes undone and when it ends, with a learner and a model that do as they are told. */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { Machine, Run } from '../../src/program/machine.js';
import { seededRng } from '../../src/random.js';
import type { Batch } from '../../src/tasks/sequences.js';
import { type Definition, defineTask } from '../../src/tasks/definition.js';
import type { Configured } from '../../src/training/configuration.js';
import type { Learner, Losses } from '../../src/training/learner.js';
import { initialState, train, type TrainingState } from '../../src/training/trainer.js';
import { configured } from '../support/configured.js';

const GOOD: Losses = { loss: 1e-3, wrongBits: 0, gradientNorm: 0.1 };

const resources = { resources: () => ({ arrays: 0, kernels: 0 }), dispose: async () => undefined };

interface Script {
  /** Losses of an iteration. */
  readonly losses?: (step: number) => Losses;
  /** Bits that the model gets wrong in each batch of 200 that is evaluated after an iteration. */
  readonly wrong?: (step: number) => number;
  /** Instead of copy up to length 2. */
  readonly task?: Pick<Configured, 'task'>;
  readonly targets?: 'expected';
}

const BATCH = 200;

const follow = async ({ losses = () => GOOD, wrong = () => 0, task, targets }: Script, iterations: number): Promise<{ state: TrainingState; error: string | null; trained: Batch | null }> => {
  let step = 0;
  let trained: Batch | null = null;
  const learner: Learner = {
    ...resources,
    train: async (batch) => {
      trained = batch;
      return losses(++step);
    },
    averages: async () => new Float32Array(),
    snapshot: async () => ({}),
    restore: async () => undefined,
  };
  let last: Run | undefined;
  const evaluator: Machine = {
    ...resources,
    batch: BATCH,
    capacity: 100,
    set: async () => undefined,
    get: async () => new Float32Array(0),
    run: async (run) => void (last = run),
    rows: async (name, steps) => {
      if (name !== 'y') return new Float32Array(2 * steps * BATCH);
      const { target } = last!.inputs;
      const inFirstAnswers = target!.length - wrong(step);
      return target!.map((bit, i) => (i >= inFirstAnswers ? 1 - bit : bit));
    },
    profile: () => [],
  };
  const usual = configured({ maxLength: 2, iterations });
  const run = { ...usual, ...task, configuration: { ...usual.configuration, ...(targets && { targets }) } };
  const result = await train({ ...run, learner, evaluator }, initialState(seededRng(1), run.configuration), async () => 'continue')();
  return E.isRight(result) ? { state: result.right, error: null, trained } : { state: result.left.last, error: result.left.message, trained };
};

it('ends once three evaluations were good and three more without a wrong bit', async () => {
  const { state } = await follow({}, 9000);
  expect(state).toMatchObject({ step: 600, solvedAt: 1200, flawless: 3 });
});

it('waits 5,000 iterations for the longest sequences to be flawless', async () => {
  const { state } = await follow({ wrong: () => 1 }, 9000);
  expect(state).toMatchObject({ step: 5300, solvedAt: 1200, flawless: 0 });
});

it('is not solved by two good evaluations and a bad one', async () => {
  const { state } = await follow({ wrong: (step) => (step % 300 === 0 ? 3 : 0) }, 2000);
  expect(state.solvedAt).toBeNull();
});

it('goes on when what was solved comes undone', async () => {
  const { state } = await follow({ wrong: (step) => (step === 400 ? BATCH : 0) }, 9000);
  expect(state).toMatchObject({ step: 1000, solvedAt: 2800, flawless: 3 });
});

it.each([
  ['a loss without bounds', { ...GOOD, loss: 150 }],
  ['a loss that is no number', { ...GOOD, loss: NaN }],
  ['a gradient that is not finite', { ...GOOD, gradientNorm: null }],
])('leaves out %s, and ends after 20 in a row', async (_, bad) => {
  const once = await follow({ losses: (step) => (step % 20 === 0 ? bad : GOOD) }, 90);
  expect(once.error).toBeNull();
  expect(once.state).toMatchObject({ step: 90, skipped: 0 });
  expect(once.state.runningLoss).toBeCloseTo(GOOD.loss, 6);
  const always = await follow({ losses: (step) => (step > 10 ? bad : GOOD) }, 90);
  expect(always.error).toMatch(/step 30:.*20th.*--learning-rate/);
  expect(always.state.step).toBe(29);
});

const named = (solved: Definition['solved']): Pick<Configured, 'task'> => ({
  task: defineTask({
    name: 'named',
    inputs: 1,
    outputs: 1,
    cells: { length: [1, 2] },
    sequence: ({ length }) => ({ input: Array.from({ length }, () => [1]), answer: [[1]] }),
    measures: [{ name: 'far', unit: 'bits', of: () => -1 }],
    ...(solved && { solved }),
  }),
});

it('ends when a task is solved by a measure of its own: none is flawless by that', async () => {
  const { state } = await follow({ task: named({ measure: 'far', below: 0 }), wrong: () => BATCH }, 9000);
  expect(state).toMatchObject({ step: 300, solvedAt: 1200, flawless: 0 });
});

it('takes a task\'s own limits', async () => {
  const patient = await follow({ task: named({ below: 1.5 }), wrong: (step) => (step < 250 ? BATCH : 0) }, 9000);
  expect(patient.state).toMatchObject({ solvedAt: 1200 });
  const unseen = await follow({ task: named({ lookBelow: 0 }) }, 400);
  expect(unseen.state).toMatchObject({ solvedAt: null, evaluations: 0 });
});

describe('where a task knows the best answers', () => {
  const guess = 0.25;
  const task = defineTask({
    name: 'half known',
    inputs: 1,
    outputs: 1,
    cells: { length: [1, 1] },
    sequence: () => ({ input: [[1]], answer: [[1], [0]] }),
    reference: ({ steps }) => Float32Array.from({ length: steps }, () => guess),
    solved: { lookBelow: 0.02 },
  });
  const drawn = -(Math.log(guess) + Math.log(1 - guess)) / 2;
  const expected = -(guess * Math.log(guess) + (1 - guess) * Math.log(1 - guess));

  it.each([['drawn', drawn, [1, 0]], ['expected', expected, [guess, guess]]] as const)('the rate follows the loss above theirs; towards what is %s', async (targets, least, aims) => {
    const { state, trained } = await follow({ task: { task }, losses: () => ({ ...GOOD, loss: least + 0.01 }), wrong: () => BATCH, ...(targets === 'expected' && { targets }) }, 90);
    expect(state.runningLoss).toBeCloseTo(least + 0.01, 6);
    expect(state.runningExcess).toBeCloseTo(0.01, 6);
    const answered = [...trained!.mask].map((counts, row) => (counts === 1 ? trained!.target[row]! : null));
    expect(new Set(answered.filter((value) => value !== null))).toEqual(new Set(aims));
  });

  it('it is looked at once the loss comes near theirs', async () => {
    const at = async (excess: number): Promise<number> => (await follow({ task: { task }, losses: () => ({ ...GOOD, loss: drawn + excess }) }, 150)).state.evaluations;
    expect([await at(0.03), await at(0.01)]).toEqual([0, 1]);
  });
});
