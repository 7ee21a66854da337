/** Proves TensorBoard's frames and messages with a checksum and a protobuf parser that share nothing with the writer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeEvent, encodeImages, encodeVersion, readEvents } from '../../src/io/tensorboard.js';

/** CRC-32C bit by bit as polynomial division, most significant bit first: reflects each byte and the remainder, has no table. */
const crc32c = (bytes: Uint8Array): number => {
  const reflect = (n: bigint, width: number): bigint => BigInt(`0b${n.toString(2).padStart(width, '0').split('').reverse().join('')}`);
  let remainder = 0xffffffffn;
  for (const byte of bytes) {
    remainder ^= reflect(BigInt(byte), 8) << 24n;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder << 1n) ^ (remainder >> 31n ? 0x11edc6f41n : 0n);
  }
  return Number(reflect(remainder ^ 0xffffffffn, 32));
};

const masked = (crc: number): number => Number(((((BigInt(crc) >> 15n) | (BigInt(crc) << 17n)) & 0xffffffffn) + 0xa282ead8n) & 0xffffffffn);

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The data of every frame in a file; fails where a length or a checksum is wrong. */
const unframe = (bytes: Uint8Array): Uint8Array[] => {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(viewOf(bytes).getBigUint64(at, true));
    expect(viewOf(bytes).getUint32(at + 8, true)).toBe(masked(crc32c(bytes.subarray(at, at + 8))));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(data.length).toBe(length);
    expect(viewOf(bytes).getUint32(at + 12 + length, true)).toBe(masked(crc32c(data)));
    frames.push(data);
    at += 16 + length;
  }
  return frames;
};

interface Field {
  readonly field: number;
  readonly value: bigint | number | Uint8Array;
}

/** The fields of a protobuf message: varints as bigint, fixed ones as the float they hold. */
const parse = (bytes: Uint8Array): Field[] => {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const fixed = (size: number): number => viewOf(bytes.slice((at += size) - size, at))[size === 8 ? 'getFloat64' : 'getFloat32'](0, true);
  const block = (): Uint8Array => {
    const length = Number(varint());
    return bytes.slice((at += length) - length, at);
  };
  const fields: Field[] = [];
  while (at < bytes.length) {
    const key = Number(varint());
    const wire = key % 8;
    expect([0, 1, 2, 5]).toContain(wire);
    fields.push({ field: (key - wire) / 8, value: wire === 0 ? varint() : wire === 1 ? fixed(8) : wire === 5 ? fixed(4) : block() });
  }
  expect(at).toBe(bytes.length);
  return fields;
};

const utf8 = (value: Field['value']): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(value as Uint8Array);

/** Event: 1 wall time, 2 step, 5 summary; summary: 1 value, again and again; value: 1 tag, 2 simple value. */
const parseEvent = (bytes: Uint8Array) => {
  const fields = parse(bytes);
  expect(fields.map(({ field }) => field)).toEqual([1, 2, 5]);
  const scalars = parse(fields[2]!.value as Uint8Array).map(({ field, value }) => {
    expect(field).toBe(1);
    const [name, scalar] = parse(value as Uint8Array);
    expect([name!.field, scalar!.field]).toEqual([1, 2]);
    return [utf8(name!.value), scalar!.value] as const;
  });
  return { wallTime: fields[0]!.value, step: fields[1]!.value, scalars };
};

describe("the spec's own checksum", () => {
  it('gives the published values', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });
});

describe('the first record', () => {
  it('names the version that TensorBoard wants', () => {
    const [data, ...others] = unframe(encodeVersion(1234.5));
    expect(others).toEqual([]);
    expect(parse(data!).map(({ field, value }) => [field, field === 3 ? utf8(value) : value])).toEqual([[1, 1234.5], [3, 'brain.Event:2']]);
  });
});

/** Summary's value with an image: 1 tag, 4 image; image: 1 height, 2 width, 3 colour space, 4 encoded. */
const parseImages = (bytes: Uint8Array) => {
  const fields = new Map(parse(bytes).map(({ field, value }) => [field, value]));
  expect([...fields.keys()].sort()).toEqual([1, 2, 5]);
  const images = parse(fields.get(5) as Uint8Array).map(({ field, value }) => {
    expect(field).toBe(1);
    const [name, image] = parse(value as Uint8Array);
    expect([name!.field, image!.field]).toEqual([1, 4]);
    const [height, width, space, png] = parse(image!.value as Uint8Array).map((each, i) => {
      expect(each.field).toBe(i + 1);
      return each.value;
    });
    expect(space).toBe(4n);
    return [utf8(name!.value), { height: Number(height), width: Number(width), png }] as const;
  });
  return { wallTime: fields.get(1), step: fields.get(2), images: Object.fromEntries(images) };
};

describe('a record of images', () => {
  const image = fc.record({ width: fc.nat({ max: 1e6 }), height: fc.nat({ max: 1e6 }), png: fc.uint8Array() });
  const names = fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => name !== '__proto__');
  const event = fc.record({ step: fc.maxSafeNat(), wallTime: fc.double({ min: 0, max: 4e9, noNaN: true }), images: fc.dictionary(names, image, { maxKeys: 4, noNullPrototype: true }) });

  it('gives back its step, time, names, sizes and bytes', () =>
    fc.assert(
      fc.property(event, (written) => {
        const [data, ...others] = unframe(encodeImages(written));
        expect(others).toEqual([]);
        expect(parseImages(data!)).toEqual({ ...written, step: BigInt(written.step) });
      }),
    ));

  it('is told from one of scalars, of any step, when read again', () =>
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.double({ min: 0, max: 4e9, noNaN: true }), (step, wallTime) => {
        const bytes = [encodeEvent({ step, wallTime, scalars: { loss: 1 } }), encodeImages({ step, wallTime, images: {} })];
        const read = readEvents(Uint8Array.from(bytes.flatMap((each) => [...each])));
        expect(read.map(({ holds }) => holds)).toEqual(['scalars', 'images']);
        expect(read.map((record) => record.step)).toEqual([step, step]);
      }),
    ));
});

describe('a record of scalars', () => {
  const scalars = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.float(), { maxKeys: 5, noNullPrototype: true });
  const event = fc.record({ step: fc.maxSafeNat(), wallTime: fc.double({ min: 0, max: 4e9, noNaN: true }), scalars });

  it('gives back its step, time, names and float32 values', () =>
    fc.assert(
      fc.property(event, (written) => {
        const [data, ...others] = unframe(encodeEvent(written));
        expect(others).toEqual([]);
        const read = parseEvent(data!);
        expect(read.step).toBe(BigInt(written.step));
        expect(read.wallTime).toBe(written.wallTime);
        expect(read.scalars).toEqual(Object.entries(written.scalars));
      }),
    ));

  it('rounds to float32', () => expect(parseEvent(unframe(encodeEvent({ step: 1, wallTime: 0, scalars: { loss: 0.1 } }))[0]!).scalars).toEqual([['loss', Math.fround(0.1)]]));

  it('follows another in one file', () => {
    const records = [encodeVersion(1), ...[1, 2, 300].map((step) => encodeEvent({ step, wallTime: step, scalars: { loss: 1 / step } }))];
    const [, ...events] = unframe(Uint8Array.from(records.flatMap((record) => [...record])));
    expect(events.map((data) => parseEvent(data).step)).toEqual([1n, 2n, 300n]);
  });

  it('fails its checksum when a byte is changed', () => {
    const bytes = encodeEvent({ step: 1, wallTime: 0, scalars: { loss: 1 } });
    bytes[bytes.length - 6]! ^= 1;
    expect(() => unframe(bytes)).toThrow();
  });
});
