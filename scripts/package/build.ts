/**
 * Builds dist: the library and the commands as JavaScript with types and source maps, and gpu.js with them, since
 * npm would build its native part (gl 8.1.6) in every project that depends on it.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

const DIST = 'dist';
const VENDOR = join(DIST, 'vendor');
const IMPORTER = join(DIST, 'src/gpu/gpujs.js');

/** What gpu.js asks for in Node alone: gl where it is installed; nothing in browsers. */
const REQUIRE = `/* gpu.js, MIT licence: gpu.js.LICENSE */
const require = (() => {
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
execFileSync(process.execPath, [createRequire(import.meta.url).resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'], { stdio: 'inherit' });

await build({
  stdin: { contents: "export { default } from 'gpu.js';", resolveDir: '.' },
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  mainFields: ['main'],
  target: 'es2022',
  external: ['gl', 'os', 'worker_threads'],
  plugins: [SHARED_ACORN],
  banner: { js: REQUIRE },
  outfile: join(VENDOR, 'gpu.js'),
});
const folder = dirname(createRequire(import.meta.url).resolve('gpu.js/package.json'));
copyFileSync(join(folder, 'LICENSE'), join(VENDOR, 'gpu.js.LICENSE'));

const importing = readFileSync(IMPORTER, 'utf8');
if (!importing.includes("from 'gpu.js'")) throw new Error(`${IMPORTER} does not import gpu.js`);
writeFileSync(IMPORTER, importing.replace("from 'gpu.js'", "from '../../vendor/gpu.js'"));
chmodSync(join(DIST, 'scripts/ntm.js'), 0o755);
