/**
 * The library bundled for browsers. GPU.js compiles the text that a kernel has at run time, so what a
 * bundler does to it (shorter names, folded statements, __name) must not matter on any backend.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare } from '../oracle/differences.js';
import { chromium, CHROMIUM_MISSING } from '../support/chromium.js';
import { openChromium, type OpenChromium } from '../support/page.js';
import { losses } from './training.js';

/** Ten steps of float32 rounding, which Adam's division by √v enlarges. */
const TOLERANCE = 1e-5;

describe.skipIf(!chromium)(`bundled by esbuild${chromium ? '' : `: ${CHROMIUM_MISSING}`}`, () => {
  let browser: OpenChromium;
  let expected: readonly number[];
  beforeAll(async () => {
    browser = await openChromium(chromium!);
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
      const page = await browser.page('spec/bundle/training.ts', { minify, keepNames });
      const found = await page.evaluate<number[]>(`bundled.losses('${backend}')`);
      expect(compare(found, expected).largest, found.join()).toBeLessThan(TOLERANCE);
      await page.close();
    });
  });
});
