/** A raster of RGB pixels to draw on, and its PNG. */
import { encode } from 'fast-png';
import { GLYPHS } from './font.js';

export type Colour = readonly [number, number, number];

export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Three bytes a pixel, rows from the top. */
  readonly data: Uint8Array;
}

export const INK: Colour = [40, 40, 48];
export const FAINT: Colour = [190, 190, 198];
export const PAPER: Colour = [255, 255, 255];

export const createCanvas = (width: number, height: number, [r, g, b]: Colour = PAPER): Canvas => {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i += 3) data.set([r, g, b], i);
  return { width, height, data };
};

/** Fills the part of a rectangle that lies on the canvas. Draws in place, as all functions here. */
export const fill = ({ width, height, data }: Canvas, x: number, y: number, w: number, h: number, [r, g, b]: Colour): void => {
  for (let j = Math.max(0, y); j < Math.min(height, y + h); j++) {
    for (let i = Math.max(0, x); i < Math.min(width, x + w); i++) {
      const at = 3 * (j * width + i);
      data[at] = r;
      data[at + 1] = g;
      data[at + 2] = b;
    }
  }
};

/** One pixel wide, just outside the rectangle. */
export const frame = (canvas: Canvas, x: number, y: number, w: number, h: number, colour: Colour): void => {
  fill(canvas, x - 1, y - 1, w + 2, 1, colour);
  fill(canvas, x - 1, y + h, w + 2, 1, colour);
  fill(canvas, x - 1, y, 1, h, colour);
  fill(canvas, x + w, y, 1, h, colour);
};

export const line = (canvas: Canvas, x0: number, y0: number, x1: number, y1: number, colour: Colour, thickness = 1): void => {
  const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))));
  for (let i = 0; i <= steps; i++) fill(canvas, Math.round(x0 + ((x1 - x0) * i) / steps), Math.round(y0 + ((y1 - y0) * i) / steps), thickness, thickness, colour);
};

const ADVANCE = 6;
export const TEXT_HEIGHT = 7;

export const textWidth = (text: string, scale = 1): number => (text.length * ADVANCE - 1) * scale;

/** Lower-case letters, digits and some signs; what has no glyph is a space. */
export const text = (canvas: Canvas, x: number, y: number, content: string, colour: Colour = INK, scale = 1): void => {
  [...content.toLowerCase()].forEach((character, i) => {
    [...(GLYPHS[character] ?? '')].forEach((row, j) => {
      const bits = Number.parseInt(row, 32);
      for (let k = 0; k < 5; k++) if (bits & (16 >> k)) fill(canvas, x + (i * ADVANCE + k) * scale, y + j * scale, scale, scale, colour);
    });
  });
};

export const encodePng = ({ width, height, data }: Canvas): Uint8Array => encode({ width, height, data, channels: 3, depth: 8 });
