/** What may be asked of a figure. */

export const SCHEMES = ['light', 'dark'] as const;
export type Scheme = (typeof SCHEMES)[number];

export const FORMATS = ['svg', 'png', 'both'] as const;
export type Format = (typeof FORMATS)[number];

/** 85 mm in pixels of 1/96 inch: as wide as a column of a paper. */
export const COLUMN_WIDTH = 321;

export interface Style {
  readonly scheme: Scheme;
  /** In pixels of 1/96 inch. */
  readonly width: number;
  readonly format: Format;
}

export const USUAL_STYLE: Style = { scheme: 'light', width: COLUMN_WIDTH, format: 'png' };
