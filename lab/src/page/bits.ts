/** Bits as hexadecimal digits, as addresses hold them; and text as bits. */
import type { Shown } from '../worker/messages.js';

const hexOf = (row: readonly number[]): string => {
  const padded = [...new Array<number>((4 - (row.length % 4)) % 4).fill(0), ...row];
  return Array.from({ length: padded.length / 4 }, (_, i) => Number.parseInt(padded.slice(i * 4, i * 4 + 4).join(''), 2).toString(16)).join('');
};

export type BitRows = ReadonlyArray<readonly number[]>;

export const toHex = (rows: BitRows): string => rows.map(hexOf).join('');

/** The rows of a sequence that can be drawn. */
export const drawnOf = ({ drawable, bits, inputs, input }: Shown): BitRows => drawable.map((t) => Array.from(input.subarray(t * inputs, t * inputs + bits), Math.round));

/** A row of 8 bits for every byte of the text in UTF-8, highest bit first; of other widths the lowest bits, or zeros before. */
export const rowsOfText = (text: string, bits: number, most: number): BitRows =>
  [...new TextEncoder().encode(text)].slice(0, most).map((byte) => Array.from({ length: bits }, (_, i) => (bits - 1 - i < 8 ? (byte >> (bits - 1 - i)) & 1 : 0)));

/** Rows of 8 bits as text, where they are some. */
export const textOfRows = (rows: BitRows): string =>
  new TextDecoder().decode(Uint8Array.from(rows.map((row) => Number.parseInt(row.join(''), 2)))).replace(/[\p{Cc}\ufffd]/gu, '·');
