/**
 * The pickles of PyTorch's files. A pickle is a program: this reader knows the opcodes and the globals of a
 * state dict, builds plain values from them, and executes nothing. Whatever else a file asks for is refused
 * by name.
 */
import { sizeOf } from '../program/graph.js';
import { type FloatType, FLOAT_TYPES } from './floats.js';
import { type NamedTensor, quote } from './safetensors.js';

/** A storage, or the window `offset … offset + size` of one, in elements; `count` is that of the whole storage. */
export interface Storage {
  readonly tag: 'storage';
  readonly type: FloatType;
  readonly key: string;
  readonly count: number;
  readonly offset: number;
  readonly size: number;
}

/** A tensor as a view of its storage; offset and strides in elements. */
export interface View {
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
export type Value = null | boolean | number | string | Value[] | Map<string, Value> | Storage | View | Global;

export interface Cursor {
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

const STOP = 0x2e;

/** Most elements of one file, 1 GiB: strides of zero would let a few bytes ask for any amount. */
const MOST_ELEMENTS = 2 ** 28;

/** Leaves the reader; the decoders of whole files alone catch it. */
export const refuse = (fault: string): never => { throw new Error(fault); };

const isTagged = <T extends 'storage' | 'view' | 'global'>(value: Value | undefined, tag: T): value is Extract<Value, { readonly tag: T }> => typeof value === 'object' && value !== null && 'tag' in value && value.tag === tag;
const isCount = (value: Value | undefined): value is number => typeof value === 'number' && value >= 0;
const isCounts = (value: Value | undefined): value is number[] => Array.isArray(value) && value.every(isCount);

/** Moves past `size` bytes and returns where they began. */
export const take = (cursor: Cursor, size: number): number => {
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

/** Storages by their class's name. */
const STORAGES: ReadonlyMap<string, FloatType> = new Map([
  ['torch.FloatStorage', 'F32'],
  ['torch.DoubleStorage', 'F64'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
]);

/** The allow-list: what calling each global makes. */
const GLOBALS: ReadonlyMap<string, (args: readonly Value[]) => Value> = new Map<string, (args: readonly Value[]) => Value>([
  ['collections.OrderedDict', (args) => (args.length === 0 ? new Map<string, Value>() : refuse('malformed: an OrderedDict that is not made empty'))],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_parameter', ([view]) => (isTagged(view, 'view') ? view : refuse('malformed: a parameter that is not a tensor'))],
  ...[...STORAGES.keys()].map((name): [string, () => never] => [name, () => refuse(`malformed: ${name} is called`)]),
]);

const readGlobal = (cursor: Cursor): Global => {
  const name = `${line(cursor)}.${line(cursor)}`;
  return GLOBALS.has(name) ? { tag: 'global', name } : refuse(`asks for ${quote(name)}, which is refused: only a state dict of floating-point tensors is read, as torch.save(model.state_dict(), path) writes it`);
};

/** From ('storage', torch.FloatStorage, key, location, count, view), where view is None or (key, offset, size). */
const openStorage = (id: Value): Storage => {
  const [kind, type, key, , count, window] = Array.isArray(id) ? id : [];
  const [, offset, size] = Array.isArray(window) ? window : [null, 0, count];
  const name = isTagged(type, 'global') ? type.name : '';
  const float = STORAGES.get(name);
  return kind === 'storage' && float && typeof key === 'string' && isCount(count) && isCount(offset) && isCount(size) && offset + size <= count
    ? { tag: 'storage', type: float, key, count, offset, size }
    : refuse('malformed: a persistent id that is not a floating-point storage');
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
export const unpickle = (cursor: Cursor): Value => {
  const machine: Machine = { cursor, stack: [], marks: [], memo: new Map() };
  for (let code = uint8(cursor); code !== STOP; code = uint8(cursor)) {
    const value = PUSHES.get(code)?.(machine);
    if (value !== undefined) machine.stack.push(value);
    else (EFFECTS.get(code) ?? refuse(`the pickle opcode 0x${code.toString(16)} at byte ${cursor.at - 1} is not one of a state dict`))(machine);
  }
  return pop(machine);
};

/** Where a storage's numbers begin in the bytes, and how many they are. */
export interface Placed {
  readonly start: number;
  readonly count: number;
}

const gather = ({ view: bytes }: Cursor, placed: (storage: Storage) => Placed | undefined, name: string, { storage, offset, shape, strides }: View): NamedTensor => {
  const numbers = placed(storage);
  if (numbers?.count !== storage.count) return refuse(`tensor ${quote(name)}: its storage of ${storage.count} elements is ${numbers ? `one of ${numbers.count}` : 'missing'}`);
  const size = sizeOf(shape);
  const end = shape.reduce((at, n, d) => at + (n - 1) * strides[d]!, offset + 1);
  if (size > 0 && end > storage.size) refuse(`tensor ${quote(name)} of shape [${shape.join(', ')}] ends at element ${end} of a storage of ${storage.size}`);
  const { size: width, read } = FLOAT_TYPES[storage.type];
  const data = Float32Array.from({ length: size }, (_, i) => {
    let [at, rest] = [storage.offset + offset, i];
    for (let d = shape.length - 1; d >= 0; rest = Math.floor(rest / shape[d--]!)) at += (rest % shape[d]!) * strides[d]!;
    return read(bytes, numbers.start + width * at);
  });
  const bad = data.findIndex((value) => !Number.isFinite(value));
  return bad < 0 ? { shape, data } : refuse(`tensor ${quote(name)} holds ${data[bad]} at ${bad}: the file is damaged, or its run had diverged`);
};

/** Both heads hold the memory module, so a state dict names its tensors twice more. */
const isAlias = (name: string): boolean => /^(module\.)?(read|write)_head\.memory\./.test(name);

const readViews = (object: Value): (readonly [string, View])[] => {
  if (!(object instanceof Map)) return refuse('holds something else than a state dict: save model.state_dict()');
  const views = [...object].map(([name, view]) => [name, isTagged(view, 'view') ? view : refuse(`${quote(name)} is not a tensor: save model.state_dict() alone`)] as const);
  const elements = views.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
  return elements <= MOST_ELEMENTS ? views : refuse(`its tensors have ${elements} elements; at most ${MOST_ELEMENTS} are read`);
};

/** The types of a state dict's storages, by key. */
export const storageTypes = (object: Value): ReadonlyMap<string, FloatType> => new Map(readViews(object).map(([, { storage }]) => [storage.key, storage.type]));

/** The tensors of a state dict, without the names that alias the memory inside the heads, and what they were converted from. */
export const gatherAll = (cursor: Cursor, object: Value, placed: (storage: Storage) => Placed | undefined) => {
  const views = readViews(object).filter(([name]) => !isAlias(name));
  const converted = [...new Set(views.flatMap(([, { storage }]) => (storage.type === 'F32' ? [] : [storage.type])))];
  return { tensors: new Map(views.map(([name, view]) => [name, gather(cursor, placed, name, view)])), ...(converted.length > 0 && { converted }) };
};
