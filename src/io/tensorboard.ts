/**
 * TensorBoard's event files: TFRecord frames (length, masked CRC-32C, data, masked CRC-32C) around
 * protobuf `Event` messages, of which scalars and images are written.
 */
import { crc32c } from './crc32c.js';

/** CRC-32C, masked as TFRecord wants it. */
const maskedCrc = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

const concat = (parts: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    all.set(part, at);
    return at + part.length;
  }, 0);
  return all;
};

const frame = (data: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return bytes;
};

const varint = (value: number): Uint8Array => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.from([...bytes, rest]);
};

const tag = (field: number, wire: number): Uint8Array => varint(field * 8 + wire);
const message = (field: number, bytes: Uint8Array): Uint8Array => concat([tag(field, 2), varint(bytes.length), bytes]);
const text = (field: number, value: string): Uint8Array => message(field, new TextEncoder().encode(value));
const number = (field: number, value: number): Uint8Array => concat([tag(field, 0), varint(value)]);
const double = (field: number, value: number): Uint8Array => concat([tag(field, 1), new Uint8Array(Float64Array.of(value).buffer)]);
const float = (field: number, value: number): Uint8Array => concat([tag(field, 5), new Uint8Array(Float32Array.of(value).buffer)]);

/** The first record of a file; wall time in seconds. */
export const encodeVersion = (wallTime: number): Uint8Array => frame(concat([double(1, wallTime), text(3, 'brain.Event:2')]));

export interface ScalarEvent {
  readonly step: number;
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly scalars: Readonly<Record<string, number>>;
}

/** One record with a value for each scalar. */
export const encodeEvent = ({ step, wallTime, scalars }: ScalarEvent): Uint8Array => {
  const values = Object.entries(scalars).map(([name, value]) => message(1, concat([text(1, name), float(2, value)])));
  return frame(concat([double(1, wallTime), number(2, step), message(5, concat(values))]));
};

export interface Image {
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

export interface ImageEvent {
  readonly step: number;
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly images: Readonly<Record<string, Image>>;
}

/** Red, green, blue and alpha. */
const COLOUR_SPACE = 4;

/** One record with images. Its step comes before its time, by which {@link readEvents} tells it from one of scalars. */
export const encodeImages = ({ step, wallTime, images }: ImageEvent): Uint8Array => {
  const values = Object.entries(images).map(([name, { width, height, png }]) =>
    message(1, concat([text(1, name), message(4, concat([number(1, height), number(2, width), number(3, COLOUR_SPACE), message(4, png)]))])),
  );
  return frame(concat([number(2, step), double(1, wallTime), message(5, concat(values))]));
};

/** One record of a file: where it ends, and what it holds, of which step; null where it is of none. */
export interface EventRecord {
  readonly end: number;
  readonly holds: 'scalars' | 'images';
  readonly step: number | null;
}

/** A varint at `at` as a number, or null where it does not end or is beyond 2^53. */
const readVarint = (bytes: Uint8Array, at: number): { readonly value: number; readonly end: number } | null => {
  let value = 0;
  for (let i = 0; i < 8 && at + i < bytes.length; i++) {
    value += (bytes[at + i]! & 127) * 2 ** (7 * i);
    if (bytes[at + i]! < 128) return value <= Number.MAX_SAFE_INTEGER ? { value, end: at + i + 1 } : null;
  }
  return null;
};

/** The step of an `Event`: its field 2, before or after the wall time (field 1, eight bytes). */
const stepOf = (event: Uint8Array): Pick<EventRecord, 'holds' | 'step'> => {
  if (event[0] === 16) return { holds: 'images', step: readVarint(event, 1)?.value ?? null };
  return { holds: 'scalars', step: event[0] === 9 && event[9] === 16 ? (readVarint(event, 10)?.value ?? null) : null };
};

/** The records of a file up to the first that is torn or damaged, or is not of the format. */
export const readEvents = (bytes: Uint8Array): readonly EventRecord[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: EventRecord[] = [];
  for (let at = 0; at + 16 <= bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    const end = at + 16 + length;
    if (view.getUint32(at + 8, true) !== maskedCrc(bytes.subarray(at, at + 8)) || end > bytes.length) break;
    const data = bytes.subarray(at + 12, end - 4);
    if (view.getUint32(end - 4, true) !== maskedCrc(data)) break;
    records.push({ end, ...stepOf(data) });
    at = end;
  }
  return records;
};
