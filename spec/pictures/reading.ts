/** Reads what a figure shows back from its SVG: panels, cells, texts. In Node or in a page. */

/** A document to draw with: the page's own, or linkedom's. */
export const openDocument = async (): Promise<Document> =>
  typeof document === 'undefined'
    ? ((await import('linkedom/worker')).parseHTML('<html></html>').document as unknown as Document)
    : document;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fill: string;
}

/** The plots that a figure is made of, from the top. */
export const panelsOf = (figure: Element): readonly Element[] =>
  [...figure.children].filter(({ tagName }) => tagName.toLowerCase() === 'svg');

const number = (element: Element, name: string): number => Number(element.getAttribute(name) ?? 0);

/** The rectangles of a mark. */
export const boxesOf = (panel: Element, mark: string): readonly Box[] =>
  [...panel.querySelectorAll(`g.${mark} rect`)].map((rect) => ({
    x: number(rect, 'x'),
    y: number(rect, 'y'),
    width: number(rect, 'width'),
    height: number(rect, 'height'),
    fill: rect.getAttribute('fill') ?? '',
  }));

export const areaOf = (boxes: readonly Box[]): number => boxes.reduce((sum, { width, height }) => sum + width * height, 0);

/** All texts, in the order of the document. */
export const textsOf = (element: Element): readonly string[] =>
  [...element.querySelectorAll('text')].map((text) => text.textContent ?? '');

/** Every number of the document's attributes is one. */
export const isSound = (figure: Element): boolean => !/NaN|undefined|Infinity/.test(figure.outerHTML);
