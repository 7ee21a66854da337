/** Proves the pictures pixel by pixel: what is drawn lies where it should, stays on the canvas, and survives the PNG. */
import fc from 'fast-check';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { type Canvas, type Colour, createCanvas, encodePng, fill, frame, INK, line, PAPER, text, TEXT_HEIGHT, textWidth } from '../src/pictures/canvas.js';
import { answerFigure, curveFigure, weightingFigure } from '../src/pictures/figures.js';
import { GLYPHS } from '../src/pictures/font.js';

const RED: Colour = [255, 0, 0];

const pixel = ({ width, data }: Canvas, x: number, y: number): number[] => [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
const same = (a: readonly number[], b: readonly number[]): boolean => a.every((value, i) => value === b[i]);

/** Where a canvas has a colour, as "x,y". */
const placesOf = (canvas: Canvas, colour: Colour): string[] => {
  const places: string[] = [];
  for (let y = 0; y < canvas.height; y++) for (let x = 0; x < canvas.width; x++) if (same(pixel(canvas, x, y), colour)) places.push(`${x},${y}`);
  return places;
};

/** The colours of a row of pixels between two columns, each stretch of one colour once. */
const stretches = (canvas: Canvas, y: number, from: number, to: number): { readonly colour: string; readonly size: number }[] => {
  const runs: { colour: string; size: number }[] = [];
  for (let x = from; x < to; x++) {
    const colour = pixel(canvas, x, y).join(',');
    const last = runs.at(-1);
    if (last?.colour === colour) last.size++;
    else runs.push({ colour, size: 1 });
  }
  return runs;
};

/** Ends of viridis and magma (d3-scale-chromatic): the colours of 0 and 1. */
const VIRIDIS = { zero: '68,1,84', one: '253,231,37' };
const MAGMA: { readonly zero: Colour; readonly one: Colour } = { zero: [0, 0, 4], one: [252, 253, 191] };

/** The corners of the cells of a colour, in reading order: a place whose left and upper neighbours have another. */
const corners = (canvas: Canvas, colour: Colour): [number, number][] => {
  const has = (x: number, y: number): boolean => x >= 0 && y >= 0 && same(pixel(canvas, x, y), colour);
  return placesOf(canvas, colour).map((place) => place.split(',').map(Number) as [number, number]).filter(([x, y]) => !has(x - 1, y) && !has(x, y - 1));
};

describe('a canvas', () => {
  it('begins as paper', () => expect([...createCanvas(2, 1).data]).toEqual([...PAPER, ...PAPER]));

  it('is filled where the rectangle lies, and nowhere else, also across its edge', () =>
    fc.assert(
      fc.property(fc.integer({ min: -6, max: 12 }), fc.integer({ min: -6, max: 12 }), fc.nat({ max: 9 }), fc.nat({ max: 9 }), (x, y, w, h) => {
        const canvas = createCanvas(8, 5);
        fill(canvas, x, y, w, h, RED);
        for (let j = 0; j < 5; j++) for (let i = 0; i < 8; i++) expect(pixel(canvas, i, j)).toEqual(i >= x && i < x + w && j >= y && j < y + h ? RED : PAPER);
      }),
    ));

  it('frames a rectangle from outside', () => {
    const canvas = createCanvas(5, 5);
    frame(canvas, 2, 2, 1, 1, RED);
    expect(placesOf(canvas, RED)).toEqual(['1,1', '2,1', '3,1', '1,2', '3,2', '1,3', '2,3', '3,3']);
  });

  it('draws a line from end to end without a gap', () =>
    fc.assert(
      fc.property(fc.nat({ max: 19 }), fc.nat({ max: 19 }), fc.nat({ max: 19 }), fc.nat({ max: 19 }), (x0, y0, x1, y1) => {
        const canvas = createCanvas(20, 20);
        line(canvas, x0, y0, x1, y1, RED);
        const places = placesOf(canvas, RED);
        expect(places).toContain(`${x0},${y0}`);
        expect(places).toContain(`${x1},${y1}`);
        expect(places).toHaveLength(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)) + 1);
      }),
    ));

  it('gives its pixels back through the PNG', () => {
    const canvas = createCanvas(7, 3);
    line(canvas, 0, 0, 6, 2, RED);
    const image = decode(encodePng(canvas));
    expect({ width: image.width, height: image.height, channels: image.channels, depth: image.depth, data: [...image.data] }).toEqual({ width: 7, height: 3, channels: 3, depth: 8, data: [...canvas.data] });
  });
});

describe('the letters', () => {
  const CHARACTERS = [...'0123456789abcdefghijklmnopqrstuvwxyz.,:-+%/()='];

  it('exist for digits, letters and signs, seven rows each, no two alike', () => {
    for (const character of CHARACTERS) expect(GLYPHS[character], character).toMatch(/^[0-9a-v]{7}$/);
    expect(new Set(CHARACTERS.map((character) => GLYPHS[character])).size).toBe(CHARACTERS.length);
  });

  it.each([1, 2, 3])('stay inside their width and height at scale %i', (scale) => {
    const content = CHARACTERS.join('');
    const [width, height] = [textWidth(content, scale), TEXT_HEIGHT * scale];
    const exact = createCanvas(width, height);
    const larger = createCanvas(width + 8, height + 8);
    text(exact, 0, 0, content, INK, scale);
    text(larger, 4, 4, content, INK, scale);
    expect(placesOf(larger, INK)).toHaveLength(placesOf(exact, INK).length);
  });

  it('are the same for upper case, and a space for what has no glyph', () => {
    const draw = (content: string): number[] => {
      const canvas = createCanvas(40, 9);
      text(canvas, 1, 1, content);
      return [...canvas.data];
    };
    expect(draw('Ntm 1')).toEqual(draw('ntm 1'));
    expect(draw('a~b')).toEqual(draw('a b'));
  });
});

describe('the answer\'s figure', () => {
  const target = Float32Array.of(1, 0, 0, 0, 0, 1);
  const output = Float32Array.of(1, 0, 0, 0, 1, 1);
  const given = { target, output, mask: [1, 1, 1], reference: null, steps: 3, channels: 2, label: 'length 3' };
  const figure = answerFigure(given);

  it('draws bits upwards and time to the right, the target above the output', () => {
    const ones = corners(figure, [253, 231, 37]);
    const [cell, left, top] = [24, ones[1]![0], ones[0]![1]];
    expect(ones.slice(0, 2)).toEqual([[left + 2 * cell, top], [left, top + cell]]);
    expect(stretches(figure, top + cell, left, left + 3 * cell)).toEqual([{ colour: VIRIDIS.one, size: cell }, { colour: VIRIDIS.zero, size: 2 * cell }]);
    expect(ones[2]![1]).toBeGreaterThan(top + 2 * cell);
  });

  it('lights up the error at the wrong bit alone, below both', () => {
    const wrong = corners(figure, MAGMA.one);
    expect(wrong).toHaveLength(1);
    expect(wrong[0]![0]).toBe(corners(figure, [253, 231, 37])[1]![0] + 48);
    expect(wrong[0]![1]).toBeGreaterThan(corners(figure, [253, 231, 37]).at(-1)![1]);
  });

  it('has no error at steps that do not count', () => {
    expect(corners(answerFigure({ ...given, mask: [1, 0, 1] }), MAGMA.one)).toHaveLength(1);
    expect(corners(answerFigure({ ...given, mask: [1, 1, 0] }), MAGMA.one)).toHaveLength(0);
  });

  it('draws the best answer there is above the output, where that is not the target', () => {
    const reference = Float32Array.of(0, 0, 0, 0, 0, 1);
    const drawn = answerFigure({ ...given, reference });
    expect(drawn.height).toBeGreaterThan(figure.height);
    expect(corners(drawn, [253, 231, 37])).toHaveLength(corners(figure, [253, 231, 37]).length + 1);
  });

  it('keeps few rows high enough to be seen', () => {
    const one = answerFigure({ ...given, target: new Float32Array(200), output: new Float32Array(200), mask: new Float32Array(200).fill(1), steps: 200, channels: 1 });
    expect(one.height).toBeGreaterThan(3 * 24);
  });

  it('keeps a sensible size from one step to many, its title whole', () => {
    for (const steps of [1, 20, 120, 600]) {
      const { width, height } = answerFigure({ target: new Float32Array(8 * steps), output: new Float32Array(8 * steps), mask: new Float32Array(steps), reference: null, steps, channels: 8, label: `length ${steps}` });
      expect(width).toBeGreaterThanOrEqual(textWidth(`target, length ${steps}`, 2));
      expect(Math.max(width, height)).toBeLessThanOrEqual(1300);
    }
  });
});

describe('the weighting figure', () => {
  const [steps, slots, answerFrom] = [5, 64, 3];
  const LINE: Colour = [120, 200, 255];
  const empty = new Float32Array(steps * slots);
  const at = (...spots: readonly (readonly [number, number])[]): Float32Array => {
    const weighting = new Float32Array(steps * slots);
    for (const [step, slot] of spots) weighting[step * slots + slot] = 1;
    return weighting;
  };

  it('shows only the slots in use, with two around them, writing above reading', () => {
    const figure = weightingFigure({ write: [at([0, 30], [1, 31])], read: [at([3, 30], [4, 31])], steps, slots, answerFrom: 2 });
    const cells = corners(figure, MAGMA.one);
    const cell = 24;
    const [left, low] = [cells[1]![0], cells[1]![1]];
    expect(cells.slice(0, 2)).toEqual([[left + cell, low - cell], [left, low]]);
    expect(cells.slice(2).map(([x]) => x)).toEqual([left + 4 * cell, left + 3 * cell]);
    expect(same(pixel(figure, left, low + 3 * cell - 1), MAGMA.zero)).toBe(true);
    expect(same(pixel(figure, left, low + 3 * cell), MAGMA.zero)).toBe(false);
  });

  it('has a panel a head', () => {
    const heads = [at([0, 30]), at([1, 30]), at([2, 30])];
    const figure = weightingFigure({ write: heads.slice(0, 1), read: heads.slice(1), steps, slots, answerFrom });
    const marked = corners(figure, MAGMA.one);
    const left = marked[0]![0];
    expect(marked.map(([x]) => (x - left) / 24)).toEqual([0, 1, 2]);
  });

  it('draws a line where the answer begins, through both panels', () => {
    const figure = weightingFigure({ write: [at([0, 30])], read: [at([4, 30])], steps, slots, answerFrom });
    const left = corners(figure, MAGMA.one)[0]![0];
    const places = placesOf(figure, LINE);
    expect(new Set(places.map((place) => place.split(',')[0]))).toEqual(new Set([`${left + answerFrom * 24}`]));
    expect(places).toHaveLength(2 * 5 * 24);
  });

  it('numbers the slots left of both panels', () => {
    const figure = weightingFigure({ write: [at([0, 30])], read: [at([4, 30])], steps, slots, answerFrom });
    const inkOf = (...digits: readonly string[]): number => digits.flatMap((digit) => [...GLYPHS[digit]!]).reduce((sum, row) => sum + Number.parseInt(row, 32).toString(2).replaceAll('0', '').length, 0);
    const marked = corners(figure, MAGMA.one);
    expect(marked).toHaveLength(2);
    for (const [, top] of marked) {
      const left = Math.min(...marked.map(([x]) => x));
      const numbered = placesOf(figure, INK).map((place) => place.split(',').map(Number) as [number, number]).filter(([x, y]) => x < left && y >= top && y < top + 24);
      expect(numbered).toHaveLength(inkOf('3', '0'));
    }
  });

  it('keeps to the memory at its edges, and shows all of it where nothing stands out', () => {
    for (const write of [at([0, 0]), at([0, slots - 1]), empty]) expect(() => weightingFigure({ write: [write], read: [empty], steps, slots, answerFrom })).not.toThrow();
    expect(weightingFigure({ write: [empty], read: [empty], steps, slots, answerFrom }).height).toBeGreaterThan(2 * slots * 2);
  });
});

describe('the curve', () => {
  const BLUE: Colour = [49, 104, 142];
  const labels = { title: 'loss', xLabel: 'sequences', yLabel: 'nats a bit' };
  /** Leftmost, rightmost, uppermost and lowest pixel of the curve. */
  const extent = (canvas: Canvas): readonly [number, number, number, number] => {
    const places = placesOf(canvas, BLUE).map((place) => place.split(',').map(Number) as [number, number]);
    const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
    return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  };

  it('falls from the left to the right as its points do, inside its frame', () => {
    const [left, right, high, low] = extent(curveFigure({ ...labels, points: [{ x: 0, y: 1 }, { x: 50, y: 0.5 }, { x: 100, y: 0 }] }));
    expect([left, right, high, low]).toEqual([96, 737, 44, 357]);
  });

  it('is straight on a logarithmic axis where the loss decays exponentially', () => {
    const figure = curveFigure({ ...labels, logY: true, points: [0, 1, 2, 3].map((i) => ({ x: i, y: 10 ** -i })) });
    const [left, right, high, low] = extent(figure);
    for (const [x, y] of placesOf(figure, BLUE).map((place) => place.split(',').map(Number) as [number, number])) expect(Math.abs(y - high - ((x - left) / (right - left)) * (low - high))).toBeLessThan(2);
  });

  it('draws one point, none, a constant, and zeros on a logarithmic axis', () => {
    const drawn = (points: readonly { readonly x: number; readonly y: number }[], logY = false): number => placesOf(curveFigure({ ...labels, points, logY }), BLUE).length;
    expect(drawn([])).toBe(0);
    expect(drawn([{ x: 5, y: 0.5 }])).toBe(9);
    expect(drawn([{ x: 0, y: 0.5 }, { x: 1, y: 0.5 }])).toBeGreaterThan(1000);
    expect(drawn([{ x: 0, y: 0.5 }, { x: 1, y: 0 }], true)).toBeGreaterThan(600);
  });
});
