/** Proves the reader of PyTorch's old format on the published weights, on files made by hand, and on malicious ones. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { decodeLegacyTorch, isLegacyTorch } from '../../src/io/legacy-torch.js';
import type { Safetensors } from '../../src/io/safetensors.js';
import { parseFixture } from '../oracle/fixtures.js';

/** A part of a pickle: opcodes that are letters are written as such. */
type Part = string | number | Uint8Array;

const bytesOf = (...parts: readonly Part[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...(typeof part === 'string' ? new TextEncoder().encode(part) : part)])));

const uint32 = (n: number): Uint8Array => new Uint8Array(Uint32Array.of(n).buffer);
const pickle = (...parts: readonly Part[]): Uint8Array => bytesOf(0x80, 2, ...parts, '.');
const text = (value: string): Uint8Array => bytesOf('X', uint32(new TextEncoder().encode(value).length), value);
const int = (n: number): Uint8Array => (n >= 0 && n < 256 ? bytesOf('K', n) : n >= 0 && n < 65536 ? bytesOf('M', n & 255, n >> 8) : bytesOf('J', uint32(n)));
const tuple = (...items: readonly Part[]): Uint8Array => bytesOf('(', ...items, 't');
const ordered = bytesOf('ccollections\nOrderedDict\n', ')R');
const dict = (entries: Readonly<Record<string, Uint8Array>>): Uint8Array => bytesOf(ordered, '(', ...Object.entries(entries).flatMap(([name, value]) => [text(name), value]), 'u');

const storage = (key: string, count: number, type = 'FloatStorage', window: Part = 'N'): Uint8Array => bytesOf(tuple(text('storage'), `ctorch\n${type}\n`, text(key), text('cpu'), int(count), window), 'Q');

const tensor = (from: Uint8Array, offset: number, shape: readonly number[], strides: readonly number[]): Uint8Array =>
  bytesOf('ctorch._utils\n_rebuild_tensor_v2\n', tuple(from, int(offset), tuple(...shape.map(int)), tuple(...strides.map(int)), 0x89, ordered), 'R');

const MAGIC = pickle(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19);
const PROTOCOL = pickle('M', 0xe9, 3);
const SYSTEM = pickle('}', '(', text('protocol_version'), 'M', 0xe9, 3, text('little_endian'), 0x88, text('type_sizes'), '}', '(', text('int'), int(4), 'u', 'u');

const counted = (...values: number[]): Uint8Array => bytesOf(uint32(values.length), uint32(0), new Uint8Array(Float32Array.from(values).buffer));

const legacyFile = (object: Uint8Array, storages: Readonly<Record<string, readonly number[]>>): Uint8Array =>
  bytesOf(MAGIC, PROTOCOL, SYSTEM, pickle(object), pickle(']', '(', ...Object.keys(storages).map(text), 'e'), ...Object.values(storages).map((values) => counted(...values)));

const decoded = (bytes: Uint8Array): Safetensors => {
  const read = decodeLegacyTorch(bytes);
  if (E.isLeft(read)) throw new Error(read.left);
  return read.right;
};

const faultOf = (bytes: Uint8Array): string => {
  const read = decodeLegacyTorch(bytes);
  return E.isLeft(read) ? read.left : 'accepted';
};

const valuesOf = (bytes: Uint8Array): Record<string, readonly [readonly number[], number[]]> =>
  Object.fromEntries([...decoded(bytes).tensors].map(([name, { shape, data }]) => [name, [shape, [...data]]]));

const STORAGES = { a: [0, 1, 2, 3, 4, 5], b: [-7.5] };
const SMALL = legacyFile(dict({ w: tensor(storage('a', 6), 0, [2, 3], [3, 1]), s: tensor(storage('b', 1), 0, [], []) }), STORAGES);

const seedFolder = fileURLToPath(new URL('../../../shared/seed-checkpoints', import.meta.url));
const seeds = existsSync(seedFolder) ? readdirSync(seedFolder).filter((name) => name.endsWith('.pt')) : [];

describe("the seed's published weights", () => {
  if (seeds.length === 0) it.skip('are absent: ../shared/seed-checkpoints holds no .pt');

  it.each(seeds)('%s has the names, shapes and bits of its safetensors', (name) => {
    const expected = parseFixture(Uint8Array.from(readFileSync(join(seedFolder, name.replace(/pt$/, 'safetensors')))).buffer).tensors;
    const { metadata, tensors } = decoded(new Uint8Array(readFileSync(join(seedFolder, name))));
    expect(metadata).toEqual({ format: 'pt' });
    expect([...tensors.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [key, { shape, data }] of expected) {
      expect(tensors.get(key)!.shape, key).toEqual(shape);
      expect(new Uint32Array(tensors.get(key)!.data.buffer), key).toEqual(new Uint32Array(data.buffer));
    }
  });

  it.each(seeds)('%s is refused in one line when damaged, or read, but throws nothing', (name) => {
    const whole = new Uint8Array(readFileSync(join(seedFolder, name)));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 9000 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }), (edits) => {
        const damaged = whole.slice();
        for (const [at, byte] of edits) damaged[at] = byte;
        expect(faultOf(damaged)).toMatch(/^.+$/);
      }),
    );
  });
});

describe('a file made by hand', () => {
  it('is told by its magic number', () => {
    expect(isLegacyTorch(SMALL)).toBe(true);
    expect(isLegacyTorch(SMALL.slice(0, 14))).toBe(false);
    expect(isLegacyTorch(new Uint8Array(64))).toBe(false);
    expect(faultOf(new Uint8Array(64))).toBe("not a file of PyTorch's old format");
  });

  it('gives its tensors, scalars among them', () => expect(valuesOf(SMALL)).toEqual({ w: [[2, 3], [0, 1, 2, 3, 4, 5]], s: [[], [-7.5]] }));

  it('is read where it lies in a larger buffer', () => {
    const larger = new Uint8Array(SMALL.length + 5);
    larger.set(SMALL, 5);
    expect(valuesOf(larger.subarray(5))).toEqual(valuesOf(SMALL));
    expect(valuesOf(Buffer.from(SMALL))).toEqual(valuesOf(SMALL));
  });

  it('may hold views: offsets, transposes, steps, and a stride of zero', () => {
    const a = storage('a', 6);
    const views = dict({ tail: tensor(a, 4, [2], [1]), transposed: tensor(a, 0, [3, 2], [1, 3]), even: tensor(a, 0, [3], [2]), spread: tensor(a, 5, [2, 2], [0, 0]), none: tensor(a, 6, [0, 3], [3, 1]) });
    expect(valuesOf(legacyFile(views, STORAGES))).toEqual({ tail: [[2], [4, 5]], transposed: [[3, 2], [0, 3, 1, 4, 2, 5]], even: [[3], [0, 2, 4]], spread: [[2, 2], [5, 5, 5, 5]], none: [[0, 3], []] });
  });

  it('may hold a storage that is a window of another', () => {
    const window = storage('a', 6, 'FloatStorage', tuple(text('v'), int(2), int(3)));
    expect(valuesOf(legacyFile(dict({ w: tensor(window, 1, [2], [1]) }), STORAGES))).toEqual({ w: [[2], [3, 4]] });
    expect(faultOf(legacyFile(dict({ w: tensor(window, 2, [2], [1]) }), STORAGES))).toMatch(/tensor "w".*ends at element 4 of a storage of 3/);
  });

  it('may hold parameters, and attributes, which are passed over', () => {
    const parameter = bytesOf('ctorch._utils\n_rebuild_parameter\n', tuple(tensor(storage('b', 1), 0, [1], [1]), 0x88, ordered), 'R');
    const object = bytesOf(dict({ w: parameter }), '}', text('_metadata'), ordered, 's', 'b');
    expect(valuesOf(legacyFile(object, STORAGES))).toEqual({ w: [[1], [-7.5]] });
  });

  it('keeps a shape as it was when the tensor was built, whatever becomes of its list', () => {
    const list = bytesOf(']', 'q', 9, int(2), 'a');
    const grown = bytesOf(ordered, text('w'), 'ctorch._utils\n_rebuild_tensor_v2\n', tuple(storage('a', 6), int(0), list, tuple(int(1))), 'R', 's', 'h', 9, int(3), 'a', 'b');
    expect(valuesOf(legacyFile(grown, STORAGES))).toEqual({ w: [[2], [0, 1]] });
  });

  it("leaves out the heads' names of the memory", () => {
    const b = tensor(storage('b', 1), 0, [1], [1]);
    const names = { 'memory.initial_state': b, 'read_head.memory.initial_state': b, 'write_head.memory.initial_read': b, 'read_head._initial_state': b };
    expect([...decoded(legacyFile(dict(names), STORAGES)).tensors.keys()]).toEqual(['memory.initial_state', 'read_head._initial_state']);
  });
});

describe('a file is refused in one line', () => {
  const a = storage('a', 6);
  const evil = (pickled: Part) => bytesOf(pickled, text('touch /tmp/owned'), 0x85, 'R');

  it.each<readonly [string, Uint8Array, RegExp]>([
    ['calls os.system as its object', legacyFile(evil('cos\nsystem\n'), {}), /asks for "os\.system", which is refused/],
    ['calls os.system inside a dict', legacyFile(dict({ w: evil('cposix\nsystem\n') }), {}), /asks for "posix\.system"/],
    ['calls os.system among the facts of the system', bytesOf(MAGIC, PROTOCOL, pickle(evil('cos\nsystem\n'))), /asks for "os\.system"/],
    ['asks for eval', legacyFile(evil('cbuiltins\neval\n'), {}), /asks for "builtins\.eval"/],
    ['asks for a name with control characters', legacyFile(bytesOf('cos\r\n\u001b[2J\n'), {}), /asks for "os\\r\.\\u001b\[2J"/],
    ['makes an instance by another opcode', legacyFile(bytesOf('(', text('x'), 'ios\nsystem\n'), {}), /opcode 0x69 at byte \d+/],
    ['calls a storage', legacyFile(bytesOf('ctorch\nFloatStorage\n)R'), {}), /torch\.FloatStorage is called/],
    ['calls what is no global', legacyFile(bytesOf(text('os.system'), ')R'), {}), /malformed: not a call/],
    ['holds whole numbers', legacyFile(dict({ w: tensor(storage('a', 6, 'LongStorage'), 0, [1], [1]) }), STORAGES), /asks for "torch\.LongStorage".*floating-point.*state_dict/],
    ['is a whole model', legacyFile(bytesOf('c__main__\nNTM\n', ')R'), STORAGES), /asks for "__main__\.NTM", which is refused: only a state dict.*torch\.save\(model\.state_dict\(\), path\)/],
    ['holds something else than tensors', legacyFile(dict({ epoch: int(3) }), {}), /"epoch" is not a tensor: save model\.state_dict\(\)/],
    ['is no dict', legacyFile(tensor(a, 0, [1], [1]), STORAGES), /something else than a state dict/],
    ['has a key that is no text', legacyFile(bytesOf(ordered, int(1), int(2), 's'), {}), /not a dict's entry/],
    ['has another protocol', bytesOf(MAGIC, pickle(int(7))), /not of protocol 1001/],
    ['comes from a big-endian machine', bytesOf(MAGIC, PROTOCOL, pickle('}', text('little_endian'), 0x89, 's')), /little-endian/],
    ['reaches beyond its storage', legacyFile(dict({ w: tensor(a, 1, [2, 3], [3, 1]) }), STORAGES), /tensor "w" of shape \[2, 3\] ends at element 7 of a storage of 6/],
    ['has a window beyond its storage', legacyFile(dict({ w: tensor(storage('a', 6, 'FloatStorage', tuple(text('v'), int(5), int(2))), 1, [1], [1]) }), STORAGES), /not a floating-point storage/],
    ['has a negative offset', legacyFile(dict({ w: tensor(a, -1, [1], [1]) }), STORAGES), /without its storage, offset, shape and strides/],
    ['asks for endless memory', legacyFile(dict({ w: tensor(a, 0, [2 ** 30, 2 ** 30], [0, 0]) }), STORAGES), /elements; at most 268435456/],
    ['lacks a storage', legacyFile(dict({ w: tensor(storage('c', 6), 0, [1], [1]) }), STORAGES), /tensor "w": its storage of 6 elements is missing/],
    ['has a storage of another length', legacyFile(dict({ w: tensor(storage('b', 2), 0, [1], [1]) }), STORAGES), /tensor "w": its storage of 2 elements is one of 1/],
    ['holds NaN', legacyFile(dict({ w: tensor(a, 0, [6], [1]) }), { a: [0, 1, NaN, 3, 4, 5] }), /tensor "w" holds NaN at 2/],
    ['recalls what it never stored', legacyFile(bytesOf('h', 9), {}), /a value is missing/],
    ['closes a mark it never set', legacyFile(bytesOf('t'), {}), /no mark/],
    ['has storages without a list', bytesOf(MAGIC, PROTOCOL, SYSTEM, pickle(dict({})), pickle('N')), /no list of storages/],
  ])('which %s', (_, bytes, fault) => {
    expect(faultOf(bytes)).toMatch(fault);
    expect(faultOf(bytes)).not.toContain('\n');
  });

  it('wherever it is cut off', () => {
    for (let end = MAGIC.length; end < SMALL.length; end++) expect(faultOf(SMALL.slice(0, end))).toMatch(/^truncated: .+$/);
  });

  it('whatever follows the magic number', () => fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (rest) => { expect(faultOf(bytesOf(MAGIC, rest))).toMatch(/^.+$/); })));
});
