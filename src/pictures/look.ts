/** How figures look: colours in light and dark, type and sizes for a column of print, and how panels make one figure. */
import * as Plot from '@observablehq/plot';
import type { Scheme } from './style.js';

export interface Look {
  /** What makes elements: a page's own, or one for Node (src/run/drawing.ts). */
  readonly document: Document;
  readonly scheme: Scheme;
  /** Of the whole figure, in pixels of 1/96 inch. */
  readonly width: number;
}

export interface Palette {
  readonly paper: string;
  readonly ink: string;
  readonly faint: string;
  /** Two colours that no kind of colour blindness confuses (Okabe and Ito). */
  readonly blue: string;
  readonly orange: string;
}

export const PALETTES: Readonly<Record<Scheme, Palette>> = {
  light: { paper: '#ffffff', ink: '#202124', faint: '#c4c7cc', blue: '#0072b2', orange: '#d55e00' },
  dark: { paper: '#15171c', ink: '#e8eaed', faint: '#4a4e57', blue: '#56b4e9', orange: '#e69f00' },
};

export const FONT = 'Source Sans 3';
const FONT_SIZE = 9;
/** Left of a panel, for its numbers and the name of its axis; right of it, for half a number. */
export const LEFT = 42;
export const RIGHT = 10;
/** Above a panel, for its title. */
export const TOP = 15;
/** Below a panel: for an axis, or the least. */
export const BOTTOM = 28;
export const GAP = 5;

const SVG = 'http://www.w3.org/2000/svg';

/** A line of text at a corner of a panel, above it unless told otherwise. */
export const caption = (text: string, options: Plot.TextOptions = {}): Plot.Text =>
  Plot.text([text], { frameAnchor: 'top-left', lineAnchor: 'bottom', dy: -4, text: (each: string) => each, ...options });

/** The name of the axis below, under its left end: what is right of it stays free for a legend. */
export const nameBelow = (name: string, options: Plot.TextOptions = {}): Plot.Text =>
  caption(name, { frameAnchor: 'bottom-left', lineAnchor: 'top', dy: 15, ...options });

/** How numbers stand at axes. */
export const AXIS = {
  tickSize: 3,
  tickPadding: 2,
  label: null,
  tickFormat: (value: number) => String(value).replace('-', '−'),
} as const;

/** The name of the axis at the left. */
export const nameLeft = (name: string) => ({ label: name, labelAnchor: 'center', labelOffset: 35, labelArrow: 'none' }) as const;

/** A part of a figure, as wide as it. */
export interface Panel {
  readonly element: SVGSVGElement;
  readonly height: number;
  /** How far it reaches up into the margin of the one above. */
  readonly rise: number;
}

/** A plot in the figure's type and colours, with a title above its left end. */
export const panel = (
  { document, scheme, width }: Look,
  title: string,
  height: number,
  { marks = [], ...options }: Plot.PlotOptions,
  rise = 0,
): Panel => {
  const { ink } = PALETTES[scheme];
  const element = Plot.plot({
    document,
    width,
    height,
    marginLeft: LEFT,
    marginRight: RIGHT,
    marginTop: TOP,
    marginBottom: BOTTOM,
    style: {
      fontFamily: `'${FONT}', 'Source Sans Pro', sans-serif`,
      fontSize: `${FONT_SIZE}px`,
      color: ink,
      background: 'none',
      overflow: 'visible',
    },
    ...options,
    marks: [...marks, title === '' ? null : caption(title, { fontWeight: 600 })],
  } as Plot.PlotOptions) as SVGSVGElement;
  return { element, height, rise };
};

/** `w_c` in a text becomes w with a subscript c. */
const lowerSubscripts = (document: Document, root: Element): void => {
  for (const element of root.querySelectorAll('text')) {
    const parts = (element.textContent ?? '').split(/_(\w)/);
    if (parts.length === 1 || element.children.length > 0) continue;
    element.textContent = '';
    parts.forEach((part, i) => {
      if (part === '') return;
      const span = document.createElementNS(SVG, 'tspan');
      span.textContent = part;
      // What follows a subscript goes up again.
      if (i % 2 === 1) span.setAttribute('font-size', '75%');
      if (i > 0) span.setAttribute('dy', i % 2 === 1 ? '0.2em' : '-0.15em');
      element.append(span);
    });
  }
};

/** Panels below one another as one SVG image that says what it shows. */
export const stack = ({ document, scheme, width }: Look, description: string, panels: readonly Panel[]): SVGSVGElement => {
  const height = panels.reduce((sum, part) => sum + part.height - part.rise, 0);
  const figure = document.createElementNS(SVG, 'svg') as SVGSVGElement;
  const attributes = { xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': description };
  Object.entries(attributes).forEach(([name, value]) => figure.setAttribute(name, String(value)));
  const paper = document.createElementNS(SVG, 'rect');
  Object.entries({ width, height, fill: PALETTES[scheme].paper }).forEach(([name, value]) =>
    paper.setAttribute(name, String(value)),
  );
  figure.append(paper);
  let y = 0;
  for (const part of panels) {
    part.element.setAttribute('y', String(y - part.rise));
    y += part.height - part.rise;
    figure.append(part.element);
  }
  lowerSubscripts(document, figure);
  return figure;
};

/** Of the numbers from `from` to `to`, as many as have room on so many pixels: those whose name is a multiple of a round one. */
export const wholeTicks = (
  from: number,
  to: number,
  pixels: number,
  room: number,
  name = (value: number): number => value,
): readonly number[] => {
  const least = ((to - from + 1) * room) / pixels;
  const step =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((each) => each >= least) ?? 10 ** Math.ceil(Math.log10(least));
  return Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((value) => name(value) % step === 0);
};
