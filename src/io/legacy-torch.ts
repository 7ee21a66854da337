/**
 * PyTorch's format before version 1.6: five pickles (magic number, protocol, facts of the system, the object,
 * the storages' keys), then for each key its count of elements (8 bytes, little-endian) and its raw float32s.
 *
 * A pickle is a program. This reader knows the opcodes and the four globals of a state dict, builds plain
 * values from them, and executes nothing: whatever else a file asks for is refused by name.
 */
import * as E from 'fp-ts/lib/Either.js';
import { sizeOf } from '../program/graph.js';
import { type NamedTensor, quote, type Safetensors } from './safetensors.js';

/** A storage, or the window `offset … offset + size` of one, in elements; `count` is that of the whole storage. */
interface Storage {
  readonly tag: 'storage';
  readonly key: string;
  readonly count: number;
  readonly offset: number;
  readonly size: number;
}

/** A tensor as a view of its storage; offset and strides in elements. */
interface View {
  readonly tag: 'view';
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

interface Global {
  readonly tag: 'global';
  readonly name: string;
}

/** What a pickle may hold; lists and tuples are arrays, and a dict's keys are text. */
type Value = null | boolean | number | string | Value[] | Map<string, Value> | Storage | View | Global;

interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
}

/** The pickle machine: its stack since the latest mark, the stacks below earlier marks, and the memo. */
interface Machine {
  readonly cursor: Cursor;
  stack: Value[];
  readonly marks: Value[][];
  readonly memo: Map<number, Value>;
}

/** The first pickle: protocol 2, the magic number 0x1950a86a20f9469cfc6c, stop. */
const MAGIC = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
const PROTOCOL = 1001;
const STOP = 0x2e;

/** Most elements of one file, 1 GiB: strides of zero would let a few bytes ask for any amount. */
const MOST_ELEMENTS = 2 ** 28;

/** Leaves the reader; `decodeLegacyTorch` alone catches it. */
const refuse = (fault: string): never => { throw new Error(fault); };

const isTagged = <T extends 'storage' | 'view' | 'global'>(value: Value | undefined, tag: T): value is Extract<Value, { readonly tag: T }> => typeof value === 'object' && value !== null && 'tag' in value && value.tag === tag;
const isCount = (value: Value | undefined): value is number => typeof value === 'number' && value >= 0;
const isCounts = (value: Value | undefined): value is number[] => Array.isArray(value) && value.every(isCount);

/** Moves past `size` bytes and returns where they began. */
const take = (cursor: Cursor, size: number): number => {
  const from = cursor.at;
  if (size > cursor.bytes.length - from) refuse(`truncated: ${size} bytes are wanted at byte ${from}, and the file has ${cursor.bytes.length}`);
  cursor.at += size;
  return from;
};

const uint8 = (cursor: Cursor): number => cursor.view.getUint8(take(cursor, 1));
const uint32 = (cursor: Cursor): number => cursor.view.getUint32(take(cursor, 4), true);

const text = (cursor: Cursor, size: number): string => {
  const from = take(cursor, size);
  return new TextDecoder().decode(cursor.bytes.subarray(from, from + size));
};

const line = (cursor: Cursor): string => {
  const end = cursor.bytes.indexOf(0x0a, cursor.at);
  if (end < 0) refuse('truncated: a name does not end');
  return text(cursor, end + 1 - cursor.at).slice(0, -1);
};

const rebuildTensor = ([storage, offset, shape, strides]: readonly Value[]): Value =>
  isTagged(storage, 'storage') && isCount(offset) && isCounts(shape) && isCounts(strides) && shape.length === strides.length
    ? { tag: 'view', storage, offset, shape: [...shape], strides: [...strides] }
    : refuse('malformed: a tensor without its storage, offset, shape and strides');

/** The allow-list: what calling each global makes. */
const GLOBALS: ReadonlyMap<string, (args: readonly Value[]) => Value> = new Map<string, (args: readonly Value[]) => Value>([
  ['collections.OrderedDict', (args) => (args.length === 0 ? new Map<string, Value>() : refuse('malformed: an OrderedDict that is not made empty'))],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_parameter', ([view]) => (isTagged(view, 'view') ? view : refuse('malformed: a parameter that is not a tensor'))],
  ['torch.FloatStorage', () => refuse('malformed: torch.FloatStorage is called')],
]);

const readGlobal = (cursor: Cursor): Global => {
  const name = `${line(cursor)}.${line(cursor)}`;
  return GLOBALS.has(name) ? { tag: 'global', name } : refuse(`asks for ${quote(name)}, which is refused: only a state dict of float32 tensors is read`);
};

/** From ('storage', torch.FloatStorage, key, location, count, view), where view is None or (key, offset, size). */
const openStorage = (id: Value): Storage => {
  const [kind, type, key, , count, window] = Array.isArray(id) ? id : [];
  const [, offset, size] = Array.isArray(window) ? window : [null, 0, count];
  return kind === 'storage' && isTagged(type, 'global') && type.name === 'torch.FloatStorage' && typeof key === 'string' && isCount(count) && isCount(offset) && isCount(size) && offset + size <= count
    ? { tag: 'storage', key, count, offset, size }
    : refuse('malformed: a persistent id that is not a float32 storage');
};

const known = ({ cursor }: Machine, value: Value | undefined): Value => (value === undefined ? refuse(`malformed: a value is missing before byte ${cursor.at}`) : value);
const pop = (machine: Machine): Value => known(machine, machine.stack.pop());
const peek = (machine: Machine): Value => known(machine, machine.stack.at(-1));
const popMany = (machine: Machine, count: number): Value[] => Array.from({ length: count }, () => pop(machine)).reverse();

const popToMark = (machine: Machine): Value[] => {
  const items = machine.stack;
  machine.stack = machine.marks.pop() ?? refuse(`malformed: no mark before byte ${machine.cursor.at}`);
  return items;
};

const setItems = (machine: Machine, pairs: readonly Value[]): void => {
  const dict = peek(machine);
  for (let i = 0; i < pairs.length; i += 2) {
    const [key, value] = [pairs[i], pairs[i + 1]];
    if (!(dict instanceof Map) || typeof key !== 'string' || value === undefined) return refuse(`malformed: not a dict's entry, before byte ${machine.cursor.at}`);
    dict.set(key, value);
  }
};

const append = (machine: Machine, items: readonly Value[]): void => {
  const list = peek(machine);
  if (!Array.isArray(list)) return refuse(`malformed: not a list, before byte ${machine.cursor.at}`);
  for (const item of items) list.push(item);
};

const call = (machine: Machine): Value => {
  const [callee, args] = popMany(machine, 2);
  const make = isTagged(callee, 'global') ? GLOBALS.get(callee.name) : undefined;
  return make && Array.isArray(args) ? make(args) : refuse(`malformed: not a call, before byte ${machine.cursor.at}`);
};

/** The opcodes that push one value. */
const PUSHES: ReadonlyMap<number, (machine: Machine) => Value> = new Map<number, (machine: Machine) => Value>([
  [0x4e, () => null], // NONE
  [0x88, () => true], // NEWTRUE
  [0x89, () => false], // NEWFALSE
  [0x4a, ({ cursor }) => cursor.view.getInt32(take(cursor, 4), true)], // BININT
  [0x4b, ({ cursor }) => uint8(cursor)], // BININT1
  [0x4d, ({ cursor }) => cursor.view.getUint16(take(cursor, 2), true)], // BININT2
  [0x58, ({ cursor }) => text(cursor, uint32(cursor))], // BINUNICODE
  [0x7d, () => new Map<string, Value>()], // EMPTY_DICT
  [0x5d, () => []], // EMPTY_LIST
  [0x29, () => []], // EMPTY_TUPLE
  [0x74, popToMark], // TUPLE
  [0x85, (machine) => popMany(machine, 1)], // TUPLE1
  [0x86, (machine) => popMany(machine, 2)], // TUPLE2
  [0x87, (machine) => popMany(machine, 3)], // TUPLE3
  [0x68, (machine) => known(machine, machine.memo.get(uint8(machine.cursor)))], // BINGET
  [0x6a, (machine) => known(machine, machine.memo.get(uint32(machine.cursor)))], // LONG_BINGET
  [0x63, ({ cursor }) => readGlobal(cursor)], // GLOBAL
  [0x51, (machine) => openStorage(pop(machine))], // BINPERSID
  [0x52, call], // REDUCE
]);

/** The opcodes that push nothing. BUILD would set attributes (a state dict's `_metadata`): it is passed over. */
const EFFECTS: ReadonlyMap<number, (machine: Machine) => unknown> = new Map<number, (machine: Machine) => unknown>([
  [0x80, ({ cursor }) => take(cursor, 1)], // PROTO
  [0x28, (machine) => { machine.marks.push(machine.stack); machine.stack = []; }], // MARK
  [0x71, (machine) => machine.memo.set(uint8(machine.cursor), peek(machine))], // BINPUT
  [0x72, (machine) => machine.memo.set(uint32(machine.cursor), peek(machine))], // LONG_BINPUT
  [0x73, (machine) => setItems(machine, popMany(machine, 2))], // SETITEM
  [0x75, (machine) => setItems(machine, popToMark(machine))], // SETITEMS
  [0x61, (machine) => append(machine, popMany(machine, 1))], // APPEND
  [0x65, (machine) => append(machine, popToMark(machine))], // APPENDS
  [0x62, pop], // BUILD
]);

/** The value of the pickle at the cursor. */
const unpickle = (cursor: Cursor): Value => {
  const machine: Machine = { cursor, stack: [], marks: [], memo: new Map() };
  for (let code = uint8(cursor); code !== STOP; code = uint8(cursor)) {
    const value = PUSHES.get(code)?.(machine);
    if (value !== undefined) machine.stack.push(value);
    else (EFFECTS.get(code) ?? refuse(`the pickle opcode 0x${code.toString(16)} at byte ${cursor.at - 1} is not one of a state dict`))(machine);
  }
  return pop(machine);
};

/** Where each storage's floats begin and how many they are, by key; the cursor stands at the first. */
const readStorages = (cursor: Cursor, keys: Value): ReadonlyMap<string, { readonly start: number; readonly count: number }> => {
  if (!Array.isArray(keys)) return refuse('malformed: no list of storages');
  return new Map(keys.map((key) => {
    if (typeof key !== 'string') return refuse('malformed: a storage without a key');
    const count = Number(cursor.view.getBigUint64(take(cursor, 8), true));
    return [key, { start: take(cursor, 4 * count), count }];
  }));
};

const gather = ({ view: bytes }: Cursor, storages: ReturnType<typeof readStorages>, name: string, { storage, offset, shape, strides }: View): NamedTensor => {
  const floats = storages.get(storage.key);
  if (floats?.count !== storage.count) return refuse(`tensor ${quote(name)}: its storage of ${storage.count} elements is ${floats ? `one of ${floats.count}` : 'missing'}`);
  const size = sizeOf(shape);
  const end = shape.reduce((at, n, d) => at + (n - 1) * strides[d]!, offset + 1);
  if (size > 0 && end > storage.size) refuse(`tensor ${quote(name)} of shape [${shape.join(', ')}] ends at element ${end} of a storage of ${storage.size}`);
  const data = Float32Array.from({ length: size }, (_, i) => {
    let [at, rest] = [storage.offset + offset, i];
    for (let d = shape.length - 1; d >= 0; rest = Math.floor(rest / shape[d--]!)) at += (rest % shape[d]!) * strides[d]!;
    return bytes.getFloat32(floats.start + 4 * at, true);
  });
  const bad = data.findIndex((value) => !Number.isFinite(value));
  return bad < 0 ? { shape, data } : refuse(`tensor ${quote(name)} holds ${data[bad]} at ${bad}: the file is damaged, or its run had diverged`);
};

/** Both heads hold the memory module, so a state dict names its tensors twice more. */
const isAlias = (name: string): boolean => /^(read|write)_head\.memory\./.test(name);

const readViews = (object: Value): (readonly [string, View])[] => {
  if (!(object instanceof Map)) return refuse('holds something else than a state dict: save model.state_dict()');
  const views = [...object].map(([name, view]) => [name, isTagged(view, 'view') ? view : refuse(`${quote(name)} is not a tensor: save model.state_dict() alone`)] as const);
  const elements = views.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
  return elements <= MOST_ELEMENTS ? views.filter(([name]) => !isAlias(name)) : refuse(`its tensors have ${elements} elements; at most ${MOST_ELEMENTS} are read`);
};

/** Whether the bytes begin a zip archive, as PyTorch's files since version 1.6 do. */
export const isTorchZip = (bytes: Uint8Array): boolean => [0x50, 0x4b, 3, 4].every((byte, i) => bytes[i] === byte);

export const TORCH_ZIP =
  "is in PyTorch's newer zip format, which is not read: save it again in Python with torch.save(state, path, _use_new_zipfile_serialization=False), where state is model.state_dict(), or as safetensors";

/** Whether the bytes begin with the old format's magic number. */
export const isLegacyTorch = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);

/** Reads a state dict of float32 tensors, without the names that alias the memory inside the heads; a fault is one line. */
export const decodeLegacyTorch = (bytes: Uint8Array): E.Either<string, Safetensors> =>
  E.tryCatch(
    () => {
      if (!isLegacyTorch(bytes)) return refuse("not a file of PyTorch's old format");
      const cursor: Cursor = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: MAGIC.length };
      if (unpickle(cursor) !== PROTOCOL) return refuse(`not of protocol ${PROTOCOL}`);
      const system = unpickle(cursor);
      if (!(system instanceof Map) || system.get('little_endian') !== true) return refuse('not written on a little-endian machine');
      const views = readViews(unpickle(cursor));
      const storages = readStorages(cursor, unpickle(cursor));
      return { metadata: { format: 'pt' }, tensors: new Map(views.map(([name, view]) => [name, gather(cursor, storages, name, view)])) };
    },
    (fault) => (fault as Error).message,
  );
