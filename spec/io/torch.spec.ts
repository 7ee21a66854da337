/** PyTorch's zip format, from archives made by hand: read as the old one is, and refused by name where anything is amiss. */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { decodeTorch } from '../../src/io/torch.js';
import { stateDictPickle, torchZip } from '../soak/torch-files.js';

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

const read = (bytes: Uint8Array) => {
  const file = decodeTorch(bytes);
  if (E.isLeft(file)) throw new Error(file.left);
  return Object.fromEntries([...file.right.tensors].map(([name, { shape, data }]) => [name, [shape, [...data]]]));
};

const faultOf = (bytes: Uint8Array): string => {
  const file = decodeTorch(bytes);
  return E.isLeft(file) ? file.left : 'accepted';
};

const TWO = { 'data.pkl': stateDictPickle([['w', 'FloatStorage', [2, 2]], ['b', 'FloatStorage', [1]]]), version: new TextEncoder().encode('3\n'), 'data/0': floats(1, 2, 3, 4), 'data/1': floats(-0.5) };

describe('a zip archive of torch.save', () => {
  it.each([false, true])('is read, with zip64 fields: %s', (zip64) => {
    expect(read(torchZip(TWO, { zip64 }))).toEqual({ w: [[2, 2], [1, 2, 3, 4]], b: [[1], [-0.5]] });
  });

  it.each<readonly [string, Uint8Array, readonly number[]]>([
    ['DoubleStorage', new Uint8Array(Float64Array.of(1.5, 0.1).buffer), [1.5, Math.fround(0.1)]],
    ['HalfStorage', Uint8Array.of(0, 0x3e, 0, 0xbc), [1.5, -1]],
    ['BFloat16Storage', Uint8Array.of(0xc0, 0x3f, 0x80, 0xbf), [1.5, -1]],
  ])('of %s is converted', (storage, data, values) => {
    expect(read(torchZip({ 'data.pkl': stateDictPickle([['w', storage, [2]]]), 'data/0': data }))).toEqual({ w: [[2], values] });
  });

  it.each<readonly [string, Uint8Array, RegExp]>([
    ['of something else', torchZip({ 'notes.txt': floats(1) }), /has no data\.pkl/],
    ['that lacks a storage', torchZip({ 'data.pkl': TWO['data.pkl'], 'data/0': floats(1, 2, 3, 4) }), /tensor "b": its storage of 1 elements is missing/],
    ['with a storage of another length', torchZip({ ...TWO, 'data/1': floats(1, 2) }), /tensor "b": its storage of 1 elements is one of 2/],
    ['from a big-endian machine', torchZip({ ...TWO, byteorder: new TextEncoder().encode('big') }), /little-endian/],
    ['with a number that is none', torchZip({ ...TWO, 'data/1': floats(NaN) }), /tensor "b" holds NaN at 0/],
    ['that is compressed', torchZip(TWO, { method: 8 }), /entry "archive\/data\.pkl" is compressed/],
  ])('%s is refused', (_, bytes, message) => {
    expect(faultOf(bytes)).toMatch(message);
  });

  it('with any byte of any entry changed is refused, or reads the same', () => {
    const bytes = torchZip(TWO);
    const whole = read(bytes);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at]! ^= 0x10;
      const file = decodeTorch(changed);
      if (E.isRight(file)) expect(read(changed)).toEqual(whole);
    }
  });

  it('wherever it is cut off is refused', () => {
    const bytes = torchZip(TWO);
    for (let end = 0; end < bytes.length; end += 3) expect(faultOf(bytes.slice(0, end))).not.toBe('accepted');
  });
});
