/**
 * PyTorch's format before version 1.6: five pickles (magic number, protocol, facts of the system, the object,
 * the storages' keys), then for each key its count of elements (8 bytes, little-endian) and its raw numbers.
 */
import * as E from 'fp-ts/lib/Either.js';
import { FLOAT_TYPES, type FloatType } from './floats.js';
import { type Cursor, gatherAll, type Placed, refuse, storageTypes, take, unpickle, type Value } from './pickle.js';
import type { Safetensors } from './safetensors.js';

/** The first pickle: protocol 2, the magic number 0x1950a86a20f9469cfc6c, stop. */
const MAGIC = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
const PROTOCOL = 1001;

/** Where each storage's floats begin and how many they are, by key; the cursor stands at the first. */
const readStorages = (cursor: Cursor, keys: Value, types: ReadonlyMap<string, FloatType>): ReadonlyMap<string, Placed> => {
  if (!Array.isArray(keys)) return refuse('malformed: no list of storages');
  return new Map(keys.map((key) => {
    if (typeof key !== 'string') return refuse('malformed: a storage without a key');
    const count = Number(cursor.view.getBigUint64(take(cursor, 8), true));
    return [key, { start: take(cursor, FLOAT_TYPES[types.get(key) ?? 'F32'].size * count), count }];
  }));
};

/** Whether the bytes begin with the old format's magic number. */
export const isLegacyTorch = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);

/** Reads a state dict, without the names that alias the memory inside the heads; a fault is one line. */
export const decodeLegacyTorch = (bytes: Uint8Array): E.Either<string, Safetensors> =>
  E.tryCatch(
    () => {
      if (!isLegacyTorch(bytes)) return refuse("not a file of PyTorch's old format");
      const cursor: Cursor = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: MAGIC.length };
      if (unpickle(cursor) !== PROTOCOL) return refuse(`not of protocol ${PROTOCOL}`);
      const system = unpickle(cursor);
      if (!(system instanceof Map) || system.get('little_endian') !== true) return refuse('not written on a little-endian machine');
      const object = unpickle(cursor);
      const storages = readStorages(cursor, unpickle(cursor), storageTypes(object));
      return { metadata: { format: 'pt' }, ...gatherAll(cursor, object, ({ key }) => storages.get(key)) };
    },
    (fault) => (fault as Error).message,
  );
