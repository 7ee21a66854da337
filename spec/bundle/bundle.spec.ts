/**
 * The library bundled, by any bundler. GPU.js compiles the text that a kernel has at run time, so what a
 * bundler does to it (shorter names, folded statements, __name) must not matter on any backend.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/index.js';
import { compare } from '../oracle/differences.js';
import { chromium, CHROMIUM_MISSING } from '../support/chromium.js';
import { openChromium, type OpenChromium } from '../support/page.js';
import { BUNDLERS } from './bundlers.js';
import { losses } from './training.js';

/** Ten steps of float32 rounding, which Adam's division by √v enlarges. */
const TOLERANCE = 1e-5;

/** Terser alone takes half a minute on a busy machine. */
const TERSER_TIMEOUT = 240_000;

/**
 * One bundle runs on all backends; the others, in pages, on webasm, and as each bundler comes also on webgl2:
 * both take what src/gpu/source reads out of a kernel's text, and webgl shares its compiler.
 */
const inPages = (name: string, bundler: number): readonly Backend[] => (bundler === 0 ? ['webgl2', 'webgpu', 'webasm', 'cpu'] : name.startsWith('esbuild') ? ['webasm'] : ['webasm', 'webgl2']);

interface Bundled {
  readonly losses: typeof losses;
}

let expected: readonly number[];
let browser: OpenChromium | null = null;
beforeAll(async () => {
  expected = await losses('webasm');
  browser = chromium ? await openChromium(chromium) : null;
});
afterAll(() => browser?.close());

describe.each(BUNDLERS.map(([name, bundle], i) => [name, bundle, inPages(name, i)] as const))('bundled by %s', (_, bundle, backends) => {
  let code: string;
  beforeAll(async () => {
    code = await bundle('spec/bundle/training.ts');
  }, TERSER_TIMEOUT);

  it.each(['webasm', 'cpu'] as const)('trains in Node on %s', async (backend) => {
    const bundled = new Function(`${code}; return bundled;`)() as Bundled;
    const found = await bundled.losses(backend);
    expect(compare(found, expected).largest, found.join()).toBeLessThan(TOLERANCE);
  });

  it.skipIf(!chromium).each(backends)(`trains in Chromium on %s${chromium ? '' : `: ${CHROMIUM_MISSING}`}`, async (backend) => {
    const page = await browser!.run(code);
    const found = await page.evaluate<number[]>(`bundled.losses('${backend}')`);
    expect(compare(found, expected).largest, found.join()).toBeLessThan(TOLERANCE);
    await page.close();
  });
});
