/**
 * The library bundled for browsers. GPU.js compiles the text that a kernel has at run time, so what a
 * bundler does to it (shorter names, folded statements, __name) must not matter on any backend.
 */
import { build } from 'esbuild';
import { type Browser, chromium as launcher } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/index.js';
import { compare } from '../oracle/differences.js';
import { chromium, CHROMIUM_FLAGS, CHROMIUM_MISSING } from '../support/chromium.js';
import { losses } from './training.js';

/** Ten steps of float32 rounding, which Adam's division by √v enlarges. */
const TOLERANCE = 1e-5;

const bundle = async (options: { readonly minify: boolean; readonly keepNames: boolean }): Promise<string> => {
  const { outputFiles } = await build({ entryPoints: ['spec/bundle/training.ts'], bundle: true, format: 'iife', globalName: 'bundled', platform: 'browser', write: false, ...options });
  return outputFiles[0]!.text;
};

describe.skipIf(!chromium)(`bundled by esbuild${chromium ? '' : `: ${CHROMIUM_MISSING}`}`, () => {
  let browser: Browser;
  let expected: readonly number[];
  beforeAll(async () => {
    browser = await launcher.launch({ executablePath: chromium!, args: CHROMIUM_FLAGS });
    expected = await losses('webasm');
  });
  afterAll(() => browser.close());

  describe.each([
    { name: 'plain', minify: false, keepNames: false },
    { name: 'minified', minify: true, keepNames: false },
    { name: 'keeping names', minify: false, keepNames: true },
    { name: 'minified, keeping names', minify: true, keepNames: true },
  ])('$name', ({ minify, keepNames }) => {
    it.each(['webgl', 'webgl2', 'webgpu', 'webasm', 'cpu'] as const)('trains as in Node on %s', async (backend) => {
      const page = await browser.newPage();
      // WebGPU needs a secure context, which about:blank is not.
      await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
      await page.goto('http://localhost/');
      await page.addScriptTag({ content: await bundle({ minify, keepNames }) });
      const found = await page.evaluate((name) => (globalThis as unknown as { bundled: { losses(backend: Backend): Promise<number[]> } }).bundled.losses(name), backend);
      expect(compare(found, expected).largest, found.join()).toBeLessThan(TOLERANCE);
      await page.close();
    });
  });
});
