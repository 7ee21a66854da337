/**
 * GPU.js compiles the text of a kernel, so its text must stand alone: no name from outside, nothing
 * that a bundler or a test runner put in, and only what every backend understands.
 */
import { readdirSync } from 'node:fs';
import { transform } from 'esbuild';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import type { Kernel } from '../kernels/kernel.js';
import { printKernel } from '../src/gpu/source/print.js';
import { readKernel } from '../src/gpu/source/read.js';

/** Every way in which a kernel's source breaks the rules; none for a good one. */
const faults = (source: string): string[] => {
  const file = ts.createSourceFile('kernel.js', `(${source})`, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
  const found = (source.match(/__name|__vite\w*/g) ?? []).map((name) => `left by a tool: ${name}`);
  const known = new Set(['Math']);
  const used = new Set<string>();
  const counters = new Set<string>();
  let functions = 0;

  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && functions++ > 0) found.push(`nested function: ${node.getText()}`);
    if ((ts.isParameter(node) || ts.isVariableDeclaration(node)) && ts.isIdentifier(node.name)) known.add(node.name.text);
    if (ts.isFunctionExpression(node) && node.name) known.add(node.name.text);
    if (ts.isForStatement(node) && node.initializer && ts.isVariableDeclarationList(node.initializer)) {
      for (const { name } of node.initializer.declarations) {
        if (counters.has(name.getText())) found.push(`two loops count with: ${name.getText()}`);
        counters.add(name.getText());
      }
    }
    if (ts.isBinaryExpression(node) && [ts.SyntaxKind.AsteriskAsteriskToken, ts.SyntaxKind.AsteriskAsteriskEqualsToken].includes(node.operatorToken.kind)) found.push(`exponent operator: ${node.getText()}`);
    if (ts.isIdentifier(node) && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node)) used.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...found, ...[...used].filter((name) => !known.has(name)).map((name) => `free identifier: ${name}`)];
};

const isKernel = (value: unknown): value is Kernel => typeof value === 'object' && value !== null && 'source' in value && typeof value.source === 'function';

const folder = new URL('../kernels/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'kernel.ts');
const kernels = (
  await Promise.all(
    files.map(async (name) => {
      const exported = Object.values((await import(new URL(name, folder).href)) as Record<string, object>);
      return exported.flatMap((value) => (isKernel(value) ? [value] : Object.values(value).filter(isKernel)));
    }),
  )
).flat();

describe('the source of every kernel stands alone', () => {
  it.each(kernels.map(({ name, source }) => [name, source.toString()] as const))('%s', (_, source) => expect(faults(source)).toEqual([]));

  it('every file has kernels, and no two share a name', () => {
    const names = kernels.map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(files.length);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});

describe('what GPU.js is given stands alone after a minifier', () => {
  it.each(kernels.map(({ name, source }) => [name, source.toString()] as const))('%s', async (_, source) => {
    const { code } = await transform(`export default ${source}`, { minify: true });
    const text = printKernel(readKernel(code.slice('export default '.length, code.lastIndexOf('}') + 1)));
    expect(faults(text)).toEqual([]);
  });
});

describe('a source that does not stand alone is refused for', () => {
  it.each([
    ['a free identifier', 'function k(a) { return a[this.thread.x] * scale; }', ['free identifier: scale']],
    ['a helper', 'function k(a) { return sigmoid(a[0]); }', ['free identifier: sigmoid']],
    ['an imported name', 'function k(a) { return __vite_ssr_import_0__.f(a[0]); }', ['left by a tool: __vite_ssr_import_0__', 'free identifier: __vite_ssr_import_0__']],
    ['a nested function', 'function k(a) { const f = (v) => v; return f(a[0]); }', ['nested function: (v) => v']],
    ['a counter used twice', 'function k(a) { let s = 0; for (let i = 0; i < 2; i++) s += a[i]; for (let i = 0; i < 2; i++) s += a[i]; return s; }', ['two loops count with: i']],
    ['an exponent operator', 'function k(a) { return a[0] ** 2; }', ['exponent operator: a[0] ** 2']],
  ])('%s', (_, source, expected) => expect(faults(source)).toEqual(expected));
});
