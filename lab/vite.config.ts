/** Builds the lab as static files with relative paths; the models that come with the library lie beside it. */
import { readdirSync, readFileSync } from 'node:fs';
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
  plugins: [shippedModels()],
  build: { outDir: at('dist'), emptyOutDir: true, target: 'es2022', modulePreload: { polyfill: false } },
});
