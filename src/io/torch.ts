/** PyTorch's files: the zip format since version 1.6 (data.pkl, and a file a storage under data/), and the old one. */
import * as E from 'fp-ts/lib/Either.js';
import { FLOAT_TYPES } from './floats.js';
import { decodeLegacyTorch, isLegacyTorch } from './legacy-torch.js';
import { type Cursor, gatherAll, refuse, unpickle } from './pickle.js';
import type { Safetensors } from './safetensors.js';
import { readZip } from './zip.js';

const isZip = (bytes: Uint8Array): boolean => [0x50, 0x4b, 3, 4].every((byte, i) => bytes[i] === byte);

const PICKLE = '/data.pkl';

const decodeZipTorch = (bytes: Uint8Array): E.Either<string, Safetensors> =>
  E.tryCatch(
    () => {
      const entries = readZip(bytes);
      const names = [...entries.keys()].filter((name) => name.endsWith(PICKLE));
      if (names.length !== 1) return refuse('a zip archive, but not one of torch.save: it has no data.pkl');
      const root = names[0]!.slice(0, -PICKLE.length);
      const order = entries.get(`${root}/byteorder`);
      if (order && new TextDecoder().decode(bytes.subarray(order.start, order.start + order.size)) !== 'little') return refuse('not written on a little-endian machine');
      const { start, size } = entries.get(names[0]!)!;
      const pickle = bytes.subarray(start, start + size);
      const object = unpickle({ bytes: pickle, view: new DataView(pickle.buffer, pickle.byteOffset, pickle.byteLength), at: 0 });
      const cursor: Cursor = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 };
      const tensors = gatherAll(cursor, object, ({ key, type }) => {
        const stored = entries.get(`${root}/data/${key}`);
        return stored && { start: stored.start, count: stored.size / FLOAT_TYPES[type].size };
      });
      return { metadata: { format: 'pt' }, ...tensors };
    },
    (fault) => (fault as Error).message,
  );

/** Whether the bytes begin as one of PyTorch's formats. */
export const isTorch = (bytes: Uint8Array): boolean => isZip(bytes) || isLegacyTorch(bytes);

/** Reads a state dict in either format; a fault is one line. */
export const decodeTorch = (bytes: Uint8Array): E.Either<string, Safetensors> => (isZip(bytes) ? decodeZipTorch : decodeLegacyTorch)(bytes);

/** The prefix that torch.nn.DataParallel gives every name. */
const PARALLEL = 'module.';

/** A file whose names all begin with "module.", without that. */
export const withoutModule = (file: Safetensors): Safetensors => {
  const names = [...file.tensors.keys()];
  if (names.length === 0 || !names.every((name) => name.startsWith(PARALLEL))) return file;
  return { ...file, tensors: new Map([...file.tensors].map(([name, tensor]) => [name.slice(PARALLEL.length), tensor])), converted: [...(file.converted ?? []), 'names that begin with "module."'] };
};
