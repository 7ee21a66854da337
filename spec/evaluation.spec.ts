/** Evaluation counts what it says it counts: judged on answers made up for the purpose. */
import { describe, expect, it } from 'vitest';
import { evaluateCell, EXTRA_STEPS, heldOutError } from '../src/evaluation/evaluate.js';
import type { Machine, Run } from '../src/program/machine.js';
import { seededRng } from '../src/random.js';
import { copyTask } from '../src/tasks/copy.js';
import { repeatCopyTask } from '../src/tasks/repeat-copy.js';

const RANGE = { bits: 3, minLength: 1, maxLength: 4, minRepeats: 1, maxRepeats: 2 };

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

describe('evaluation', () => {
  it('finds nothing wrong in the target itself', async () => {
    const machine = oracle(5, 3, () => undefined);
    expect(await evaluateCell(machine, copyTask, RANGE, { length: 4, repeats: 1 }, 12, seededRng(1))).toMatchObject({ sequences: 12, wrongMean: 0, perfect: 1, endMark: null });
  });

  it('counts each wrong bit of each sequence once', async () => {
    const machine = oracle(2, 3, (y, { steps }) => {
      const last = (steps - 1) * 2 * 3;
      y[last] = 1 - y[last]!;
      y[last + 1] = 1 - y[last + 1]!;
    });
    const result = await evaluateCell(machine, copyTask, RANGE, { length: 2, repeats: 1 }, 8, seededRng(1));
    expect(result).toMatchObject({ wrongMean: 1, wrongMedian: 0, wrong95: 2, perfect: 0.5 });
    expect(await heldOutError(machine, copyTask, RANGE, 8, 10, seededRng(1))).toBe(1);
  });

  it('wants the end mark once: not again after the end', async () => {
    const repeat = repeatCopyTask('tenth');
    const again = oracle(1, 4, (y, { steps }) => {
      y[(steps - 1) * 4 + 3] = 1;
    });
    const cell = { length: 2, repeats: 2 };
    expect(EXTRA_STEPS).toBe(2);
    expect(await evaluateCell(again, repeat, RANGE, cell, 3, seededRng(1))).toMatchObject({ wrongMean: 0, endMark: 0, perfect: 0 });
    expect(await evaluateCell(oracle(1, 4, () => undefined), repeat, RANGE, cell, 3, seededRng(1))).toMatchObject({ endMark: 1, perfect: 1 });
  });
});
