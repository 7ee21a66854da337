/** What figures are drawn into in specs: any scheme and width, and the usual one. */
import fc from 'fast-check';
import type { Look } from '../../src/pictures/look.js';
import { COLUMN_WIDTH, SCHEMES } from '../../src/pictures/style.js';
import { openDocument } from './reading.js';

const document = await openDocument();

export const looks: fc.Arbitrary<Look> = fc.record({
  document: fc.constant(document),
  scheme: fc.constantFrom(...SCHEMES),
  width: fc.integer({ min: 190, max: 900 }),
});

export const light: Look = { document, scheme: 'light', width: COLUMN_WIDTH };
