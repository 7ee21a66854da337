/** Proves the safetensors reader and writer: a round trip keeps every bit, and every refusal names its tensor. */
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { seal } from '../../src/io/checksum.js';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from '../../src/io/safetensors.js';

const bits = (data: Float32Array): number[] => [...new Uint32Array(data.buffer, data.byteOffset, data.length)];

/** A file with any header, JSON or not, before its data. */
const file = (header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array => {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
};

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

const entry = (shape: readonly number[], from: number, to: number, dtype = 'F32') => ({ dtype, shape, data_offsets: [from, to] });

const faultOf = (bytes: Uint8Array): string => {
  const read = decodeSafetensors(bytes);
  return E.isLeft(read) ? read.left : 'accepted';
};

describe('a round trip', () => {
  const tensor: fc.Arbitrary<NamedTensor> = fc
    .array(fc.nat({ max: 4 }), { maxLength: 4 })
    .chain((shape) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return fc.float32Array({ minLength: size, maxLength: size, noNaN: true, noDefaultInfinity: true }).map((data) => ({ shape, data }));
    });
  const name = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__metadata__');
  const named = fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 6 }).map((pairs) => new Map(pairs));
  const metadata = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });

  it('keeps names, shapes, every bit and the metadata', () =>
    fc.assert(
      fc.property(named, metadata, (tensors, meta) => {
        const read = decodeSafetensors(encodeSafetensors({ metadata: meta, tensors }));
        if (E.isLeft(read)) throw new Error(read.left);
        expect(read.right.metadata).toEqual(meta);
        expect(new Set(read.right.tensors.keys())).toEqual(new Set(tensors.keys()));
        for (const [key, { shape, data }] of tensors) {
          expect(read.right.tensors.get(key)!.shape).toEqual(shape);
          expect(bits(read.right.tensors.get(key)!.data)).toEqual(bits(data));
        }
      }),
    ));

  it('holds for a file that lies at an odd offset of a larger buffer', () => {
    const bytes = encodeSafetensors({ metadata: {}, tensors: new Map([['w', { shape: [2], data: Float32Array.of(1.5, -2) }]]) });
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    const read = decodeSafetensors(larger.subarray(3));
    expect(E.isRight(read) && [...read.right.tensors.get('w')!.data]).toEqual([1.5, -2]);
  });

  it('writes the data of a view, not of the buffer below it', () => {
    const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const read = decodeSafetensors(encodeSafetensors({ metadata: {}, tensors: new Map([['w', { shape: [2], data }]]) }));
    expect(E.isRight(read) && [...read.right.tensors.get('w')!.data]).toEqual([1, 2]);
  });

  it('aligns the data to eight bytes, as the format wants', () => {
    const bytes = encodeSafetensors({ metadata: { a: 'b' }, tensors: new Map([['w', { shape: [1], data: Float32Array.of(1) }]]) });
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
  });
});

describe('a file is refused in one line', () => {
  it.each<readonly [string, Uint8Array, RegExp]>([
    ['shorter than its header length', new Uint8Array(7), /not a safetensors file/],
    ['a header longer than the file', file({}).fill(0xff, 0, 8), /truncated, or not a safetensors file: a header of \d+ bytes in a file of 10/],
    ['a header that is not JSON', file('{"a":'), /header is not JSON/],
    ['a header that is an array', file([]), /header is not JSON/],
    ['a header that is null', file('null'), /header is not JSON/],
    ['an entry that is null', file({ w: null }), /tensor "w".*not of the format/],
    ['an entry without a shape', file({ w: { dtype: 'F32', data_offsets: [0, 0] } }), /tensor "w".*not of the format/],
    ['a negative size', file({ w: entry([-1], 0, 0) }), /tensor "w".*not of the format/],
    ['whole numbers', file({ w: entry([1], 0, 8, 'I64') }, new Uint8Array(8)), /tensor "w" is I64; only F32, F64, F16, BF16 are read: save it as float32/],
    ['a type of JavaScript’s own', file({ w: entry([1], 0, 8, 'constructor') }, new Uint8Array(8)), /tensor "w" is constructor; only/],
    ['a float64 beyond float32', file({ w: entry([1], 0, 8, 'F64') }, new Uint8Array(Float64Array.of(1e300).buffer)), /tensor "w" holds Infinity at 0/],
    ['bytes after the last tensor', file({ w: entry([1], 0, 4) }, floats(1, 2)), /the bytes 4–8 at the end belong to no tensor/],
    ['a hole between tensors', file({ v: entry([1], 0, 4), w: entry([1], 8, 12) }, floats(1, 2, 3)), /the bytes 4–8 before tensor "w" belong to no tensor/],
    ['bytes and no tensor at all', file({}, floats(1)), /the bytes 0–4 at the end belong to no tensor/],
    ['metadata twice', file('{"__metadata__":{"a":"b"},"__metadata__":{"a":"c"}}'), /its header is ambiguous: it has the key "__metadata__" twice/],
    ['a tensor twice, spelled two ways', file('{"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\\u0077":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'), /the key "w" twice/],
    ['metadata that is not text', file({ __metadata__: { step: 1 } }), /__metadata__ is not an object of texts/],
    ['metadata that is a list', file({ __metadata__: ['a'] }), /__metadata__ is not an object of texts/],
    ['a header that is not UTF-8', file('{"\u00e9":1}').map((byte) => (byte === 0xc3 ? 0xff : byte)), /header is not JSON/],
    ['a header after a byte-order mark', file('\ufeff{}'), /header is not JSON/],
    ['a range that is not the shape\'s', file({ w: entry([2, 1], 0, 4) }, floats(1)), /tensor "w" of shape \[2, 1\] has 4 bytes instead of 8/],
    ['a range beyond the file', file({ w: entry([2], 0, 8) }, floats(1)), /tensor "w" lies at 0–8, beyond the file's 4 bytes/],
    ['a range that ends before it begins', file({ w: entry([0], 4, 0) }, floats(1)), /tensor "w" lies at 4–0/],
    ['a range before the data', file({ w: entry([1], -4, 0) }, floats(1)), /tensor "w" lies at -4–0/],
    ['ranges that overlap', file({ v: entry([2], 0, 8), w: entry([2], 4, 12) }, floats(1, 2, 3)), /tensors "v" and "w" share bytes/],
    ['NaN', file({ w: entry([2], 0, 8) }, floats(1, NaN)), /tensor "w" holds NaN at 1/],
    ['infinity', file({ w: entry([1], 0, 4) }, floats(-Infinity)), /tensor "w" holds -Infinity at 0/],
  ])('%s', (_, bytes, fault) => {
    expect(faultOf(bytes)).toMatch(fault);
    expect(faultOf(bytes)).not.toContain('\n');
  });

  it('wherever it is cut off, naming the tensor once the header is whole', () => {
    const bytes = encodeSafetensors({ metadata: {}, tensors: new Map([['v', { shape: [2], data: Float32Array.of(1, 2) }], ['w', { shape: [1], data: Float32Array.of(3) }]]) });
    const start = bytes.length - 12;
    for (let end = 0; end < bytes.length; end++) expect(faultOf(bytes.slice(0, end))).toMatch(end < start ? /safetensors/ : end < start + 8 ? /tensor "v" lies at .*truncated/ : /tensor "w" lies at .*truncated/);
  });
});

it('a tensor of the metadata’s name is refused in one line', () => {
  const named = new Map([['__metadata__', { shape: [1], data: Float32Array.of(1) }]]);
  expect(() => encodeSafetensors({ metadata: {}, tensors: named })).toThrow(/^a tensor named "__metadata__" cannot be saved: .+; rename it$/);
});

describe('other types are read as float32, and named', () => {
  it.each<readonly [string, Uint8Array, number, readonly number[]]>([
    ['F64', new Uint8Array(Float64Array.of(1.5, -0.1).buffer), 8, [1.5, Math.fround(-0.1)]],
    ['F16', Uint8Array.of(0x00, 0x3e, 0x66, 0xae, 0x01, 0x00, 0x00, 0x80), 2, [1.5, -0.0999755859375, 2 ** -24, -0]],
    ['BF16', Uint8Array.of(0xc0, 0x3f, 0xcd, 0xbd), 2, [1.5, -0.10009765625]],
  ])('%s', (type, data, size, values) => {
    const read = decodeSafetensors(file({ w: entry([values.length], 0, size * values.length, type) }, data));
    if (E.isLeft(read)) throw new Error(read.left);
    expect([...read.right.tensors.get('w')!.data]).toEqual(values);
    expect(read.right.converted).toEqual([type]);
  });
});

describe('a checksum', () => {
  const sealed = seal({ metadata: { format: 'pt', step: '12' }, tensors: new Map([['v', { shape: [3], data: Float32Array.of(1, 2, 3) }], ['w', { shape: [2, 1], data: Float32Array.of(4, 5) }]]) });

  it('fits what was sealed, whatever the order of its tensors', () => {
    const other = { ...sealed, tensors: new Map([...sealed.tensors].reverse()) };
    for (const file of [sealed, other]) expect(E.isRight(decodeSafetensors(encodeSafetensors(file)))).toBe(true);
  });

  it('finds any flipped bit of any tensor, and of the metadata', () => {
    const bytes = encodeSafetensors(sealed);
    const mutants = Array.from({ length: 8 * bytes.length }, (_, bit) => {
      const mutant = bytes.slice();
      mutant[bit >> 3]! ^= 1 << (bit & 7);
      return decodeSafetensors(mutant);
    });
    // A bit of the word "checksum" leaves a file without one; of the padding or of nothing else, the same file.
    const same = mutants.flatMap((read) => (E.isRight(read) ? [read.right] : []));
    for (const { tensors, metadata } of same) {
      expect([...tensors]).toEqual([...sealed.tensors]);
      expect(metadata.step).toBe('12');
    }
  });

  it('is no part of a file that never had one', () => {
    const { checksum, ...metadata } = sealed.metadata;
    expect(checksum).toMatch(/^crc32c:[0-9a-f]{8}$/);
    expect(E.isRight(decodeSafetensors(encodeSafetensors({ ...sealed, metadata })))).toBe(true);
  });
});
