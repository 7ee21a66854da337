/** What files hold. */
import fc from 'fast-check';
import type { ScalarEvent } from '../../src/io/tensorboard.js';
import type { NamedTensor, Safetensors } from '../../src/io/safetensors.js';
import { anySize, numbers } from './numbers.js';

/** Of up to four axes, some of them 0. */
export const tensors: fc.Arbitrary<NamedTensor> = fc.array(fc.nat({ max: 4 }), { maxLength: 4 }).chain((shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return fc.oneof(numbers(size), anySize(size, 3e38)).map((data) => ({ shape, data }));
});

/** Any names, any metadata. */
export const safetensorsFiles: fc.Arbitrary<Safetensors> = fc.record({
  metadata: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
  tensors: fc.uniqueArray(fc.tuple(fc.string({ unit: 'grapheme' }).filter((name) => name !== '__metadata__'), tensors), { selector: ([name]) => name, maxLength: 6 }).map((pairs) => new Map(pairs)),
});

/** A step's scalars by name. */
export const events: fc.Arbitrary<ScalarEvent> = fc.record({
  step: fc.maxSafeNat(),
  wallTime: fc.double({ min: 0, max: 4e9, noNaN: true }),
  scalars: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.float(), { maxKeys: 5, noNullPrototype: true }),
});
