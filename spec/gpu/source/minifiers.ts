/** What the bundlers of today do to a function's text. */
import { minify as swc } from '@swc/core';
import { transform } from 'esbuild';
import { minify as terser } from 'terser';
import { minifySync as oxc } from 'vite';

const HEAD = 'export default ';

/** The function of a module that exports nothing else. */
const exported = (code: string): string => code.trim().slice(HEAD.length).replace(/;$/, '');

export const MINIFIERS: ReadonlyArray<readonly [name: string, minify: (source: string) => Promise<string>]> = [
  ['no minifier', async (source) => source],
  ['esbuild', async (source) => exported((await transform(HEAD + source, { minify: true })).code)],
  ['esbuild for ES2015', async (source) => exported((await transform(HEAD + source, { minify: true, target: 'es2015' })).code)],
  ['terser', async (source) => exported((await terser(HEAD + source, { module: true, compress: { passes: 2 } })).code!)],
  ['terser, as far as it goes', async (source) => exported((await terser(HEAD + source, { module: true, ecma: 2020, compress: { passes: 3, unsafe: true, unsafe_arrows: true, hoist_vars: true, hoist_props: true } })).code!)],
  ['swc', async (source) => exported((await swc(HEAD + source, { module: true, compress: true, mangle: true })).code)],
  ['oxc (Vite)', async (source) => exported(oxc('kernel.js', HEAD + source, { module: true }).code)],
];
