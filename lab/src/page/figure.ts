/** Heat maps below one another as an SVG file. */
import { cssOf, type Scheme, shadeAt, tableFor } from './colours.js';
import type { HeatMapOf } from './map.js';

const WIDTH = 720;
const LEFT = 12;
const TITLE = 20;
const GAP = 14;

export const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const short = (value: number): string => String(Number(value.toFixed(2)));

/** Cells of a row that have one colour are one rectangle. */
const rectangles = (map: HeatMapOf, top: number, of: Scheme): string => {
  const table = tableFor(map.ramp, of);
  const [across, down] = [(WIDTH - 2 * LEFT) / map.columns, map.height / map.rows];
  const parts: string[] = [];
  for (let r = 0; r < map.rows; r++) {
    const shades = Array.from({ length: map.columns }, (_, c) => {
      const value = map.at(r, c);
      return Number.isNaN(value) ? -1 : shadeAt(value, map.low, map.high);
    });
    for (let c = 0; c < map.columns; ) {
      const shade = shades[c]!;
      let end = c + 1;
      while (end < map.columns && shades[end] === shade) end += 1;
      const [x, y] = [short(LEFT + c * across), short(top + r * down)];
      if (shade >= 0) parts.push(`<rect x="${x}" y="${y}" width="${short((end - c) * across)}" height="${short(down)}" fill="${cssOf(table, shade)}"/>`);
      c = end;
    }
  }
  return parts.join('');
};

export const figureOf = (title: string, maps: readonly HeatMapOf[], of: Scheme): string => {
  const [ground, ink] = of === 'light' ? ['#ffffff', '#1c2430'] : ['#161a20', '#e8ebef'];
  let top = 34;
  const parts = maps.map((map) => {
    const text = `<text x="${LEFT}" y="${top + 13}" font-size="12">${escaped(map.note ? `${map.title} – ${map.note}` : map.title)}</text>`;
    const drawn = rectangles(map, top + TITLE, of);
    top += TITLE + map.height + GAP;
    return text + drawn;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}" font-family="system-ui, sans-serif" fill="${ink}" shape-rendering="crispEdges">`,
    `<title>${escaped(title)}</title><rect width="${WIDTH}" height="${top}" fill="${ground}"/>`,
    `<text x="${LEFT}" y="22" font-size="14" font-weight="600">${escaped(title)}</text>`,
    ...parts,
    '</svg>',
  ].join('\n');
};
