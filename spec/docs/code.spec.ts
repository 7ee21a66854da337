/** Every block of code in the documents: TypeScript is checked against the library, and run where it can be. */
import { spawn } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Finished, freshFolder } from '../support/command.js';
import { type Block, blocksOf, DOCUMENTS, nameOf } from './markdown.js';
import { exportsOf, faultsOf } from './typecheck.js';

const PATIENCE = 600_000;

const blocks = DOCUMENTS.flatMap(blocksOf);
const typescript = blocks.filter(({ language }) => language === 'ts');

const preludeOf = ({ file }: Block): Block | undefined =>
  typescript.find((block) => block.file === file && block.mark === 'prelude');

const withPrelude = (block: Block): string => {
  const prelude = preludeOf(block);
  return prelude && prelude !== block ? `${prelude.code}\n${block.code}` : block.code;
};

it('is of a language that is looked at', () => {
  expect(
    [...new Set(blocks.map(({ language }) => language))].filter(
      (language) => !['ts', 'sh', 'bash', 'json', 'yaml', 'python', 'text'].includes(language),
    ),
  ).toEqual([]);
});

it.each(blocks.filter(({ language }) => language === 'json').map((block) => [nameOf(block), block.code] as const))(
  '%s is JSON',
  (_, code) => expect(() => JSON.parse(code) as unknown).not.toThrow(),
);

describe('TypeScript', () => {
  const faults = faultsOf(new Map(typescript.map((block) => [nameOf(block), withPrelude(block)])));
  it.each(typescript.map(nameOf))('%s has the types of the library', (name) => expect(faults.get(name)).toEqual([]));

  it('a mistake in a block is found', () => {
    const found = faultsOf(new Map([['wrong', "import { tasks } from 'ntm-gpu';\ntasks.copy({ bit: 3 });"]])).get('wrong');
    expect(found).toMatchObject([/^line 2: .*'bit'/]);
  });
});

const isImport = (line: string): boolean => line.startsWith('import ');

/** The blocks of a document one after the other, each in a scope of its own, in that of the prelude. */
const programOf = (prelude: Block | undefined, parts: readonly Block[]): string => {
  const lines = (code: string, imports: boolean): string =>
    code
      .split('\n')
      .filter((line) => isImport(line) === imports)
      .join('\n');
  const all = [...(prelude ? [prelude] : []), ...parts];
  const imports = [...new Set(all.flatMap(({ code }) => code.split('\n').filter(isImport)))].join('\n');
  const bodies = parts.map((part) => `{\nconsole.log('begins ${nameOf(part)}');\n${lines(part.code, false)}\n}`);
  return [imports, prelude ? lines(prelude.code, false) : '', ...bodies, 'process.exit(0);'].join('\n');
};

const run = (code: string): Promise<Finished> => {
  const folder = freshFolder();
  symlinkSync(resolve('trained-models'), join(folder, 'trained-models'));
  writeFileSync(join(folder, 'blocks.mts'), code);
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), 'blocks.mts'], {
    cwd: folder,
    env: { ...process.env, TSX_TSCONFIG_PATH: resolve('tsconfig.json') },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((done) => void child.on('close', (status) => done({ code: status, out, err })));
};

/** Documents with blocks to run: those marked so, or all where there is a prelude. */
const runnable = DOCUMENTS.flatMap((file) => {
  const own = typescript.filter((block) => block.file === file);
  const prelude = own.find(({ mark }) => mark === 'prelude');
  const parts = own.filter(({ mark }) => (prelude ? mark === '' : /^run\b/.test(mark)));
  return parts.length === 0 ? [] : [[file, prelude, parts] as const];
});

/** What a block says that its lines print: `console.log(…); // prints …`. */
const promised = ({ code }: Block): readonly string[] =>
  [...code.matchAll(/^ *console\.log\(.*\); \/\/ prints (.*)$/gm)].map(([, text]) => text!);

describe.concurrent('runs', () => {
  it.each(runnable)('%s', { timeout: PATIENCE }, async (_, prelude, parts) => {
    const { code, out, err } = await run(programOf(prelude, parts));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const part of parts) for (const text of promised(part)) expect(out.split('\n'), nameOf(part)).toContain(text);
  });
});

it('docs/library.md has every symbol of the front door in a heading', () => {
  const headings = readFileSync('docs/library.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .join('\n');
  expect(exportsOf('src/index.ts').filter((name) => !headings.includes(`\`${name}\``))).toEqual([]);
});
