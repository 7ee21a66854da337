/** Figures without a page: elements by linkedom, the font and the renderer from their packages. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parseHTML } from 'linkedom';
import { openRaster, type Render } from '../pictures/raster.js';

export const createDocument = (): Document => parseHTML('<!doctype html><html><body></body></html>').document as unknown as Document;

/** Regular and semibold; the Greek letters, and the tilde of w̃, stand in subsets of their own. */
const FONT_FILES = ['latin-400', 'latin-600', 'greek-400', 'greek-600', 'vietnamese-400', 'vietnamese-600'].map((subset) => `@fontsource/source-sans-3/files/source-sans-3-${subset}-normal.woff2`);

let renderer: Promise<Render> | null = null;

/** The renderer, loaded when it is first wanted. */
export const loadRenderer = (): Promise<Render> => {
  const { resolve } = createRequire(import.meta.url);
  const load = async (): Promise<Render> => openRaster(await readFile(resolve('@resvg/resvg-wasm/index_bg.wasm')), await Promise.all(FONT_FILES.map((file) => readFile(resolve(file)))));
  return (renderer ??= load());
};
