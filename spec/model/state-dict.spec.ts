/** PyTorch's names: every number of a model is in its state dict once, and the dict tells the architecture. */
import * as E from 'fp-ts/lib/Either.js';
import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { columnsOf } from '../../src/model/heads.js';
import { initialParameters } from '../../src/model/initialise.js';
import { inspectShape, readParameters } from '../../src/model/inspect.js';
import { layoutOf } from '../../src/model/parameters.js';
import { normalShape, partsOf } from '../../src/model/parts.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { parameterCount, stateEntries, unpackParameters } from '../../src/model/state-dict.js';
import { sizeOf } from '../../src/program/graph.js';
import { seededRng } from '../../src/random.js';
import { decodeModel, encodeModel } from '../../src/training/checkpoint.js';
import { models, shapeOf } from '../arbitraries/shapes.js';

const shapes: fc.Arbitrary<ModelShape> = fc
  .tuple(models, fc.constantFrom('constant' as const, 'random' as const, 'learned' as const))
  .map(([model, memoryInit]) => normalShape({ ...shapeOf(model), memoryInit }));

const check = (property: (shape: ModelShape) => void): void => fc.assert(fc.property(shapes, property), { seed: inject('seed'), numRuns: 100 });

describe('state dict', () => {
  it('has every number of every parameter exactly once, and leaves the padding alone', () => {
    check((shape) => {
      const { layout, parameters } = partsOf(shape);
      const positions = stateEntries(shape).flatMap((entry) => Array.from({ length: sizeOf(entry.shape) }, (_, i) => entry.position(i, layout.place)));
      const numbers = parameters.reduce((sum, each) => sum + sizeOf(each.shape), 0);
      expect([...positions].sort((a, b) => a - b)).toEqual(Array.from({ length: numbers }, (_, i) => i));
      expect(parameterCount(shape)).toBe(numbers + layout.padding);
    });
  });

  it('columns of the heads follow one another', () => {
    check((shape) => {
      columnsOf(shape).reduce((end, { at, heads, size, shape: of }) => {
        expect(at).toBe(end);
        expect(sizeOf(of)).toBe(heads * size);
        return at + heads * size;
      }, 0);
    });
  });

  it('refuses legacy write addressing with more heads than one of each kind', () => {
    check((shape) => {
      fc.pre(shape.controller !== 'none' && shape.readHeads + shape.writeHeads > 2);
      const file = encodeModel({ shape, parameters: initialParameters(shape)(seededRng(3))[0] });
      expect(decodeModel(file, true)).toEqual(E.left(expect.stringMatching(/one read and one write head.*this model has \d and \d/)));
    });
  });

  it('refuses tensors that leave no room for the task’s input, and shifts of an even number of taps or of more than there are slots', () => {
    check((shape) => {
      fc.pre(shape.controller !== 'none');
      const { inputs, readHeads: R, width: M, slots: N, taps: S } = shape;
      const tensors = unpackParameters(shape, initialParameters(shape)(seededRng(3))[0]);
      const head = R === 1 ? 'read_head' : 'read_heads.0';
      const faultWith = (name: string, sizes: readonly number[]): unknown => inspectShape(new Map([...tensors, [name, { shape: sizes, data: new Float32Array(0) }]]));
      const read = R * (M + inputs);
      expect(faultWith('memory.initial_read', [R, M + inputs])).toEqual(E.left(`the controller takes ${inputs + R * M} inputs, no more than the ${read} that are read: no room for the task's input`));
      for (const taps of [S + 1, N + 1 + (N % 2)]) expect(faultWith(`${head}.s_layer.weight`, [taps, shape.hidden])).toEqual(E.left(`its shift has ${taps} taps: wanted an odd number, at most its ${N} slots`));
    });
  });

  it('refuses a tensor of another shape by its name', () => {
    check((shape) => {
      const entries = stateEntries(shape);
      const parameters = initialParameters(shape)(seededRng(3))[0];
      for (const { name, shape: sizes } of entries) {
        const wrong = [...sizes.slice(0, -1), sizes.at(-1)! + 1];
        const tensors = new Map([...unpackParameters(shape, parameters), [name, { shape: wrong, data: new Float32Array(wrong.reduce((a, b) => a * b)) }]]);
        expect(readParameters(tensors, shape)).toEqual(E.left(`tensor "${name}" has shape [${wrong.join(', ')}], wanted [${sizes.join(', ')}]`));
      }
    });
  });

  it('a parameter that a model has not is no slice of it', () => {
    expect(() => layoutOf([{ name: 'a', shape: [3] }]).place({ name: 'b', shape: [3] })).toThrow('no parameter "b"');
  });
});
