/** Pictures one after the other as an animated GIF. */
import { encode } from 'modern-gif';
import type { Raster } from './raster.js';

const ALL_MILLISECONDS = 8000;
const LAST_MILLISECONDS = 2500;

/** Goes round for ever in about eight seconds, and stays at the last picture for a while. All are of one size. */
export const encodeGif = async (pictures: readonly Raster[]): Promise<Uint8Array> => {
  const { width, height } = pictures[0]!;
  const delay = Math.min(400, Math.max(60, Math.round(ALL_MILLISECONDS / pictures.length)));
  const frames = pictures.map(({ pixels }, i) => ({
    data: Uint8ClampedArray.from(pixels),
    delay: i === pictures.length - 1 ? LAST_MILLISECONDS : delay,
  }));
  return new Uint8Array(await encode({ width, height, frames, looped: true, loopCount: 0, format: 'arrayBuffer' }));
};
