/** The entries of a zip archive that are stored as they are, as PyTorch stores all of its. */
import { refuse } from './pickle.js';
import { quote } from './safetensors.js';

const END = 0x06054b50;
const END_SIZE = 22;
const END64_LOCATOR = 0x07064b50;
const END64 = 0x06064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const MOST_ENTRIES = 100_000;
const MOST_COMMENT = 65535;

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

const crc32 = (bytes: Uint8Array): number => {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc >>> 0;
};

/** Where an entry's bytes lie in the archive. */
export interface Stored {
  readonly start: number;
  readonly size: number;
}

const truncated = (): never => refuse('truncated, or not a whole zip archive');

/** Reads of the archive, each within it. */
const readerOf = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (offset: number, size: number): number => (Number.isSafeInteger(offset) && offset >= 0 && offset + size <= bytes.length ? offset : truncated());
  return {
    uint16: (offset: number): number => view.getUint16(at(offset, 2), true),
    uint32: (offset: number): number => view.getUint32(at(offset, 4), true),
    uint64: (offset: number): number => Number(view.getBigUint64(at(offset, 8), true)),
    part: (offset: number, size: number): Uint8Array => bytes.subarray(at(offset, size), offset + size),
  };
};

type Reader = ReturnType<typeof readerOf>;

const findEnd = (bytes: Uint8Array, { uint16, uint32 }: Reader): number => {
  for (let at = bytes.length - END_SIZE; at >= Math.max(0, bytes.length - END_SIZE - MOST_COMMENT); at--) {
    if (bytes[at] === 0x50 && uint32(at) === END && at + END_SIZE + uint16(at + 20) === bytes.length) return at;
  }
  return truncated();
};

/** Number of entries, and where the first one's central header is. */
const directory = ({ uint16, uint32, uint64 }: Reader, end: number): { readonly count: number; readonly start: number } => {
  const [count, start] = [uint16(end + 10), uint32(end + 16)];
  if (count !== 0xffff && start !== 0xffffffff) return { count, start };
  if (uint32(end - 20) !== END64_LOCATOR) return truncated();
  const end64 = uint64(end - 12);
  if (uint32(end64) !== END64) return truncated();
  return { count: uint64(end64 + 32), start: uint64(end64 + 48) };
};

/** Sizes and offset that stand as all ones in a central header are in its zip64 field, in this order. */
const wide = ({ uint16, uint64 }: Reader, extra: number, length: number, values: readonly number[]): readonly number[] => {
  if (values.every((value) => value !== 0xffffffff)) return values;
  for (let at = extra; at + 4 <= extra + length; at += 4 + uint16(at + 2)) {
    if (uint16(at) !== 1) continue;
    let next = at + 4;
    return values.map((value) => {
      if (value !== 0xffffffff) return value;
      next += 8;
      return uint64(next - 8);
    });
  }
  return truncated();
};

/** The entries by name; each one's checksum must fit. */
export const readZip = (bytes: Uint8Array): ReadonlyMap<string, Stored> => {
  const reader = readerOf(bytes);
  const { uint16, uint32, part } = reader;
  const { count, start } = directory(reader, findEnd(bytes, reader));
  if (count > MOST_ENTRIES) refuse(`has ${count} entries; at most ${MOST_ENTRIES} are read`);
  const entries = new Map<string, Stored>();
  let at = start;
  for (let i = 0; i < count; i++) {
    if (uint32(at) !== CENTRAL) truncated();
    const [nameLength, extraLength, commentLength] = [uint16(at + 28), uint16(at + 30), uint16(at + 32)];
    const name = new TextDecoder().decode(part(at + 46, nameLength));
    const [size, packed, local] = wide(reader, at + 46 + nameLength, extraLength, [uint32(at + 24), uint32(at + 20), uint32(at + 42)]) as [number, number, number];
    if (uint16(at + 10) !== 0 || size !== packed) refuse(`entry ${quote(name)} is compressed, as torch.save never does it: save the state dict again`);
    if (uint32(local) !== LOCAL) truncated();
    const from = local + 30 + uint16(local + 26) + uint16(local + 28);
    if (crc32(part(from, size)) !== uint32(at + 16)) refuse(`entry ${quote(name)} does not fit its checksum: the file is damaged`);
    if (entries.has(name)) refuse(`entry ${quote(name)} is there twice`);
    entries.set(name, { start: from, size });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
};
