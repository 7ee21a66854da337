/** Proves that curves of training and of evaluation show what they are given: read back from the SVG, in Node and in a page. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparisonFigure } from '../../src/pictures/comparison.js';
import { bandOf, learningFigure, type Point } from '../../src/pictures/learning.js';
import { lengthFigure } from '../../src/pictures/lengths.js';
import { wholeTicks } from '../../src/pictures/look.js';
import { light, looks } from './looks.js';
import { boxesOf, isSound, panelsOf, textsOf } from './reading.js';

describe('learning curves', () => {
  const run: fc.Arbitrary<readonly Point[]> = fc
    .array(fc.record({ x: fc.integer({ min: 1, max: 100 }), y: fc.double({ min: 0, max: 50, noNaN: true }) }), {
      minLength: 1,
      maxLength: 12,
    })
    .map((points) => [...new Map(points.map((point) => [point.x, point])).values()].sort((a, b) => a.x - b.x));
  const runs = fc.array(run, { minLength: 2, maxLength: 5 });

  it('have a median within the range, the same in any order of runs; runs alike have no range', () =>
    fc.assert(
      fc.property(runs, (given) => {
        const band = bandOf(given);
        for (const { low, median, high } of band) expect(low <= median && median <= high).toBe(true);
        expect(bandOf([...given].reverse())).toEqual(band);
        const same = bandOf([given[0]!, given[0]!, given[0]!]);
        expect(same.map(({ x, median }) => ({ x, y: median }))).toEqual(given[0]);
        for (const { low, high } of same) expect(low).toBe(high);
      }),
    ));

  it('begin where all have begun, and count a run that has ended with its last value', () => {
    expect(
      bandOf([
        [
          { x: 1, y: 8 },
          { x: 3, y: 4 },
        ],
        [
          { x: 2, y: 0 },
          { x: 9, y: 2 },
        ],
      ]),
    ).toEqual([
      { x: 2, low: 0, median: 3, high: 6 },
      { x: 3, low: 2 / 7, median: (4 + 2 / 7) / 2, high: 4 },
      { x: 9, low: 2, median: 3, high: 4 },
    ]);
  });

  it('are lines in every panel; of several runs with median, range and legend', () =>
    fc.assert(
      fc.property(looks, fc.array(run, { minLength: 1, maxLength: 5 }), (look, given) => {
        const drawn = learningFigure(look, [
          { title: 'loss', measure: 'nats per bit', runs: given },
          { title: 'wrong bits', measure: 'per sequence', runs: given },
        ]);
        const panels = panelsOf(drawn);
        expect(panels).toHaveLength(given.length > 1 ? 3 : 2);
        for (const panel of panels.slice(0, 2)) expect(panel.querySelectorAll('g.runs path')).toHaveLength(given.length);
        expect(textsOf(drawn).includes(`median of ${given.length} runs`)).toBe(given.length > 1);
        for (const text of ['loss', 'nats per bit', 'wrong bits', 'per sequence', 'sequences'])
          expect(textsOf(drawn)).toContain(text);
        expect(isSound(drawn)).toBe(true);
      }),
      { numRuns: 40 },
    ));

  it('leave out what is not a number, and mark zero at the foot', () => {
    const drawn = learningFigure(light, [
      {
        title: 'loss',
        measure: 'nats',
        runs: [
          [
            { x: 0, y: NaN },
            { x: 1, y: 1 },
            { x: 2, y: 0 },
          ],
        ],
      },
    ]);
    expect(isSound(drawn)).toBe(true);
    expect(textsOf(drawn)).toContain('0');
    expect(isSound(learningFigure(light, [{ title: 'loss', measure: 'nats', runs: [[]] }]))).toBe(true);
  });
});

describe('wrong bits', () => {
  const cell = fc.record({ length: fc.integer({ min: 1, max: 200 }), wrong: fc.double({ min: 0, max: 900, noNaN: true }) });

  it('against length have a point a cell', () =>
    fc.assert(
      fc.property(
        looks,
        fc.uniqueArray(cell, { minLength: 1, maxLength: 10, selector: ({ length }) => length }),
        (look, cells) => {
          const drawn = lengthFigure(
            look,
            cells.map(({ length, wrong }) => ({ cell: { length }, wrong, wrong95: 2 * wrong })),
          );
          expect(drawn.querySelectorAll('g.means circle')).toHaveLength(cells.length);
          for (const text of ['wrong bits per sequence', 'bits', 'length', 'mean']) expect(textsOf(drawn)).toContain(text);
          expect(isSound(drawn)).toBe(true);
        },
      ),
      { numRuns: 40 },
    ));

  it('against length and repeats have a cell each, with its number in it', () => {
    const drawn = lengthFigure(
      light,
      [10, 20, 30].flatMap((length) =>
        [2, 4].map((repeats) => ({ cell: { length, repeats }, wrong: length * repeats, wrong95: 0 })),
      ),
    );
    expect(boxesOf(panelsOf(drawn)[0]!, 'cells')).toHaveLength(6);
    for (const text of ['20', '40', '60', '80', '120', 'length', 'repeats']) expect(textsOf(drawn)).toContain(text);
  });
});

it('ticks are whole numbers within what is shown, with room between them', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 500 }),
      fc.nat({ max: 3000 }),
      fc.integer({ min: 20, max: 900 }),
      (from, more, pixels) => {
        const ticks = wholeTicks(from, from + more, pixels, 20);
        for (const [i, tick] of ticks.entries()) {
          expect(tick >= from && tick <= from + more).toBe(true);
          if (i > 0) expect(((tick - ticks[i - 1]!) * pixels) / (more + 1)).toBeGreaterThanOrEqual(20 - 1e-9);
        }
      },
    ),
  ));

describe('kinds of models beside one another', () => {
  const points = fc.uniqueArray(fc.record({ x: fc.integer({ min: 1, max: 100 }), y: fc.double({ min: 0, max: 500, noNaN: true }) }), { minLength: 1, maxLength: 8, selector: ({ x }) => x }).map((all) => all.sort((a, b) => a.x - b.x));
  const series = fc.array(fc.array(points, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }).map((kinds) => kinds.map((runs, i) => ({ name: `kind ${i}`, runs })));

  it('have a line each that is named, a cross for everything stated, and a rule for the least there is', () =>
    fc.assert(
      fc.property(looks, series, points, fc.option(fc.double({ min: 0, max: 500, noNaN: true })), fc.boolean(), (look, kinds, stated, least, dots) => {
        const drawn = comparisonFigure(look, {
          title: 'bits', across: 'length', up: 'bits', series: kinds, dots,
          stated: stated.map((point) => ({ ...point, name: 'stated' })),
          ...(least !== null && { least: { name: 'least', y: least } }),
        });
        const lines = kinds.map((_, i) => drawn.querySelectorAll(`.median-${i} path`).length);
        expect(lines).toEqual(kinds.map(({ runs }) => (bandOf(runs).length > 0 ? 1 : 0)));
        expect(drawn.querySelectorAll('.stated path')).toHaveLength(stated.length);
        expect(drawn.querySelectorAll('.least line')).toHaveLength(least === null ? 0 : 1);
        expect(textsOf(drawn)).toEqual(expect.arrayContaining([...kinds.map(({ name }) => name), '× stated', ...(least === null ? [] : ['least'])]));
        expect(isSound(drawn)).toBe(true);
      }),
      { numRuns: 40 },
    ));
});
