/**
 * The library bundled, by any bundler. GPU.js compiles the text that a kernel has at run time, so what a
 * bundler does to it (shorter names, folded statements, __name) must not matter on any backend.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare } from '../oracle/differences.js';
import { chromium, CHROMIUM_MISSING } from '../support/chromium.js';
import { openChromium, type OpenChromium } from '../support/page.js';
import { BUNDLERS } from './bundlers.js';
import { losses } from './training.js';

/** Ten steps of float32 rounding, which Adam's division by √v enlarges. */
const TOLERANCE = 1e-5;

/** Terser alone takes half a minute on a busy machine. */
const TERSER_TIMEOUT = 240_000;

interface Bundled {
  readonly losses: typeof losses;
}

let expected: readonly number[];
beforeAll(async () => {
  expected = await losses('webasm');
});

describe.each(BUNDLERS)('bundled by %s', (_, bundle) => {
  let code: string;
  beforeAll(async () => {
    code = await bundle('spec/bundle/training.ts');
  }, TERSER_TIMEOUT);

  it.each(['webasm', 'cpu'] as const)('trains in Node on %s', async (backend) => {
    const bundled = new Function(`${code}; return bundled;`)() as Bundled;
    const found = await bundled.losses(backend);
    expect(compare(found, expected).largest, found.join()).toBeLessThan(TOLERANCE);
  });

  describe.skipIf(!chromium)(`in Chromium${chromium ? '' : `: ${CHROMIUM_MISSING}`}`, () => {
    let browser: OpenChromium;
    beforeAll(async () => {
      browser = await openChromium(chromium!);
    });
    afterAll(() => browser.close());

    it.each(['webgl', 'webgl2', 'webgpu', 'webasm', 'cpu'] as const)('trains on %s', async (backend) => {
      const page = await browser.run(code);
      const found = await page.evaluate<number[]>(`bundled.losses('${backend}')`);
      expect(compare(found, expected).largest, found.join()).toBeLessThan(TOLERANCE);
      await page.close();
    });
  });
});
