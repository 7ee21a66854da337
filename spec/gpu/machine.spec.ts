/** What every machine promises, whatever it runs on; and, of what it has a state: spec/laws/machines.ts. */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type Array2, kernel, type Thread } from '../../kernels/kernel.js';
import { softmax } from '../../kernels/softmax.js';
import { type Backend, openMachine } from '../../src/gpu/backends.js';
import { initialParameters } from '../../src/model/initialise.js';
import { linearBackward, linearForward } from '../../src/model/linear.js';
import { recordTraining } from '../../src/model/ntm.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { type Program, record } from '../../src/program/graph.js';
import type { Machine } from '../../src/program/machine.js';
import { seededRng } from '../../src/random.js';
import { eachBackend } from '../support/backends.js';
import { copySequences, lossWeights, type Sequences } from '../support/sequences.js';
import { drawn } from '../support/values.js';

const SHAPE: ModelShape = {
  controller: 'lstm', inputs: 4, outputs: 3, hidden: 10, layers: 1, slots: 9, width: 5, readHeads: 2, writeHeads: 1, taps: 5, memoryInit: 'constant', legacyWriteAddressing: false,
};
const LIVELY = initialParameters(SHAPE)(seededRng(5))[0].map((v) => 2 * v);

const sequences = (batch: number, length: number, seed = 1): Sequences => drawn(seed, (draw) => copySequences(draw, 3, batch, length));
const stepsOf = ({ mask, batch }: Sequences): number => mask.length / batch;

const openProgram = async (backend: Backend, program: Program, batch: number, capacity: number): Promise<Machine> => {
  const machine = await openMachine(backend, program, { batch, capacity })();
  if (E.isLeft(machine)) throw new Error(machine.left.message);
  return machine.right;
};

const open = async (backend: Backend, batch: number): Promise<Machine> => {
  const machine = await openProgram(backend, recordTraining(SHAPE, 'rmsprop'), batch, 9);
  await machine.set('parameters', LIVELY);
  return machine;
};

const differentiate = (machine: Machine, given: Sequences): Promise<void> =>
  machine.run({ steps: stepsOf(given), inputs: { x: given.input, target: given.target, weight: lossWeights(given.mask, SHAPE.outputs) }, sections: ['initialise', 'forward', 'backward', 'gradients'] });

const same = kernel('the same', 'a [B, X] -> [B, X]', function (this: Thread, a: Array2): number {
  return a[this.thread.y][this.thread.x];
});

eachBackend('a machine', (backend) => {
  it('lets arrays that nothing reads be set and got, as any other', async () => {
    const program = record((recorder) => {
      const a = recorder.input('x', [3]);
      recorder.input('unread', [3]);
      recorder.single('unused', [2, 3], 'parameter');
      recorder.single('untouched', [2], 'gradient');
      recorder.section('forward');
      recorder.expose('y', recorder.apply(same, { a }));
    });
    const { set, get, run, rows, dispose } = await openProgram(backend, program, 1, 1);
    await set('unused', Float32Array.of(1, 2, 3, 4, 5, 6));
    await run({ steps: 2, inputs: { x: Float32Array.of(1, 2, 3, 4, 5, 6), unread: new Float32Array(6).fill(7) }, sections: ['forward', 'gradients'] });
    expect([...(await get('unused'))]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...(await get('untouched'))]).toEqual([0, 0]);
    expect([...(await rows('unread', 2))]).toEqual([7, 7, 7, 7, 7, 7]);
    expect([...(await rows('y', 2))]).toEqual([1, 2, 3, 4, 5, 6]);
    await dispose();
  });

  it('runs a call whose every input is a state of the step before, and one without inputs', async () => {
    const blank = kernel('half', '-> [B, X]', function (this: Thread): number {
      return 0.5;
    });
    const half = kernel('half of it', 'a [B, X], b [B, X] -> [B, X]', function (this: Thread, a: Array2, b: Array2): number {
      return a[this.thread.y][this.thread.x] * b[this.thread.y][this.thread.x];
    });
    const program = record((recorder) => {
      const state = recorder.carryForward(recorder.apply(blank, {}, { X: 3 }));
      recorder.section('forward');
      const next = recorder.apply(half, { a: state.previous, b: recorder.apply(blank, {}, { X: 3 }) });
      state.bind(next);
      recorder.expose('state', next);
    });
    const { run, rows, dispose } = await openProgram(backend, program, 2, 3);
    await run({ steps: 3, inputs: {}, sections: ['initialise', 'forward'] });
    expect([...(await rows('state', 3))]).toEqual([1 / 4, 1 / 8, 1 / 16].flatMap((v) => new Array<number>(6).fill(v)));
    await dispose();
  });

  it('holds no more arrays or kernels after 60 runs of mixed lengths, and none after dispose', async () => {
    const machine = await open(backend, 1);
    const kernels = new Set<number>();
    const arrays: number[] = [];
    await differentiate(machine, sequences(1, 3));
    for (const length of Array.from({ length: 12 }, () => [3, 1, 4, 2, 3]).flat()) {
      await differentiate(machine, sequences(1, length));
      kernels.add(machine.resources().kernels);
      if (length === 3) arrays.push(machine.resources().arrays);
    }
    expect(kernels.size).toBe(1);
    expect(new Set(arrays).size).toBe(1);
    await machine.dispose();
    expect(machine.resources().arrays).toBe(0);
  });
});

describe('long reductions are never cut', () => {
  eachBackend('', (backend) => {
    it('a linear layer of 1200 inputs and 1300 results', async () => {
      const program = record((recorder) => {
        const [weights, a, d] = [recorder.single('w', [1201, 1300], 'parameter'), recorder.input('a', [1200]), recorder.input('d', [1300])];
        recorder.section('forward');
        const { out, saved } = linearForward(recorder, weights, [a]);
        recorder.expose('y', out);
        recorder.expose('da', linearBackward(recorder, saved, d, 0, 1200));
      });
      const machine = await openProgram(backend, program, 1, 1);
      await machine.set('w', new Float32Array(1201 * 1300).fill(1));
      await machine.run({ steps: 1, inputs: { a: new Float32Array(1200).fill(1), d: new Float32Array(1300).fill(1) }, sections: ['forward'] });
      expect(new Set(await machine.rows('y', 1))).toEqual(new Set([1201]));
      expect(new Set(await machine.rows('da', 1))).toEqual(new Set([1300]));
      await machine.dispose();
    });

    it('a sum over 1500 slots', async () => {
      const program = record((recorder) => {
        const p = recorder.input('p', [2, 1500]);
        recorder.section('forward');
        recorder.expose('total', recorder.apply(softmax.total, { p }));
        recorder.expose('largest', recorder.apply(softmax.largest, { z: p }));
      });
      const machine = await openProgram(backend, program, 1, 1);
      await machine.run({ steps: 1, inputs: { p: Float32Array.from({ length: 3000 }, (_, i) => (i % 1500 === 1499 ? 2 : 1)) }, sections: ['forward'] });
      expect([...(await machine.rows('total', 1))]).toEqual([1501, 1501]);
      expect([...(await machine.rows('largest', 1))]).toEqual([2, 2]);
      await machine.dispose();
    });
  });
});
