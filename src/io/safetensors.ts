/**
 * The safetensors format: eight bytes of header length (little-endian), a JSON header of names, types,
 * shapes and byte ranges, then the arrays. Only F32 is read and written.
 */
import * as E from 'fp-ts/lib/Either.js';
import { sizeOf } from '../program/graph.js';

export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, NamedTensor>;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** A name out of a file, fit for one line. */
export const quote = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);

const isEntry = (value: unknown): value is Entry => {
  const entry = value as Partial<Entry> | null;
  return typeof entry === 'object' && entry !== null && typeof entry.dtype === 'string' && Array.isArray(entry.shape) && entry.shape.every((n) => Number.isInteger(n) && n >= 0) && Array.isArray(entry.data_offsets) && entry.data_offsets.length === 2 && entry.data_offsets.every(Number.isInteger);
};

const readHeader = (bytes: Uint8Array): E.Either<string, { readonly header: Readonly<Record<string, unknown>>; readonly start: number }> => {
  if (bytes.length < 8) return E.left('not a safetensors file: shorter than its header');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) return E.left(`truncated, or not a safetensors file: a header of ${length} bytes in a file of ${bytes.length}`);
  return E.tryCatch(
    () => {
      const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
      if (typeof header !== 'object' || header === null || Array.isArray(header)) throw new Error();
      return { header: header as Readonly<Record<string, unknown>>, start: 8 + length };
    },
    () => 'not a safetensors file: its header is not JSON',
  );
};

const readTensor = (bytes: Uint8Array, start: number, name: string, entry: unknown): E.Either<string, NamedTensor> => {
  if (!isEntry(entry)) return E.left(`tensor ${quote(name)}: its header entry is not of the format`);
  const { dtype, shape, data_offsets: [from, to] } = entry;
  if (dtype !== 'F32') return E.left(`tensor ${quote(name)} is ${JSON.stringify(dtype).slice(1, -1)}; only F32 is read: save it as float32`);
  if (from < 0 || to < from || start + to > bytes.length) return E.left(`tensor ${quote(name)} lies at ${from}–${to}, beyond the file's ${bytes.length - start} bytes: truncated?`);
  if (to - from !== 4 * sizeOf(shape)) return E.left(`tensor ${quote(name)} of shape [${shape.join(', ')}] has ${to - from} bytes instead of ${4 * sizeOf(shape)}`);
  const data = new Float32Array(new Uint8Array(bytes.subarray(start + from, start + to)).buffer);
  const bad = data.findIndex((value) => !Number.isFinite(value));
  return bad < 0 ? E.right({ shape, data }) : E.left(`tensor ${quote(name)} holds ${data[bad]} at ${bad}: the file is damaged, or its run had diverged`);
};

/** Overlap of byte ranges, by name. */
const overlap = (header: Readonly<Record<string, unknown>>): string | null => {
  const ranges = Object.entries(header).flatMap(([name, entry]) => (isEntry(entry) && entry.data_offsets[1] > entry.data_offsets[0] ? [{ name, range: entry.data_offsets }] : []));
  ranges.sort((a, b) => a.range[0] - b.range[0]);
  const at = ranges.findIndex(({ range }, i) => i > 0 && range[0] < ranges[i - 1]!.range[1]);
  return at < 0 ? null : `tensors ${quote(ranges[at - 1]!.name)} and ${quote(ranges[at]!.name)} share bytes`;
};

/** Reads a file's bytes; a fault names its tensor. */
export const decodeSafetensors = (bytes: Uint8Array): E.Either<string, Safetensors> => {
  const read = readHeader(bytes);
  if (E.isLeft(read)) return read;
  const { header: { __metadata__: metadata, ...entries }, start } = read.right;
  const shared = overlap(entries);
  if (shared) return E.left(shared);
  const tensors = new Map<string, NamedTensor>();
  for (const [name, entry] of Object.entries(entries)) {
    const tensor = readTensor(bytes, start, name, entry);
    if (E.isLeft(tensor)) return tensor;
    tensors.set(name, tensor.right);
  }
  const pairs = Object.entries((metadata ?? {}) as Record<string, unknown>).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return E.right({ metadata: Object.fromEntries(pairs), tensors });
};

/** The file's bytes, tensors in the map's order, the header padded to a multiple of 8. Throws at the one name that no tensor may have. */
export const encodeSafetensors = ({ metadata, tensors }: Safetensors): Uint8Array => {
  if (tensors.has('__metadata__')) throw new Error('a tensor named "__metadata__" cannot be saved: the format keeps that name for the metadata; rename it');
  let end = 0;
  const entries = [...tensors].map(([name, { shape, data }]) => {
    const from = end;
    end += 4 * data.length;
    return [name, { dtype: 'F32', shape, data_offsets: [from, end] }] as const;
  });
  const json = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  let at = 8 + length;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
};
