/**
 * Builds dist: the library and the commands as JavaScript with types and source maps. What is in VENDORED comes along
 * in dist/vendor: gpu.js, since npm would build its native part (gl 8.1.6) in every project that depends on it, and
 * what draws, since it would bring more packages, and more megabytes, than all the rest.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { licencesOf } from './licences.js';

const DIST = 'dist';
const VENDOR = join(DIST, 'vendor');

/** What is imported by name, what its bundle exports, and the packages whose licences that asks for. */
const VENDORED: Readonly<Record<string, string>> = {
  'gpu.js': "export { default } from 'gpu.js';",
  '@observablehq/plot': "export * from '@observablehq/plot';",
  'linkedom/worker': "export { parseHTML } from 'linkedom/worker';",
  'modern-gif': "export { encode } from 'modern-gif';",
};
const FONT = '@fontsource/source-sans-3';

const bundleOf = (name: string): string => join(VENDOR, `${name.replace(/^@/, '').replace(/\//g, '-').replace(/\.js$/, '')}.js`);

/** What gpu.js asks for in Node alone: gl where it is installed; nothing in browsers. */
const REQUIRE = `const require = (() => {
  try {
    return globalThis.process.getBuiltinModule('module').createRequire(import.meta.url);
  } catch {
    return (name) => { throw new Error('no module ' + name + ' here'); };
  }
})();`;

/** One acorn for gpu.js and for us, imported where gpu.js requires it. */
const SHARED_ACORN: Plugin = {
  name: 'shared acorn',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^acorn$/ }, ({ namespace }) => (namespace === 'shared' ? { path: 'acorn', external: true } : { path: 'acorn', namespace: 'shared' }));
    onLoad({ filter: /.*/, namespace: 'shared' }, () => ({ contents: "export { parse } from 'acorn';" }));
  },
};

rmSync(DIST, { recursive: true, force: true });
const { resolve } = createRequire(import.meta.url);
execFileSync(process.execPath, [resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'], { stdio: 'inherit' });

for (const [name, contents] of Object.entries(VENDORED)) {
  await build({
    stdin: { contents, resolveDir: '.' },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: name === 'gpu.js' ? ['main'] : ['module', 'main'],
    target: 'es2022',
    // gpu.js reads the text of functions.
    minify: name !== 'gpu.js',
    legalComments: 'none',
    external: ['gl', 'os', 'worker_threads'],
    plugins: [SHARED_ACORN],
    banner: { js: name === 'gpu.js' ? REQUIRE : '' },
    outfile: bundleOf(name),
  });
}

/** The font's files that src/run/drawing.ts names, in dist/vendor/source-sans-3. */
const fonts = join(dirname(resolve(`${FONT}/package.json`)), 'files');
const wanted = /-((vietnamese|greek)-400|latin-(400|600))-normal\.woff2$/;
mkdirSync(join(VENDOR, 'source-sans-3'));
for (const file of readdirSync(fonts).filter((each) => wanted.test(each))) copyFileSync(join(fonts, file), join(VENDOR, 'source-sans-3', file));

writeFileSync(join(VENDOR, 'LICENCES'), licencesOf([...Object.keys(VENDORED), FONT]));

for (const file of readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((each) => each.endsWith('.js') && !each.startsWith('vendor'))) {
  const path = join(DIST, file);
  const text = readFileSync(path, 'utf8');
  const here = (to: string): string => relative(dirname(path), to);
  const ours = Object.keys(VENDORED).reduce((code, name) => code.replaceAll(`from '${name}'`, `from '${here(bundleOf(name))}'`), text).replaceAll(`${FONT}/files/`, `${here(join(VENDOR, 'source-sans-3'))}/`);
  if (ours !== text) writeFileSync(path, ours);
}
chmodSync(join(DIST, 'scripts/ntm.js'), 0o755);
