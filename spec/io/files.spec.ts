/** Proves the edge: a write is whole or does not happen, nothing temporary stays, and every fault is one line with its path. */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IoError } from '../../src/io/errors.js';
import { appendBytes, appendLine, loadTensors, proveWritable, readBytes, removeEmpty, removeTemporaries, saveTensors, writeAtomically } from '../../src/io/files.js';
import type { Safetensors } from '../../src/io/safetensors.js';

let folder: string;
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'ntm-files-')); });
afterEach(() => rm(folder, { recursive: true }));

const done = async <A>(task: TaskEither<IoError, A>): Promise<A> => {
  const result = await task();
  if (E.isLeft(result)) throw new Error(result.left.message);
  return result.right;
};

/** The one line that a task fails with. */
const faultOf = async (task: TaskEither<IoError, unknown>): Promise<string> => {
  const result = await task();
  return E.isLeft(result) ? result.left.message : 'it succeeded';
};

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const contents = async (path: string): Promise<number[]> => [...(await readFile(path))];

const TENSORS: Safetensors = { metadata: { task: 'copy' }, tensors: new Map([['w', { shape: [2], data: Float32Array.of(1.5, -2) }]]) };

describe('writeAtomically', () => {
  it('writes, and writes over, and makes the folders on the way', async () => {
    const path = join(folder, 'a', 'b', 'file');
    await done(writeAtomically(path, bytes(1, 2)));
    expect(await contents(path)).toEqual([1, 2]);
    await done(writeAtomically(path, bytes(3)));
    expect(await contents(path)).toEqual([3]);
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['file']);
  });

  it('shows whoever reads meanwhile the old file or the new one, whole', async () => {
    const path = join(folder, 'file');
    const size = 1 << 20;
    await done(writeAtomically(path, new Uint8Array(size)));
    let writing = true;
    const writer = (async () => {
      for (let i = 1; i <= 20; i++) await done(writeAtomically(path, new Uint8Array(size).fill(i)));
      writing = false;
    })();
    while (writing) {
      const seen = await readFile(path);
      expect(seen.length).toBe(size);
      expect(seen.equals(Buffer.alloc(size, seen[0]))).toBe(true);
    }
    await writer;
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('replaces a file whose name is as long as names may be', async () => {
    const path = join(folder, 'n'.repeat(250));
    await writeFile(path, bytes(1, 2));
    expect(E.isRight(await writeAtomically(path, bytes(3))())).toBe(true);
    expect(await contents(path)).toEqual([3]);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it.each(['é', '漢', '🙂', 'a漢', 'ab漢'])('replaces one whose name is that long in bytes, of %s', async (letters) => {
    const size = Buffer.byteLength(letters);
    const path = join(folder, letters.repeat(Math.floor(255 / size)));
    await done(writeAtomically(path, bytes(1)));
    await done(writeAtomically(path, bytes(2)));
    expect(await contents(path)).toEqual([2]);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('removes its temporary file when the renaming fails', async () => {
    const path = join(folder, 'taken');
    await mkdir(path);
    expect(await faultOf(writeAtomically(path, bytes(1)))).toBe(`${path}: cannot be written: is a folder`);
    expect(await readdir(folder)).toEqual(['taken']);
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it('fails in one line below a file', async () => {
    await writeFile(join(folder, 'file'), bytes(1));
    for (const path of [join(folder, 'file', 'x'), join(folder, 'file', 'x', 'y')]) {
      expect(await faultOf(writeAtomically(path, bytes(2)))).toMatch(/^.+: cannot be written: a part of the path is (not a folder|a file)$/);
      expect(await faultOf(writeAtomically(path, bytes(2)))).toContain(path);
    }
    expect(await readdir(folder)).toEqual(['file']);
  });
});

describe('a file that is written over', () => {
  it('keeps its mode', async () => {
    const path = join(folder, 'private');
    await writeFile(path, bytes(1), { mode: 0o600 });
    await done(writeAtomically(path, bytes(2)));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it.each(['there', 'not there yet'])('is the one that a link leads to, %s', async (target) => {
    await mkdir(join(folder, 'other'));
    const file = join(folder, 'other', 'file');
    if (target === 'there') await writeFile(file, bytes(1));
    await symlink(join('other', 'file'), join(folder, 'link'));
    await done(writeAtomically(join(folder, 'link'), bytes(2)));
    expect(await contents(file)).toEqual([2]);
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
  });

  it('is no device', async () => {
    expect(await faultOf(writeAtomically('/dev/null', bytes(1)))).toBe('/dev/null: cannot be written: is a device, a pipe or a socket, not a file');
  });
});

describe('temporaries', () => {
  it('of processes that are gone are removed, and nothing else', async () => {
    const id = randomUUID();
    const gone = spawnSync(process.execPath, ['-e', '0']).pid;
    await Promise.all([`.m.safetensors.${gone}.${id}.tmp`, `.${gone}.probe`, `.m.safetensors.${process.pid}.${id}.tmp`, `m.safetensors.${gone}.${id}.tmp`, '.notes.tmp'].map((name) => writeFile(join(folder, name), bytes(1))));
    await removeTemporaries(folder);
    expect((await readdir(folder)).sort()).toEqual([`.m.safetensors.${process.pid}.${id}.tmp`, '.notes.tmp', `m.safetensors.${gone}.${id}.tmp`].sort());
  });
});

describe('proveWritable', () => {
  it('says what it made, deepest first, so that what stays empty can be taken away', async () => {
    const path = join(folder, 'a', 'b');
    const made = await done(proveWritable(path));
    expect(made).toEqual([path, join(folder, 'a')]);
    await writeFile(join(folder, 'a', 'kept'), bytes(1));
    await removeEmpty(made);
    expect(await readdir(folder)).toEqual(['a']);
    expect(await readdir(join(folder, 'a'))).toEqual(['kept']);
  });

  it('ends within a second where no folder can be made, and tells read-only from missing', async () => {
    const begun = performance.now();
    expect(await faultOf(proveWritable('/proc/nowhere/runs'))).toBe('/proc/nowhere/runs: cannot be written to: no folder can be made there');
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  it('makes the folders and leaves nothing in them', async () => {
    const path = join(folder, 'runs', 'one');
    await done(proveWritable(path));
    await done(proveWritable(path));
    expect(await readdir(path)).toEqual([]);
  });

  it('fails in one line on a file and below one', async () => {
    const file = join(folder, 'file');
    await writeFile(file, bytes(1));
    expect(await faultOf(proveWritable(file))).toBe(`${file}: cannot be written to: a part of the path is a file`);
    expect(await faultOf(proveWritable(join(file, 'x')))).toBe(`${join(file, 'x')}: cannot be written to: a part of the path is not a folder`);
    expect(await contents(file)).toEqual([1]);
  });
});

describe('reading and appending', () => {
  it('a pipe that nobody writes to, a device and a file that is too long are refused at once', async () => {
    const pipe = join(folder, 'pipe');
    spawnSync('mkfifo', [pipe]);
    expect(await faultOf(loadTensors(pipe))).toBe(`${pipe}: is a device, a pipe or a socket, not a file`);
    expect(await faultOf(readBytes('/dev/zero'))).toBe('/dev/zero: is a device, a pipe or a socket, not a file');
    await writeFile(join(folder, 'long'), bytes(1, 2, 3));
    expect(await faultOf(readBytes(join(folder, 'long'), 2))).toBe(`${join(folder, 'long')}: has 3 bytes; at most 2 are read`);
  });

  it('a missing file, a missing folder and a folder each give one line with the path', async () => {
    for (const path of [join(folder, 'none'), join(folder, 'none', 'file')]) {
      expect(await faultOf(readBytes(path))).toBe(`${path}: no such file or folder`);
      expect(await faultOf(loadTensors(path))).toBe(`${path}: no such file or folder`);
    }
    expect(await faultOf(readBytes(folder))).toBe(`${folder}: is a folder`);
  });

  it('appends lines and bytes in order', async () => {
    const path = join(folder, 'log');
    await done(appendLine(path, 'one'));
    await done(appendLine(path, 'two'));
    await done(appendBytes(path, bytes(51, 10)));
    expect(await readFile(path, 'utf8')).toBe('one\ntwo\n3\n');
    expect(new TextDecoder().decode(await done(readBytes(path)))).toBe('one\ntwo\n3\n');
  });

  it('cannot append in a missing folder, and says so in one line', async () => {
    const path = join(folder, 'none', 'log');
    expect(await faultOf(appendLine(path, 'x'))).toBe(`${path}: cannot be written: no such file or folder`);
    expect(await faultOf(appendBytes(path, bytes(1)))).toBe(`${path}: cannot be written: no such file or folder`);
  });
});

describe('tensors', () => {
  it('saved are loaded', async () => {
    const path = join(folder, 'weights.safetensors');
    await done(saveTensors(path, TENSORS));
    expect(await done(loadTensors(path))).toEqual(TENSORS);
  });

  it("are loaded from PyTorch's old format by content, whatever the file is called", async () => {
    const path = join(folder, 'weights.safetensors');
    const magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
    const text = (value: string): number[] => [0x58, value.length, 0, 0, 0, ...Buffer.from(value)];
    const empty = [...magic, 0x4d, 0xe9, 3, 0x2e, 0x7d, ...text('little_endian'), 0x88, 0x73, 0x2e, 0x7d, 0x2e, 0x5d, 0x2e];
    await writeFile(path, bytes(...empty));
    expect(await done(loadTensors(path))).toEqual({ metadata: { format: 'pt' }, tensors: new Map() });
    await writeFile(path, bytes(...empty.slice(0, -1)));
    expect(await faultOf(loadTensors(path))).toBe(`${path}: truncated: 1 bytes are wanted at byte ${empty.length - 1}, and the file has ${empty.length - 1}`);
  });

  it('under the name of the metadata are refused with the path, before anything is written', async () => {
    const path = join(folder, 'weights.safetensors');
    expect(await faultOf(saveTensors(path, { metadata: {}, tensors: new Map([['__metadata__', { shape: [1], data: Float32Array.of(1) }]]) }))).toMatch(/^.+weights\.safetensors: a tensor named "__metadata__"/);
    expect(await readdir(folder)).toEqual([]);
  });

  it("in PyTorch's newer zip format that are cut off are refused in one line", async () => {
    const path = join(folder, 'copy.pt');
    await writeFile(path, bytes(0x50, 0x4b, 3, 4, ...new Uint8Array(100)));
    expect(await faultOf(loadTensors(path))).toBe(`${path}: truncated, or not a whole zip archive`);
  });

  it('whose names all begin with "module." are read without that, and it is said', async () => {
    const path = join(folder, 'parallel.safetensors');
    await done(saveTensors(path, { metadata: {}, tensors: new Map([['module.w', TENSORS.tensors.get('w')!]]) }));
    expect(await done(loadTensors(path))).toEqual({ metadata: {}, tensors: TENSORS.tensors, converted: ['names that begin with "module."'] });
  });

  it('of a damaged file are refused with the path and the tensor', async () => {
    const path = join(folder, 'weights.safetensors');
    await done(saveTensors(path, { metadata: {}, tensors: new Map([['w', { shape: [1], data: Float32Array.of(NaN) }]]) }));
    expect(await faultOf(loadTensors(path))).toBe(`${path}: tensor "w" holds NaN at 0: the file is damaged, or its run had diverged`);
  });
});
