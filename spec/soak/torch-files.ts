/** Files of PyTorch made by hand: a state dict's pickle, the zip archive and the old format around it. */
import type { Safetensors } from '../../src/io/safetensors.js';

type Part = string | number | Uint8Array;

const bytesOf = (...parts: readonly Part[]): Uint8Array => new Uint8Array(Buffer.concat(parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : typeof part === 'string' ? new TextEncoder().encode(part) : part))));
const uint16 = (n: number): Uint8Array => Uint8Array.of(n & 255, n >> 8);
const uint32 = (n: number): Uint8Array => new Uint8Array(Uint32Array.of(n).buffer);
const uint64 = (n: number): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(n)).buffer);
const text = (value: string): Uint8Array => bytesOf('X', uint32(new TextEncoder().encode(value).length), value);
const int = (n: number): Uint8Array => bytesOf('J', uint32(n));
const tuple = (...items: readonly Part[]): Uint8Array => bytesOf('(', ...items, 't');
const ordered = bytesOf('ccollections\nOrderedDict\n', ')R');
const pickle = (...parts: readonly Part[]): Uint8Array => bytesOf(0x80, 2, ...parts, '.');

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const strides = (shape: readonly number[]): readonly number[] => shape.map((_, i) => product(shape.slice(i + 1)));

export type Entry = readonly [name: string, storage: string, shape: readonly number[]];

/** The pickle of a state dict, each tensor in a storage of its own, whose key is its number. */
export const stateDictPickle = (entries: readonly Entry[]): Uint8Array =>
  pickle(ordered, '(', ...entries.flatMap(([name, storage, shape], i) => {
    const stored = bytesOf(tuple(text('storage'), `ctorch\n${storage}\n`, text(`${i}`), text('cpu'), int(product(shape))), 'Q');
    return [text(name), bytesOf('ctorch._utils\n_rebuild_tensor_v2\n', tuple(stored, int(0), tuple(...shape.map(int)), tuple(...strides(shape).map(int)), 0x89, ordered), 'R')];
  }), 'u');

const crc32 = (bytes: Uint8Array): number => {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
};

/** A zip archive as torch.save lays it out: entries stored, below a folder. */
export const torchZip = (files: Readonly<Record<string, Uint8Array>>, { zip64 = false, method = 0 } = {}): Uint8Array => {
  const parts: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let at = 0;
  for (const [name, data] of Object.entries(files)) {
    const path = new TextEncoder().encode(`archive/${name}`);
    const sizes = zip64 ? [uint32(0xffffffff), uint32(0xffffffff)] : [uint32(data.length), uint32(data.length)];
    const wide = zip64 ? bytesOf(uint16(1), uint16(24), uint64(data.length), uint64(data.length), uint64(at)) : new Uint8Array();
    const facts = bytesOf(uint16(45), uint16(0), uint16(method), uint16(0), uint16(0), uint32(crc32(data)), ...sizes, uint16(path.length));
    const local = bytesOf(uint32(0x04034b50), facts, uint16(0), path, data);
    central.push(bytesOf(uint32(0x02014b50), uint16(45), facts, uint16(wide.length), uint16(0), uint16(0), uint16(0), uint32(0), uint32(zip64 ? 0xffffffff : at), path, wide));
    parts.push(local);
    at += local.length;
  }
  const directory = bytesOf(...central);
  const count = central.length;
  const end64 = zip64 ? bytesOf(uint32(0x06064b50), uint64(44), uint16(45), uint16(45), uint32(0), uint32(0), uint64(count), uint64(count), uint64(directory.length), uint64(at), uint32(0x07064b50), uint32(0), uint64(at + directory.length), uint32(1)) : new Uint8Array();
  const shown = zip64 ? 0xffff : count;
  return bytesOf(...parts, directory, end64, uint32(0x06054b50), uint16(0), uint16(0), uint16(shown), uint16(shown), uint32(directory.length), uint32(zip64 ? 0xffffffff : at), uint16(0));
};

const entriesOf = ({ tensors }: Safetensors): readonly Entry[] => [...tensors].map(([name, { shape }]) => [name, 'FloatStorage', shape]);

const rawOf = ({ tensors }: Safetensors): readonly Uint8Array[] => [...tensors.values()].map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));

/** A file's tensors in PyTorch's zip format. */
export const asTorchZip = (file: Safetensors): Uint8Array => torchZip({ 'data.pkl': stateDictPickle(entriesOf(file)), ...Object.fromEntries(rawOf(file).map((raw, i) => [`data/${i}`, raw])) });

/** A file's tensors in PyTorch's old format. */
export const asLegacyTorch = (file: Safetensors): Uint8Array => {
  const raws = rawOf(file);
  const system = pickle('}', '(', text('little_endian'), 0x88, 'u');
  return bytesOf(pickle(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19), pickle('M', uint16(1001)), system, stateDictPickle(entriesOf(file)), pickle(']', '(', ...raws.map((_, i) => text(`${i}`)), 'e'), ...raws.flatMap((raw) => [uint64(raw.length / 4), raw]));
};
