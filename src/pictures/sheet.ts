/** Figures beside one another, and as somebody without green cones sees them: for looking them over. */

const sizeOf = (figure: Element): readonly [width: number, height: number] => [
  Number(figure.getAttribute('width')),
  Number(figure.getAttribute('height')),
];

const GAP = 12;

const wrap = (width: number, height: number, content: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${content}</svg>`;

/** An SVG of figures in so many columns. */
export const sheet = (figures: readonly SVGSVGElement[], columns: number): string => {
  const bottoms = Array.from({ length: columns }, () => 0);
  const width = Math.max(...figures.map((figure) => sizeOf(figure)[0]));
  const placed = figures.map((figure) => {
    const column = bottoms.indexOf(Math.min(...bottoms));
    const y = bottoms[column]!;
    bottoms[column] = y + sizeOf(figure)[1] + GAP;
    return `<g transform="translate(${column * (width + GAP)},${y})">${figure.outerHTML}</g>`;
  });
  const [all, height] = [columns * (width + GAP) - GAP, Math.max(...bottoms) - GAP];
  return wrap(all, height, `<rect width="${all}" height="${height}" fill="#808080" />${placed.join('')}`);
};

/** Linear red, green and blue as a deuteranope sees them (Machado, Oliveira and Fernandes, 2009, severity 1). */
export const DEUTERANOPIA = [
  [0.367322, 0.860646, -0.227968],
  [0.280085, 0.672501, 0.047413],
  [-0.01182, 0.04294, 0.968881],
] as const;

/** An SVG in the colours of deuteranopia. */
export const deuteranopia = (svg: string): string => {
  const [, width, height] = /^<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  const matrix = `${DEUTERANOPIA.map((row) => `${row.join(' ')} 0 0`).join(' ')} 0 0 0 1 0`;
  return wrap(
    Number(width),
    Number(height),
    `<filter id="deuteranopia" x="0" y="0" width="1" height="1" color-interpolation-filters="linearRGB"><feColorMatrix type="matrix" values="${matrix}" /></filter><g filter="url(#deuteranopia)">${svg}</g>`,
  );
};
