/** Evaluation counts what it says it counts: judged on answers made up for the purpose. */
import { describe, expect, it } from 'vitest';
import { answer, evaluateCell, heldOutError } from '../src/evaluation/evaluate.js';
import type { Machine, Run } from '../src/program/machine.js';
import { seededRng } from '../src/random.js';
import { longest } from '../src/tasks/cells.js';
import { defineTask } from '../src/tasks/definition.js';
import { builtIn } from '../src/tasks/index.js';
import { withSettings } from './support/batches.js';

const COPY = withSettings(builtIn.copy, { bits: 3, maxLength: 4 });

/** A machine that answers the target, changed by `spoil` (outputs [steps, batch, V]). */
const oracle = (batch: number, channels: number, spoil: (outputs: Float32Array, run: Run) => void): Machine => {
  let outputs = new Float32Array();
  return {
    batch,
    capacity: 100,
    run: async (run) => {
      outputs = run.inputs.target!.slice();
      spoil(outputs, run);
    },
    rows: async (name, steps) => (name === 'y' ? outputs : new Float32Array(2 * steps * batch)),
    set: async () => undefined,
    get: async () => new Float32Array(channels),
    profile: () => [],
    resources: () => ({ arrays: 0, kernels: 0 }),
    dispose: async () => undefined,
  };
};

/** Echoes of one bit whose answers are as far from solved as they say: the target at the first step. */
const measured = (solvedBy: string) =>
  defineTask({
    name: 'measured',
    inputs: 1,
    outputs: 1,
    cells: { length: [1, 2] },
    sequence: ({ length }, { integer }) => ({ input: Array.from({ length }, () => [integer(0, 1)]), answer: [[1]] }),
    measures: [{ name: 'distance', unit: 'bits', of: ({ outputs, batch }, b) => outputs[(batch.steps - 1) * batch.batch + b]! - 2 }],
    solved: { measure: solvedBy, below: 0.5 },
  });

describe('evaluation', () => {
  it('finds nothing wrong in the target itself', async () => {
    const machine = oracle(5, 3, () => undefined);
    expect(await evaluateCell(machine, COPY, longest(COPY.distribution), 12, seededRng(1))).toMatchObject({ cell: { length: 4 }, sequences: 12, wrongMean: 0, perfect: 1, own: {} });
  });

  it('counts each wrong bit of each sequence once', async () => {
    const machine = oracle(2, 3, (y, { steps }) => {
      const last = (steps - 1) * 2 * 3;
      y[last] = 1 - y[last]!;
      y[last + 1] = 1 - y[last + 1]!;
    });
    const result = await evaluateCell(machine, COPY, { length: 2 }, 8, seededRng(1));
    expect(result).toMatchObject({ wrongMean: 1, wrongMedian: 0, wrong95: 2, perfect: 0.5 });
    expect(await heldOutError(machine, COPY, 8, 10, seededRng(1))).toBe(1);
  });

  it('wants the end mark once: not again after the end', async () => {
    const repeat = withSettings(builtIn.repeatCopy, { bits: 3 });
    const again = oracle(1, 4, (y, { steps }) => {
      y[(steps - 1) * 4 + 3] = 1;
    });
    const cell = { length: 2, repeats: 2 };
    expect(repeat.more).toBe(2);
    expect(await evaluateCell(again, repeat, cell, 3, seededRng(1))).toMatchObject({ wrongMean: 0, own: { 'end mark': 0 }, perfect: 0 });
    expect(await evaluateCell(oracle(1, 4, () => undefined), repeat, cell, 3, seededRng(1))).toMatchObject({ own: { 'end mark': 1 }, perfect: 1 });
  });

  it('stops early once wrong bits cannot come below the limit', async () => {
    let runs = 0;
    const wrong = oracle(10, 3, (y) => {
      runs++;
      y.forEach((value, i) => (y[i] = 1 - value));
    });
    await heldOutError(wrong, COPY, 1000, 0.01, seededRng(1));
    expect(runs).toBe(1);
  });

  it('follows a measure that may be negative to the end, unless chance cannot bring it below the limit', async () => {
    let runs = 0;
    const answering = (value: number): Machine => oracle(10, 1, (y) => void (runs++, y.fill(value)));
    expect(await heldOutError(answering(1), measured('distance'), 200, 0.5, seededRng(1))).toBe(-1);
    expect(runs).toBe(20);
    runs = 0;
    expect(await heldOutError(answering(3), measured('distance'), 200, 0.5, seededRng(1))).toBe(1);
    expect(runs).toBe(10);
  });

  it('runs long sequences in chunks, and sees each', async () => {
    const seen: (readonly [number, number])[] = [];
    const given: Run[] = [];
    const chunked: Machine = { ...oracle(2, 3, () => undefined), capacity: 4, run: async (run) => void given.push(run), rows: async (name, steps) => new Float32Array(steps * 2 * (name === 'y' ? 3 : 2)) };
    const [batch] = COPY.heldOut({ length: 4 }, 2)(seededRng(1));
    const { outputs, nats } = await answer(chunked, COPY, batch, async (from, count) => void seen.push([from, count]));
    expect(seen).toEqual([[0, 4], [4, 4], [8, 1]]);
    expect(given.map(({ resume }) => resume)).toEqual([false, true, true]);
    expect([outputs.length, nats!.length]).toEqual([9 * 2 * 3, 9 * 2]);
  });
});
