/** Figures without a page: elements by linkedom, the font and the renderer from their packages, files of the result. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
// All of linkedom in one file, which loads in a fraction of the time.
import { parseHTML } from 'linkedom/worker';
import type { IoError } from '../io/errors.js';
import { writeAtomically } from '../io/files.js';
import { FONT, type Look } from '../pictures/look.js';
import { openRaster, type Raster, type Render } from '../pictures/raster.js';
import { type Style, USUAL_STYLE } from '../pictures/style.js';

/** Regular and semibold; the Greek letters, and the tilde of w̃, stand in subsets of their own. */
const FACES = [
  { subset: 'vietnamese', weight: 400 },
  { subset: 'greek', weight: 400 },
  { subset: 'latin', weight: 400 },
  { subset: 'latin', weight: 600 },
];

const { resolve } = createRequire(import.meta.url);

const readFonts = (): Promise<readonly Uint8Array[]> =>
  Promise.all(
    FACES.map(({ subset, weight }) =>
      readFile(resolve(`@fontsource/source-sans-3/files/source-sans-3-${subset}-${weight}-normal.woff2`)),
    ),
  );

/** The font as a style sheet, for SVGs that look alike where it is not installed. */
const fontFaces = (fonts: readonly Uint8Array[]): string =>
  FACES.map(
    ({ weight }, i) =>
      `@font-face{font-family:'${FONT}';font-weight:${weight};src:url(data:font/woff2;base64,${Buffer.from(fonts[i]!).toString('base64')})}`,
  ).join('');

let renderer: Promise<Render> | null = null;

/** The renderer, loaded when it is first wanted. */
export const loadRenderer = (): Promise<Render> => {
  const load = async (): Promise<Render> =>
    openRaster(await readFile(resolve('@resvg/resvg-wasm/index_bg.wasm')), await readFonts());
  return (renderer ??= load());
};

/** A document to make elements of. */
export const createDocument = (): Document =>
  parseHTML('<!doctype html><html><body></body></html>').document as unknown as Document;

/** Pixels of a PNG for one of the figure: 288 an inch of print. */
const ZOOM = 3;

export interface Drawing {
  readonly look: Look;
  readonly render: Render;
  /** A figure is rendered once. */
  readonly raster: (figure: SVGSVGElement) => Raster;
  /** Writes a figure to `path` and its format's endings; returns what was written. */
  readonly save: (path: string, figure: SVGSVGElement) => TE.TaskEither<IoError, readonly string[]>;
}

export const openDrawing = async ({ scheme, width, format }: Style = USUAL_STYLE): Promise<Drawing> => {
  const render = await loadRenderer();
  const faces = format === 'png' ? '' : fontFaces(await readFonts());
  const rendered = new WeakMap<SVGSVGElement, Raster>();
  const raster = (figure: SVGSVGElement): Raster => {
    const image = rendered.get(figure) ?? render(figure.outerHTML, ZOOM);
    rendered.set(figure, image);
    return image;
  };
  const contents: Readonly<Record<'svg' | 'png', (figure: SVGSVGElement) => Uint8Array>> = {
    svg: (figure) => new TextEncoder().encode(`${figure.outerHTML.replace('>', `><style>${faces}</style>`)}\n`),
    png: (figure) => raster(figure).png,
  };
  const endings = format === 'both' ? (['svg', 'png'] as const) : [format];
  return {
    look: { document: createDocument(), scheme, width },
    render,
    raster,
    save: (path, figure) =>
      pipe(
        endings,
        TE.traverseSeqArray((ending) =>
          pipe(
            writeAtomically(`${path}.${ending}`, contents[ending](figure)),
            TE.map(() => `${path}.${ending}`),
          ),
        ),
      ),
  };
};
