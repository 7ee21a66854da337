/**
 * TensorBoard's event files: TFRecord frames (length, masked CRC-32C, data, masked CRC-32C) around
 * protobuf `Event` messages, of which only scalars are written.
 */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  return c;
});

/** CRC-32C (Castagnoli), masked as TFRecord wants it. */
const maskedCrc = (bytes: Uint8Array): number => {
  const crc = ~bytes.reduce((c, byte) => (c >>> 8) ^ CRC_TABLE[(c ^ byte) & 0xff]!, 0xffffffff) >>> 0;
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
  return frame(concat([double(1, wallTime), tag(2, 0), varint(step), message(5, concat(values))]));
};
