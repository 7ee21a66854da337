/**
 * The safetensors format: eight bytes of header length (little-endian), a JSON header of names, types,
 * shapes and byte ranges, then the arrays, which fill the rest of the file without holes. F32 is
 * written; F32, F64, F16 and BF16 are read, as float32.
 */
import * as E from 'fp-ts/lib/Either.js';
import { sizeOf } from '../program/graph.js';
import { checksumFault } from './checksum.js';
import { type FloatType, FLOAT_TYPES, toFloat32 } from './floats.js';
import { asRecord, decodeUtf8, parseStrictly } from './json.js';

/** Numbers with their shape, the last axis innermost. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What is in a file: strings by name, tensors by name. */
export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** The types other than float32 that the file's numbers were converted from; missing where there were none. */
  readonly converted?: readonly string[];
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** A name out of a file, fit for one line. */
export const quote = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isEntry = (value: unknown): value is Entry => {
  const entry = value as Partial<Entry> | null;
  return typeof entry === 'object' && entry !== null && typeof entry.dtype === 'string' && Array.isArray(entry.shape) && entry.shape.every(isCount) && Array.isArray(entry.data_offsets) && entry.data_offsets.length === 2 && entry.data_offsets.every(Number.isInteger);
};

const readHeader = (bytes: Uint8Array): E.Either<string, { readonly header: Readonly<Record<string, unknown>>; readonly start: number }> => {
  if (bytes.length < 8) return E.left('not a safetensors file: shorter than its header');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) return E.left(`truncated, or not a safetensors file: a header of ${length} bytes in a file of ${bytes.length}`);
  const text = decodeUtf8(bytes.subarray(8, 8 + length));
  if (E.isLeft(text) || !text.right.startsWith('{')) return E.left('not a safetensors file: its header is not JSON');
  const json = parseStrictly(text.right);
  if (E.isLeft(json)) return E.left(`not a safetensors file: its header is ${json.left}`);
  const header = asRecord(json.right);
  return header ? E.right({ header, start: 8 + length }) : E.left('not a safetensors file: its header is not JSON');
};

const readTensor = (bytes: Uint8Array, start: number, name: string, entry: unknown): E.Either<string, NamedTensor> => {
  if (!isEntry(entry)) return E.left(`tensor ${quote(name)}: its header entry is not of the format`);
  const { dtype, shape, data_offsets: [from, to] } = entry;
  const type = Object.hasOwn(FLOAT_TYPES, dtype) ? FLOAT_TYPES[dtype as FloatType] : null;
  if (!type) return E.left(`tensor ${quote(name)} is ${JSON.stringify(dtype.slice(0, 80)).slice(1, -1)}; only ${Object.keys(FLOAT_TYPES).join(', ')} are read: save it as float32`);
  if (from < 0 || to < from || start + to > bytes.length) return E.left(`tensor ${quote(name)} lies at ${from}–${to}, beyond the file's ${bytes.length - start} bytes: truncated?`);
  if (to - from !== type.size * sizeOf(shape)) return E.left(`tensor ${quote(name)} of shape [${shape.slice(0, 8).join(', ')}] has ${to - from} bytes instead of ${type.size * sizeOf(shape)}`);
  const data = toFloat32(dtype as FloatType, bytes.subarray(start + from, start + to));
  const bad = data.findIndex((value) => !Number.isFinite(value));
  return bad < 0 ? E.right({ shape, data }) : E.left(`tensor ${quote(name)} holds ${data[bad]} at ${bad}: the file is damaged, or its run had diverged`);
};

/** What is wrong with the tensors' ranges together: they must fill the `size` bytes after the header, each byte in one tensor. */
const rangesFault = (entries: Readonly<Record<string, unknown>>, size: number): string | null => {
  const ranges = Object.entries(entries).flatMap(([name, entry]) => (isEntry(entry) && entry.data_offsets[1] > entry.data_offsets[0] ? [{ name, range: entry.data_offsets }] : []));
  ranges.sort((a, b) => a.range[0] - b.range[0]);
  let end = 0;
  for (const [i, { name, range: [from, to] }] of ranges.entries()) {
    if (from < end) return `tensors ${quote(ranges[i - 1]?.name ?? name)} and ${quote(name)} share bytes`;
    if (from > end) return `the bytes ${end}–${from} before tensor ${quote(name)} belong to no tensor: the file is damaged`;
    end = to;
  }
  return end < size ? `the bytes ${end}–${size} at the end belong to no tensor: the file is damaged` : null;
};

const readMetadata = (metadata: unknown): E.Either<string, Readonly<Record<string, string>>> => {
  const pairs = asRecord(metadata ?? {});
  return pairs && Object.values(pairs).every((value) => typeof value === 'string') ? E.right(pairs as Readonly<Record<string, string>>) : E.left('its __metadata__ is not an object of texts');
};

/** Reads a file's bytes; a fault names its tensor. A checksum that the metadata carry must fit. Left: the fault. */
export const decodeSafetensors = (bytes: Uint8Array): E.Either<string, Safetensors> => {
  const read = readHeader(bytes);
  if (E.isLeft(read)) return read;
  const { header: { __metadata__: given, ...entries }, start } = read.right;
  const tensors = new Map<string, NamedTensor>();
  for (const [name, entry] of Object.entries(entries)) {
    const tensor = readTensor(bytes, start, name, entry);
    if (E.isLeft(tensor)) return tensor;
    tensors.set(name, tensor.right);
  }
  const metadata = readMetadata(given);
  if (E.isLeft(metadata)) return metadata;
  const converted = [...new Set(Object.values(entries).flatMap((entry) => (isEntry(entry) && entry.dtype !== 'F32' ? [entry.dtype] : [])))];
  const file = { metadata: metadata.right, tensors, ...(converted.length > 0 && { converted }) };
  const fault = rangesFault(entries, bytes.length - start) ?? checksumFault(file);
  return fault === null ? E.right(file) : E.left(fault);
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
