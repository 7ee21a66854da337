/** More memory slots than a model was trained with: nothing changes until a head reaches them. */
import * as E from 'fp-ts/lib/Either.js';
import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { infer, type Inference } from '../../src/evaluation/infer.js';
import { openMachine } from '../../src/gpu/backends.js';
import { initialParameters } from '../../src/model/initialise.js';
import type { Model } from '../../src/model/inspect.js';
import { recordInference } from '../../src/model/ntm.js';
import { type ModelShape, SEED_SIZES } from '../../src/model/shapes.js';
import { withSlots } from '../../src/model/slots.js';
import { packParameters, unpackParameters } from '../../src/model/state-dict.js';
import { seededRng } from '../../src/random.js';

const BATCH = 2;
const STEPS = 6;

const enlarge = (model: Model, slots: number): Model => {
  const result = withSlots(model, slots);
  if (E.isLeft(result)) throw new Error(result.left);
  return result.right;
};

const run = async (model: Model, input: Float32Array): Promise<Inference> => {
  const opened = await openMachine('webasm', recordInference(model.shape), { batch: BATCH, capacity: STEPS })();
  if (E.isLeft(opened)) throw new Error(opened.left.message);
  const result = await infer(opened.right, model, input, 0);
  await opened.right.dispose();
  return result;
};

/** A model whose heads begin at the first slot and go a slot a step: gates shut, the last tap alone. */
const walker = (shape: ModelShape): Model => {
  const [drawn] = initialParameters(shape, { focus: 40 })(seededRng(3));
  const values = unpackParameters(shape, drawn);
  const bias = (name: string, length: number): Float32Array | null => {
    if (name.endsWith('g_layer.bias')) return new Float32Array(length).fill(-40);
    return name.endsWith('s_layer.bias') ? Float32Array.from({ length }, (_, j) => (j === length - 1 ? 40 : 0)) : null;
  };
  return {
    shape,
    parameters: packParameters(shape, ({ name }) => {
      const { data } = values.get(name)!;
      return bias(name, data.length) ?? (/[gs]_layer.weight$/.test(name) ? new Float32Array(data.length) : data);
    }),
  };
};

describe('more slots', () => {
  const shape: ModelShape = { ...SEED_SIZES, inputs: 3, outputs: 2, hidden: 5, slots: 16, width: 4, readHeads: 2, writeHeads: 2 };
  const input = Float32Array.from({ length: STEPS * BATCH * 3 }, (_, i) => Math.sin(i));

  it('a model that stays among its own slots gives the same outputs, and looks at the same slots', async () => {
    const small = await run(walker(shape), input);
    const large = await run(enlarge(walker(shape), 21), input);
    large.outputs.forEach((y, i) => expect(y).toBeCloseTo(small.outputs[i]!, 5));
    const rows = small.writeWeighting.length / 16;
    for (let row = 0; row < rows; row++) {
      const [before, after] = [small.writeWeighting.subarray(row * 16, row * 16 + 8), large.writeWeighting.subarray(row * 21, row * 21 + 8)];
      before.forEach((w, n) => expect(after[n]).toBeCloseTo(w, 5));
    }
  });

  it('every weight is where it was, and initial weightings keep their order round the ring', () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 40 }), fc.nat(), fc.constantFrom('constant' as const, 'learned' as const), (slots, seed, memoryInit) => {
        const model: Model = { shape: { ...shape, memoryInit }, parameters: initialParameters({ ...shape, memoryInit }, { focus: 5 })(seededRng(seed))[0] };
        const [before, after] = [model, enlarge(model, slots)].map((each) => unpackParameters(each.shape, each.parameters));
        for (const [name, { data }] of before!) {
          const now = after!.get(name)!.data;
          if (name.endsWith('._initial_state')) {
            expect([...now].filter((logit) => logit > -50)).toEqual([...data]);
            expect(now).toHaveLength(slots);
          } else if (name !== 'memory.initial_state') {
            expect(now).toEqual(data);
          }
        }
      }),
      { seed: inject('seed'), numRuns: 100 },
    );
  });

  it('refuses fewer slots, and a model without memory', () => {
    const model: Model = { shape, parameters: initialParameters(shape)(seededRng(1))[0] };
    expect(withSlots(model, 15)).toEqual(E.left(expect.stringMatching(/16 slots.*15/)));
    const bare: ModelShape = { ...shape, controller: 'none' };
    expect(withSlots({ shape: bare, parameters: initialParameters(bare)(seededRng(1))[0] }, 20)).toEqual(E.left(expect.stringMatching(/no memory/)));
  });
});
