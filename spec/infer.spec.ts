/** Inference in chunks is inference in one run, on every backend. */
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { infer, type Inference, stepsWithin } from '../src/evaluation/infer.js';
import { openMachine } from '../src/gpu/backends.js';
import { initialParameters } from '../src/model/initialise.js';
import { recordInference } from '../src/model/ntm.js';
import { type ModelShape, SEED_SIZES } from '../src/model/shapes.js';
import { sizeOf } from '../src/program/graph.js';
import { seededRng } from '../src/random.js';
import { compare } from './oracle/differences.js';
import { eachBackend } from './support/backends.js';

const BATCH = 2;

/** A row's sums may be added up in another order when fewer rows are computed at once. */
const ROUNDING = 1e-6;

const SHAPES: ReadonlyArray<readonly [string, Partial<ModelShape>]> = [
  ['one head of each kind', {}],
  ['several heads and layers', { layers: 2, readHeads: 2, writeHeads: 3, taps: 5, memoryInit: 'learned' }],
  ['a GRU', { controller: 'gru', readHeads: 2 }],
  ['a feed-forward controller', { controller: 'feed-forward' }],
  ['no memory', { controller: 'none', layers: 3 }],
];

eachBackend('inference in chunks', (backend) => {
  it.each(SHAPES)('%s', async (_, changes) => {
    const shape: ModelShape = { ...SEED_SIZES, inputs: 3, outputs: 2, hidden: 7, slots: 9, width: 4, ...changes };
    const model = { shape, parameters: initialParameters(shape, { focus: 2 })(seededRng(4))[0] };
    const program = recordInference(shape);
    const input = Float32Array.from({ length: 6 * BATCH * 3 }, (__, i) => Math.cos(3 * i));
    const inChunks = async (capacity: number): Promise<Inference> => {
      const opened = await openMachine(backend, program, { batch: BATCH, capacity })();
      if (E.isLeft(opened)) throw new Error(opened.left.message);
      const twice = await infer(opened.right, model, input, 5);
      expect(await infer(opened.right, model, input, 5)).toEqual(twice);
      await opened.right.dispose();
      return twice;
    };
    const whole = await inChunks(11);
    expect(whole.outputs).toHaveLength(11 * BATCH * 2);
    for (const capacity of [1, 4]) {
      const chunked = await inChunks(capacity);
      for (const name of ['outputs', 'readWeighting', 'writeWeighting', 'memory'] as const) {
        expect(chunked[name]).toHaveLength(whole[name].length);
        expect(compare(chunked[name], whole[name]).largest, name).toBeLessThan(ROUNDING);
      }
    }
  });
});

it('a chunk takes no more bytes than it may', () => {
  const program = recordInference({ ...SEED_SIZES, inputs: 9, outputs: 8 });
  const row = program.tensors.filter(({ domain }) => domain === 'step').reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  expect(stepsWithin(program, 3, 100 * 3 * row)).toBe(100);
  expect(stepsWithin(program, 3, 1)).toBe(1);
});
