/** Builds the lab as static files with relative paths; the models that come with the library lie beside it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const MODELS = at('../trained-models/');

const shippedModels = (): Plugin => ({
  name: 'shipped-models',
  configureServer: ({ middlewares }) => {
    middlewares.use('/models/', (request, response, next) => {
      const name = (request.url ?? '').replace(/^\/|\?.*$/g, '');
      if (!readdirSync(MODELS).includes(name)) return next();
      response.setHeader('Content-Type', 'application/octet-stream');
      response.end(readFileSync(`${MODELS}${name}`));
    });
  },
  generateBundle() {
    for (const name of readdirSync(MODELS).filter((file) => file.endsWith('.safetensors'))) {
      this.emitFile({ type: 'asset', fileName: `models/${name}`, source: readFileSync(`${MODELS}${name}`) });
    }
  },
});

/** The page may ask nobody but its own host for anything. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'";

const policy = (): Plugin => ({
  name: 'policy',
  apply: 'build',
  transformIndexHtml: () => [{ tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY }, injectTo: 'head-prepend' }],
});

/** Writes the service worker, which knows every file that was built. */
const offline = (): Plugin => ({
  name: 'offline',
  apply: 'build',
  closeBundle() {
    const folder = at('dist/');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'sw.js')
      .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(folder.length).replace(/^\//, ''))
      .sort();
    const digest = createHash('sha256');
    for (const file of files) digest.update(file).update(readFileSync(`${folder}${file}`));
    const listed = ['./', ...files.filter((file) => file !== 'index.html').map((file) => `./${file}`)];
    const head = `const CACHE = 'ntm-lab-${digest.digest('hex').slice(0, 16)}';\nconst FILES = ${JSON.stringify(listed)};\n`;
    writeFileSync(`${folder}sw.js`, head + readFileSync(at('src/service-worker.js'), 'utf8'));
  },
});

export default defineConfig({
  root: at('.'),
  base: './',
  resolve: {
    alias: [
      { find: /^ntm-gpu$/, replacement: at('../src/index.ts') },
      { find: /^ntm-gpu\/core$/, replacement: at('../src/core.ts') },
    ],
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  plugins: [shippedModels(), policy(), offline()],
  build: { outDir: at('dist'), emptyOutDir: true, target: 'es2022', modulePreload: { polyfill: false } },
});
