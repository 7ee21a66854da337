/** docs/paper.md against the code: kernels, functions and tests that it names exist, and no kernel is left out. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const page = readFileSync('docs/paper.md', 'utf8');
const tables = page.split('\n').filter((line) => line.startsWith('|'));

const files = readdirSync('kernels').filter((name) => name.endsWith('.ts') && name !== 'kernel.ts');
const modules = await Promise.all(
  files.map(
    (name) => import(new URL(`../../kernels/${name}`, import.meta.url).href) as Promise<Readonly<Record<string, object>>>,
  ),
);
/** `content.similarity` and the like. */
const kernels = modules.flatMap((module) =>
  Object.entries(module).flatMap(([group, all]) => Object.keys(all).map((name) => `${group}.${name}`)),
);

const quoted = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);

it('every kernel stands in a table, and every kernel named is one', () => {
  const named = new Set(tables.flatMap(quoted).filter((code) => /^[a-zA-Z]+\.[a-zA-Z]+$/.test(code)));
  expect([...named].sort()).toEqual([...kernels].sort());
});

it.each([...page.matchAll(/`(src\/[\w/.-]+)`: ((?:`\w+`(?:, )?)+)/g)].map(([, path, names]) => [path!, quoted(names!)] as const))(
  '%s has %j',
  (path, names) => {
    const code = readFileSync(path, 'utf8');
    expect(names.filter((name) => !new RegExp(`const ${name}\\b`).test(code))).toEqual([]);
  },
);

it.each(
  [...page.matchAll(/`(spec\/[\w/.-]+)`: ((?:“[^”]+”(?:, )?)+)/g)].map(
    ([, path, titles]) => [path!, [...titles!.matchAll(/“([^”]+)”/g)].map(([, title]) => title!)] as const,
  ),
)('%s tests %j', (path, titles) => {
  const code = readFileSync(path, 'utf8').replaceAll("\\'", "'");
  expect(titles.filter((title) => !code.includes(`'${title}`))).toEqual([]);
});
