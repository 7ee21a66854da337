/** Proves that figures of any size show what they are given: read back from the SVG, in Node and in a page. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnswerFigure, answerFigure, momentFigure, weightingFigure, wrongBits } from '../../src/pictures/answer.js';
import { LEFT, RIGHT } from '../../src/pictures/look.js';
import { memoryFigure } from '../../src/pictures/memory.js';
import { slotOf, usedRange } from '../../src/pictures/slots.js';
import { type HeadStages, stagesFigure } from '../../src/pictures/stages.js';
import { COLUMN_WIDTH } from '../../src/pictures/style.js';
import { light, looks } from './looks.js';
import { areaOf, boxesOf, isSound, panelsOf, textsOf } from './reading.js';

const bits = (length: number) => fc.array(fc.constantFrom(0, 1), { minLength: length, maxLength: length });

const answers: fc.Arbitrary<AnswerFigure> = fc
  .record({ steps: fc.integer({ min: 1, max: 30 }), channels: fc.integer({ min: 1, max: 9 }), referenced: fc.boolean() })
  .chain(({ steps, channels, referenced }) =>
    fc.record({
      target: bits(steps * channels),
      output: bits(steps * channels),
      mask: bits(steps),
      reference: referenced ? bits(steps * channels) : fc.constant(null),
      steps: fc.constant(steps),
      channels: fc.constant(channels),
      label: fc.constant(`length ${steps}`),
    }),
  );

/** How many cells a panel's marks cover, where all cells of its inside are `count`. */
const covered = (panel: Element, width: number, height: number, count: number): number =>
  (areaOf(boxesOf(panel, 'cells')) * count) / ((width - LEFT - RIGHT) * height);

const insideOf = (panel: Element): number =>
  Number(panel.getAttribute('height')) - 15 - (textsOf(panel).some((text) => text === 'step of the answer') ? 28 : 5);

const ones = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

describe('the answer', () => {
  it('shows as many ones as there are, and as many errors as wrong bits, in panels of one size', () =>
    fc.assert(
      fc.property(looks, answers, (look, figure) => {
        const drawn = answerFigure(look, figure);
        const panels = panelsOf(drawn).slice(0, -1);
        const shown = panels.map((panel) => covered(panel, look.width, insideOf(panel), figure.steps * figure.channels));
        const expected = [figure.target, ...(figure.reference ? [figure.reference] : []), figure.output].map(ones);
        expect(shown).toHaveLength(expected.length + 1);
        [...expected, wrongBits(figure)].forEach((count, i) => expect(shown[i]).toBeCloseTo(count, 6));
        expect(isSound(drawn)).toBe(true);
      }),
      { numRuns: 40 },
    ));

  it('names its axes, its panels and the ends of its scale, and says what it is', () =>
    fc.assert(
      fc.property(looks, answers, (look, figure) => {
        const drawn = answerFigure(look, figure);
        const texts = textsOf(drawn);
        for (const text of [
          `target: ${figure.label}`,
          'output',
          'error, |target − output|',
          'step of the answer',
          'channel',
          'value',
          '0',
          '1',
        ])
          expect(texts).toContain(text);
        expect(drawn.getAttribute('aria-label')).toContain(figure.label);
        expect(texts.includes('the best there is')).toBe(figure.reference !== null);
      }),
      { numRuns: 20 },
    ));

  it('puts channels upwards and steps to the right', () => {
    const drawn = answerFigure(light, {
      target: [1, 0, 0, 0, 0, 1],
      output: [0, 0, 0, 0, 0, 0],
      mask: [1, 1, 1],
      reference: null,
      steps: 3,
      channels: 2,
      label: 'x',
    });
    const [lower, upper] = boxesOf(panelsOf(drawn)[0]!, 'cells');
    expect([lower!.x, upper!.x + upper!.width]).toEqual([LEFT, COLUMN_WIDTH - RIGHT]);
    expect(lower!.y).toBeGreaterThan(upper!.y);
  });

  it('at a moment of learning counts sequences and wrong bits', () => {
    const moment = { target: [1, 0], output: [0, 0], mask: [1], reference: null, steps: 1, channels: 2, label: 'x' };
    expect(textsOf(momentFigure(light, moment, 12_000))).toContain('output after 12,000 sequences: 1 wrong bit');
    expect(panelsOf(momentFigure(light, moment, 0))).toHaveLength(3);
  });

  it('of more steps than a print shows apart is as wide, and loses no error', () => {
    const steps = 5000;
    const target = new Float32Array(steps);
    const output = new Float32Array(steps);
    output[3210] = 1;
    const drawn = answerFigure(light, {
      target,
      output,
      mask: new Float32Array(steps).fill(1),
      reference: null,
      steps,
      channels: 1,
      label: 'x',
    });
    expect(boxesOf(panelsOf(drawn)[2]!, 'cells')).toHaveLength(1);
    expect(boxesOf(panelsOf(drawn)[0]!, 'cells')).toHaveLength(0);
  });
});

/** A weighting of one slot at every step. */
const pointed = (at: readonly number[], slots: number): Float32Array => {
  const values = new Float32Array(at.length * slots);
  at.forEach((slot, step) => (values[step * slots + slot] = 1));
  return values;
};

describe('the weightings', () => {
  const heads = fc
    .record({
      slots: fc.integer({ min: 4, max: 128 }),
      steps: fc.integer({ min: 2, max: 25 }),
      count: fc.integer({ min: 1, max: 9 }),
    })
    .chain(({ slots, steps, count }) =>
      fc.record({
        slots: fc.constant(slots),
        steps: fc.constant(steps),
        answerFrom: fc.integer({ min: 0, max: steps - 1 }),
        at: fc.array(fc.array(fc.nat({ max: slots - 1 }), { minLength: steps, maxLength: steps }), {
          minLength: count,
          maxLength: count,
        }),
      }),
    );

  it('have a panel a head, one cell a step where the head looks, and the phases above', () =>
    fc.assert(
      fc.property(looks, heads, (look, { slots, steps, answerFrom, at }) => {
        const drawn = weightingFigure(look, {
          heads: at.map((each, i) => ({ name: `head ${i}`, values: pointed(each, slots) })),
          steps,
          slots,
          input: { from: 0, to: answerFrom },
          answer: { from: answerFrom, to: steps },
        });
        const [phases, ...rest] = panelsOf(drawn);
        const panels = rest.slice(0, -1);
        expect(panels).toHaveLength(at.length);
        const column = (look.width - LEFT - RIGHT) / steps;
        panels.forEach((panel, i) => {
          const boxes = boxesOf(panel, 'cells');
          expect(boxes.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(steps * column, 6);
          // The same slot is the same height, another another.
          const heights = at[i]!.map(
            (_, step) =>
              boxes.find(({ x, width }) => x <= LEFT + (step + 0.5) * column && x + width >= LEFT + (step + 0.5) * column)!.y,
          );
          at[i]!.forEach((slot, step) => expect(heights[step] === heights[0]).toBe(slot === at[i]![0]));
        });
        const spans = boxesOf(phases!, 'phase');
        expect(spans.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(look.width - LEFT - RIGHT, 6);
        for (const text of ['input', 'answer', 'step', 'slot', 'weight']) expect(textsOf(drawn)).toContain(text);
        expect(isSound(drawn)).toBe(true);
      }),
      { numRuns: 30 },
    ));
});

describe('the slots shown', () => {
  const memories = fc
    .integer({ min: 1, max: 60 })
    .chain((slots) =>
      fc.record({ slots: fc.constant(slots), used: fc.uniqueArray(fc.nat({ max: slots - 1 })), margin: fc.nat({ max: 3 }) }),
    );
  const shown = ({
    slots,
    used,
    margin,
  }: {
    readonly slots: number;
    readonly used: readonly number[];
    readonly margin: number;
  }) => usedRange((slot) => used.includes(slot), slots, margin);

  it('hold every used slot once, and are all of them where none is used', () =>
    fc.assert(
      fc.property(memories, (memory) => {
        const range = shown(memory);
        const slots = Array.from({ length: range.to - range.from + 1 }, (_, i) => slotOf(range.from + i, range));
        expect(new Set(slots).size).toBe(slots.length);
        for (const slot of memory.used) expect(slots).toContain(slot);
        if (memory.used.length === 0) expect(slots).toHaveLength(memory.slots);
      }),
    ));

  it('are as many when the memory is turned, and no more than the used ones reach', () =>
    fc.assert(
      fc.property(memories, fc.nat({ max: 60 }), (memory, turn) => {
        const sizeOf = ({ from, to }: { readonly from: number; readonly to: number }): number => to - from + 1;
        const turned = { ...memory, used: memory.used.map((slot) => (slot + turn) % memory.slots) };
        expect(sizeOf(shown(turned))).toBe(sizeOf(shown(memory)));
        if (memory.used.length === 1) expect(sizeOf(shown(memory))).toBe(Math.min(memory.slots, 1 + 2 * memory.margin));
      }),
    ));
});

describe('the memory', () => {
  it('is drawn over all steps, and whole at the chosen ones', () =>
    fc.assert(
      fc.property(
        looks,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 3, max: 20 }),
        (look, slots, width, steps) => {
          const memory = Float32Array.from({ length: steps * slots * width }, (_, i) => (i % 2 === 0 ? 1 : -1));
          const drawn = memoryFigure(look, {
            memory,
            steps,
            width,
            range: { from: 0, to: slots - 1, slots },
            chosen: [1, steps],
          });
          const [above, , below] = panelsOf(drawn);
          expect(areaOf(boxesOf(above!, 'cells'))).toBeGreaterThan(0);
          expect(boxesOf(below!, 'cells')).toHaveLength(2 * slots * width);
          const signs = [1, steps].flatMap((step) => [...memory.subarray((step - 1) * slots * width, step * slots * width)]);
          expect(new Set(boxesOf(below!, 'cells').map(({ fill }) => fill)).size).toBe(new Set(signs).size);
          for (const text of ['after step 1', `after step ${steps}`, 'norm', 'content', 'place in the slot', 'step', 'slot'])
            expect(textsOf(drawn)).toContain(text);
          expect(isSound(drawn)).toBe(true);
        },
      ),
      { numRuns: 25 },
    ));

  it('lets an outlier not hide the rest, and says that it lies beyond', () => {
    const memory = Float32Array.from({ length: 400 }, (_, i) => (i === 0 ? 1000 : 1));
    const texts = textsOf(
      memoryFigure(light, { memory, steps: 1, width: 4, range: { from: 0, to: 99, slots: 100 }, chosen: [1] }),
    );
    expect(texts).toEqual(expect.arrayContaining(['>1', '<−1']));
  });
});

describe('the stages', () => {
  const stages = (slots: number, taps: number): fc.Arbitrary<HeadStages> => {
    const weights = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: slots, maxLength: slots });
    const parameter = fc.double({ min: 0, max: 1000, noNaN: true });
    return fc.record({
      name: fc.constant('write head'),
      content: weights,
      gated: weights,
      shifted: weights,
      weighting: weights,
      beta: parameter,
      g: fc.double({ min: 0, max: 1, noNaN: true }),
      gamma: parameter,
      s: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: taps, maxLength: taps }),
    });
  };

  it('have four columns of bars a head, over each its name and its parameter', () =>
    fc.assert(
      fc.property(
        looks,
        fc
          .integer({ min: 3, max: 40 })
          .chain((slots) =>
            fc.record({ slots: fc.constant(slots), heads: fc.array(stages(slots, 3), { minLength: 1, maxLength: 4 }) }),
          ),
        (look, { slots, heads }) => {
          const drawn = stagesFigure(look, { heads, slots, step: 5 });
          const panels = panelsOf(drawn);
          expect(panels).toHaveLength(heads.length);
          for (const [i, panel] of panels.entries()) {
            expect(boxesOf(panel, 'bars').length % 4).toBe(0);
            expect(boxesOf(panel, 'bars').length).toBeLessThanOrEqual(4 * slots);
            const texts = textsOf(panel).join('\n');
            expect(texts).toMatch(
              /content wc\n[^]*β = [\d.]+\ngated wg\ng = [\d.]+\nshifted w̃\ns = [\d. ]+\nsharpened w\nγ = [\d.]+/,
            );
            expect(texts.includes('at step 5')).toBe(i === 0);
          }
          expect(isSound(drawn)).toBe(true);
        },
      ),
      { numRuns: 25 },
    ));
});
