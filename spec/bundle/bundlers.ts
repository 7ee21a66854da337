/** The bundlers of today, each as it comes: a module and all that it imports, as one script with its exports in `bundled`. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import * as swc from '@swc/core';
import * as esbuild from 'esbuild';
import { type Plugin, rollup } from 'rollup';
import { minify as terser } from 'terser';
import { build as vite } from 'vite';

export type Bundle = (entry: string) => Promise<string>;

const byEsbuild =
  (options: esbuild.BuildOptions): Bundle =>
  async (entry) =>
    (await esbuild.build({ entryPoints: [entry], bundle: true, format: 'iife', globalName: 'bundled', platform: 'browser', write: false, ...options })).outputFiles![0]!.text;

const byVite: Bundle = async (entry) => {
  const built = await vite({ configFile: false, logLevel: 'silent', build: { write: false, lib: { entry: resolve(entry), formats: ['iife'], name: 'bundled' } } });
  const [{ output }] = (Array.isArray(built) ? built : [built]) as unknown as [{ readonly output: ReadonlyArray<{ readonly code: string }> }];
  return output[0]!.code;
};

/** Imports say .js, as TypeScript wants it, where the sources are .ts. */
const typescript = (transform: (code: string) => Promise<string>): Plugin => ({
  name: 'typescript',
  resolveId: (source, importer) => {
    const path = importer && source.startsWith('.') ? resolve(dirname(importer), source.replace(/\.js$/, '.ts')) : null;
    return path && existsSync(path) ? path : null;
  },
  transform: async (code, id) => (id.endsWith('.ts') ? { code: await transform(code), map: null } : null),
});

/** commonjs: an ES module with the types of a CommonJS one. */
const byRollup =
  (transform: (code: string) => Promise<string>, minify: (code: string) => Promise<string>): Bundle =>
  async (entry) => {
    const bundle = await rollup({ input: entry, plugins: [typescript(transform), nodeResolve({ browser: true, preferBuiltins: false }), (commonjs as unknown as () => Plugin)()], onwarn: () => undefined });
    const { output } = await bundle.generate({ format: 'iife', name: 'bundled' });
    await bundle.close();
    return minify(output[0].code);
  };

const stripTypes = async (code: string): Promise<string> => (await esbuild.transform(code, { loader: 'ts' })).code;
const swcStripTypes = async (code: string): Promise<string> => (await swc.transform(code, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } })).code;

export const BUNDLERS: ReadonlyArray<readonly [name: string, bundle: Bundle]> = [
  ['esbuild', byEsbuild({})],
  ['esbuild, minified, keeping names', byEsbuild({ minify: true, keepNames: true })],
  ['Vite', byVite],
  ['rollup with terser', byRollup(stripTypes, async (code) => (await terser(code)).code!)],
  ['swc', byRollup(swcStripTypes, async (code) => (await swc.minify(code, { compress: true, mangle: true })).code)],
];
