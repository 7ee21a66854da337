/** PNG and pixels from SVG, the same everywhere: resvg in WebAssembly, with fonts that are given and none of the system's. */
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { FONT } from './look.js';

export interface Raster {
  readonly width: number;
  readonly height: number;
  /** RGBA, rows from the top. */
  readonly pixels: Uint8Array;
  readonly png: Uint8Array;
}

/** Renders an SVG text so many times as large. */
export type Render = (svg: string, zoom: number) => Raster;

let started: Promise<void> | null = null;

/** A renderer from resvg's WebAssembly and the font's files (TrueType, OpenType or WOFF2). */
export const openRaster = async (wasm: BufferSource, fonts: readonly Uint8Array[]): Promise<Render> => {
  started ??= initWasm(wasm);
  await started;
  return (svg, zoom) => {
    const resvg = new Resvg(svg, {
      font: { fontBuffers: [...fonts], defaultFontFamily: FONT, sansSerifFamily: FONT },
      fitTo: { mode: 'zoom', value: zoom },
    });
    const image = resvg.render();
    const raster = { width: image.width, height: image.height, pixels: image.pixels, png: image.asPng() };
    image.free();
    resvg.free();
    return raster;
  };
};
