/** What every machine promises, whatever it runs on. */
import { describe, expect, it } from 'vitest';
import { rectifier } from '../../kernels/feed-forward.js';
import { foldLanes, linear } from '../../kernels/linear.js';
import { softmax } from '../../kernels/softmax.js';
import { type Backend, openMachine } from '../../src/gpu/backends.js';
import { linearConstants } from '../../src/model/controller.js';
import { initialParameters } from '../../src/model/initialise.js';
import { recordTraining } from '../../src/model/ntm.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { record } from '../../src/program/graph.js';
import type { Machine } from '../../src/program/machine.js';
import { seededRng } from '../../src/random.js';
import { copyTask } from '../../src/tasks/copy.js';
import { type Batch, lossWeights } from '../../src/tasks/task.js';
import { getAll, parameterNames, setAll } from '../../src/training/learner.js';
import { compare } from '../oracle/differences.js';
import { eachBackend } from '../support/backends.js';

const SHAPE: ModelShape = { controller: 'lstm', inputs: 4, outputs: 3, hidden: 10, slots: 9, width: 5, legacyWriteAddressing: false };
const [PARAMETERS] = initialParameters(SHAPE)(seededRng(5));
const LIVELY = Object.fromEntries(Object.entries(PARAMETERS).map(([name, values]) => [name, values.map((v) => 2 * v)]));

const sequences = (batch: number, length: number, seed = 1): Batch => copyTask.sequences({ bits: 3, minLength: 1, maxLength: 20, minRepeats: 1, maxRepeats: 1 }, batch, length, 1)(seededRng(seed))[0];

const open = async (backend: Backend, batch: number, capacity = 9, program = recordTraining(SHAPE, 'rmsprop')): Promise<Machine> => {
  const machine = await openMachine(backend, program, { batch, capacity })();
  if (machine._tag === 'Left') throw new Error(machine.left.message);
  await setAll(machine.right, LIVELY);
  return machine.right;
};

const stepsOf = (given: Batch): number => given.inputSteps + given.answerSteps;

const differentiate = (machine: Machine, given: Batch): Promise<void> =>
  machine.run({ steps: stepsOf(given), inputs: { x: given.x, target: given.target, weight: lossWeights(given, SHAPE.outputs) }, sections: ['initialise', 'forward', 'backward', 'gradients'] });

const everything = async (machine: Machine, given: Batch) => {
  await differentiate(machine, given);
  return {
    y: await machine.rows('y', stepsOf(given)),
    memory: await machine.rows('memory', stepsOf(given)),
    gradients: await getAll(machine, parameterNames(SHAPE).map((name) => `d${name}`)),
  };
};

/** Sequence `b` of a batch, alone. */
const single = (given: Batch, b: number): Batch => {
  const pick = (values: Float32Array): Float32Array => {
    const width = values.length / (stepsOf(given) * given.batch);
    return Float32Array.from({ length: stepsOf(given) * width }, (_, i) => values[(Math.floor(i / width) * given.batch + b) * width + (i % width)]!);
  };
  return { ...given, batch: 1, x: pick(given.x), target: pick(given.target) };
};

eachBackend('a machine', (backend) => {
  it('gives the bits of a fresh one for lengths 1, 12, 3, 20 in turn', async () => {
    const machine = await open(backend, 2);
    for (const length of [1, 12, 3, 20]) {
      const given = sequences(2, length);
      const fresh = await open(backend, 2);
      expect(await everything(machine, given)).toEqual(await everything(fresh, given));
      await fresh.dispose();
    }
    await machine.dispose();
  });

  it('keeps batch rows apart: a batch of 3 is 3 single runs, and the mean of their gradients', async () => {
    const given = sequences(3, 4);
    const machine = await open(backend, 3);
    const together = await everything(machine, given);
    await machine.dispose();
    const alone = await open(backend, 1);
    const singles: Array<Awaited<ReturnType<typeof everything>>> = [];
    for (const b of [0, 1, 2]) singles.push(await everything(alone, single(given, b)));
    await alone.dispose();
    singles.forEach(({ y, memory }, b) => {
      const row = (values: Float32Array): Float32Array => single({ ...given, x: values, target: values }, b).x;
      expect(compare(row(together.y), y).largest).toBeLessThan(1e-6);
      expect(compare(row(together.memory), memory).largest).toBeLessThan(1e-6);
    });
    for (const [name, gradient] of Object.entries(together.gradients)) {
      const mean = gradient.map((_, i) => singles.reduce((sum, s) => sum + s.gradients[name]![i]!, 0) / 3);
      const { largest, scale } = compare(gradient, mean);
      expect(largest, name).toBeLessThan(1e-4 * scale + 1e-8);
    }
  });

  it('answers twice with the same bits, and leaves its inputs and earlier results alone', async () => {
    const given = sequences(2, 5);
    const before = { x: given.x.slice(), target: given.target.slice() };
    const machine = await open(backend, 2);
    const first = await everything(machine, given);
    const kept = { y: first.y.slice(), memory: first.memory.slice() };
    await everything(machine, sequences(2, 7, 2));
    expect({ y: first.y, memory: first.memory }).toEqual(kept);
    expect(await everything(machine, given)).toEqual(first);
    expect({ x: given.x, target: given.target }).toEqual(before);
    await machine.dispose();
  });

  it('lets arrays that nothing reads be set and got, as any other', async () => {
    const program = record((g) => {
      const x = g.input('x', [3]);
      g.input('unread', [3]);
      g.single('unused', [2, 3], 'parameter');
      g.single('untouched', [2], 'gradient');
      g.section('forward');
      g.expose('y', g.apply(rectifier.forward, [x], [3]));
    });
    const machine = await openMachine(backend, program, { batch: 1, capacity: 1 })();
    if (machine._tag === 'Left') throw new Error(machine.left.message);
    const { set, get, run, rows, dispose } = machine.right;
    await set('unused', Float32Array.of(1, 2, 3, 4, 5, 6));
    await run({ steps: 2, inputs: { x: Float32Array.of(1, 2, 3, 4, 5, 6), unread: new Float32Array(6).fill(7) }, sections: ['forward', 'gradients'] });
    expect([...(await get('unused'))]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...(await get('untouched'))]).toEqual([0, 0]);
    expect([...(await rows('unread', 2))]).toEqual([7, 7, 7, 7, 7, 7]);
    expect([...(await rows('y', 2))]).toEqual([1, 2, 3, 4, 5, 6]);
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
      const constants = linearConstants(1200, 0, 1300);
      const program = record((g) => {
        const w = g.single('w', [1201, 1300], 'parameter');
        const a = g.input('a', [1200]);
        const d = g.input('d', [1300]);
        g.section('forward');
        g.expose('y', g.apply(linear.forward, [a, w], [1300], constants));
        g.expose('da', g.apply(foldLanes, [g.apply(linear.backwardInput, [w, d], [1200, 4], constants)], [1200]));
      });
      const machine = await openMachine(backend, program, { batch: 1, capacity: 1 })();
      if (machine._tag === 'Left') throw new Error(machine.left.message);
      await machine.right.set('w', new Float32Array(1201 * 1300).fill(1));
      await machine.right.run({ steps: 1, inputs: { a: new Float32Array(1200).fill(1), d: new Float32Array(1300).fill(1) }, sections: ['forward'] });
      expect(new Set(await machine.right.rows('y', 1))).toEqual(new Set([1201]));
      expect(new Set(await machine.right.rows('da', 1))).toEqual(new Set([1300]));
      await machine.right.dispose();
    });

    it('a sum over 1500 slots', async () => {
      const program = record((g) => {
        const p = g.input('p', [2, 1500]);
        g.section('forward');
        g.expose('total', g.apply(softmax.total, [p], [2], { N: 1500, N4: 1500 }));
        g.expose('largest', g.apply(softmax.largest, [p], [2], { N: 1500, N4: 1500 }));
      });
      const machine = await openMachine(backend, program, { batch: 1, capacity: 1 })();
      if (machine._tag === 'Left') throw new Error(machine.left.message);
      await machine.right.run({ steps: 1, inputs: { p: Float32Array.from({ length: 3000 }, (_, i) => (i % 1500 === 1499 ? 2 : 1)) }, sections: ['forward'] });
      expect([...(await machine.right.rows('total', 1))]).toEqual([1501, 1501]);
      expect([...(await machine.right.rows('largest', 1))]).toEqual([2, 2]);
      await machine.right.dispose();
    });
  });
});
