/** Proves that SVG becomes the same pixels everywhere: sizes, letters without any font of the system, colours that colour-blind readers tell apart, GIFs. */
import fc from 'fast-check';
import { decode, decodeFrames } from 'modern-gif';
import { describe, expect, it } from 'vitest';
import { answerFigure } from '../../src/pictures/answer.js';
import { colourBar, UNIT } from '../../src/pictures/heatmap.js';
import { encodeGif } from '../../src/pictures/gif.js';
import { type Look, PALETTES, stack } from '../../src/pictures/look.js';
import { deuteranopia } from '../../src/pictures/sheet.js';
import { stagesFigure } from '../../src/pictures/stages.js';
import { SCHEMES } from '../../src/pictures/style.js';
import { createDocument, loadRenderer } from '../../src/run/drawing.js';
import { boxesOf, textsOf } from './reading.js';

const render = await loadRenderer();
const document = createDocument();
const light: Look = { document, scheme: 'light', width: 321 };

const answer = (look: Look) =>
  answerFigure(look, {
    target: [1, 0, 1, 1],
    output: [1, 0, 0, 1],
    mask: [1, 1],
    reference: null,
    steps: 2,
    channels: 2,
    label: 'length 2',
  });
const weights = [0, 1, 0, 0];
const stages = (look: Look) =>
  stagesFigure(look, {
    heads: [
      {
        name: 'write head',
        content: weights,
        gated: weights,
        shifted: weights,
        weighting: weights,
        beta: 1,
        g: 0.5,
        gamma: 20,
        s: [0, 1, 0],
      },
    ],
    slots: 4,
    step: 1,
  });

/** Width and height as a PNG's header has them. */
const sizeOf = (png: Uint8Array): readonly [number, number] => {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  expect([...png.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  return [view.getUint32(16), view.getUint32(20)];
};

const svg = (content: string, width = 40, height = 20): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`;

describe('a PNG', () => {
  it('is as many times as large as its figure', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 190, max: 500 }),
        fc.constantFrom(1, 2, 4),
        fc.constantFrom(...SCHEMES),
        (width, zoom, scheme) => {
          const figure = answer({ document, scheme, width });
          const { png, width: wide, height, pixels } = render(figure.outerHTML, zoom);
          expect(sizeOf(png)).toEqual([width * zoom, Number(figure.getAttribute('height')) * zoom]);
          expect([wide, height]).toEqual(sizeOf(png));
          expect(pixels).toHaveLength(4 * wide * height);
        },
      ),
      { numRuns: 10 },
    ));

  it('is the same bytes for the same figure, on paper of the scheme', () => {
    for (const scheme of SCHEMES) {
      const { pixels, png } = render(answer({ ...light, scheme }).outerHTML, 1);
      expect(render(answer({ ...light, scheme }).outerHTML, 1).png).toEqual(png);
      expect(`#${[...pixels.subarray(0, 3)].map((value) => value.toString(16).padStart(2, '0')).join('')}`).toBe(
        PALETTES[scheme].paper,
      );
    }
  });

  it('has a glyph of the shipped font for every character of the figures', () => {
    const letter = (character: string, weight: number): string =>
      render(
        svg(`<text x="10" y="14" font-family="Source Sans 3" font-weight="${weight}" font-size="12">${character}</text>`),
        2,
      ).pixels.join();
    const characters = new Set(
      [
        ...textsOf(answer(light)),
        ...textsOf(stages(light)),
        ...textsOf(stack(light, '', [colourBar(light, { ...UNIT, clamped: true, low: -1 }, 'norm')])),
        '0123456789 –−,.%:><',
      ]
        .join('')
        .replace(/\s/g, ''),
    );
    const missing = new Map([400, 600].map((weight) => [weight, letter('\ue000', weight)]));
    const blank = letter(' ', 400);
    for (const character of characters) {
      if (/\p{M}/u.test(character)) continue;
      for (const [weight, tofu] of missing)
        expect([tofu, blank].includes(letter(character.replace('<', '&lt;'), weight)), `${character} ${weight}`).toBe(false);
    }
    expect(letter('w̃', 400)).not.toBe(letter('w', 400));
  });
});

/** Of colours to eight bits, in lightness. */
const ROUNDING = 0.2;

/** CIE lightness of sRGB, from 0 to 100. */
const lightness = (rgb: readonly number[]): number => {
  const [r, g, b] = rgb.map((value) =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
  ) as [number, number, number];
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return y > 216 / 24389 ? 116 * Math.cbrt(y) - 16 : (24389 / 27) * y;
};

const pixelAt = (pixels: Uint8Array, width: number, x: number, y: number): number[] => [
  ...pixels.subarray(4 * (y * width + x), 4 * (y * width + x) + 3),
];

describe('with deuteranopia', () => {
  it.each(SCHEMES)('blue, orange and ink of the %s scheme are told apart', (scheme) => {
    const { blue, orange, ink, paper } = PALETTES[scheme];
    const colours = [blue, orange, ink, paper];
    const seen = render(
      deuteranopia(svg(colours.map((colour, i) => `<rect x="${10 * i}" width="10" height="20" fill="${colour}" />`).join(''))),
      1,
    );
    const [a, b, c, d] = colours.map((_, i) => pixelAt(seen.pixels, 40, 10 * i + 5, 10)) as [
      number[],
      number[],
      number[],
      number[],
    ];
    const distance = (p: readonly number[], q: readonly number[]): number => Math.hypot(...p.map((value, i) => value - q[i]!));
    for (const [p, q] of [
      [a, b],
      [a, c],
      [b, c],
      [a, d],
      [b, d],
    ] as const)
      expect(distance(p, q)).toBeGreaterThan(80);
  });

  it('the scale of values grows lighter from end to end', () => {
    const fills = boxesOf(colourBar(light, UNIT, '').element, 'bar').map(({ fill }) => fill);
    const { pixels, width } = render(
      deuteranopia(
        svg(fills.map((fill, i) => `<rect x="${10 * i}" width="10" height="20" fill="${fill}" />`).join(''), 10 * fills.length),
      ),
      1,
    );
    const row = fills.map((_, i) => lightness(pixelAt(pixels, width, 10 * i + 5, 10)));
    expect(row).toHaveLength(64);
    for (let i = 1; i < row.length; i++) expect(row[i]!).toBeGreaterThan(row[i - 1]! - ROUNDING);
    expect(row.at(-1)! - row[0]!).toBeGreaterThan(60);
  });
});

describe('a GIF', () => {
  it('has every picture, goes round for ever and stays at the last', async () => {
    const pictures = ['#ff0000', '#00ff00', '#0000ff'].map((colour) =>
      render(svg(`<rect width="40" height="20" fill="${colour}" />`), 1),
    );
    const bytes = Uint8Array.from(await encodeGif(pictures));
    expect(new TextDecoder().decode(bytes.subarray(0, 6))).toBe('GIF89a');
    expect(new TextDecoder('latin1').decode(bytes)).toContain('NETSCAPE2.0');
    const gif = decode(bytes);
    expect([gif.width, gif.height, gif.looped, gif.loopCount]).toEqual([40, 20, true, 0]);
    expect(gif.frames.map(({ delay }) => delay)).toEqual([400, 400, 2500]);
    expect(decodeFrames(bytes).map(({ data }) => [...data.subarray(0, 3)].map((value) => (value > 127 ? 1 : 0)))).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
  });
});
