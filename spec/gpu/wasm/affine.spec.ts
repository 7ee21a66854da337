/** Affine forms against counting: what they say of a form's range and of conditions holds for every value. */
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { addScaled, type Affine, compare, type Comparison, LANES, rangeOf, Split, Unsupported, type Variable } from '../../../src/gpu/wasm/affine.js';

const variables: fc.Arbitrary<Variable> = fc.record({ name: fc.constantFrom('i', 'j'), from: fc.integer({ min: 0, max: 5 }), trips: fc.integer({ min: 1, max: 6 }), step: fc.integer({ min: 1, max: 4 }) }).map(({ name, from, trips, step }) => ({ name, from, to: from + (trips - 1) * step + 1, step }));

const forms: fc.Arbitrary<Affine> = fc
  .record({ constant: fc.integer({ min: -20, max: 20 }), terms: fc.array(fc.tuple(variables, fc.integer({ min: -3, max: 3 }).filter((k) => k !== 0)), { maxLength: 2 }), lane: fc.integer({ min: -1, max: 1 }) })
  .map(({ constant, terms, lane }) => ({ constant, terms: new Map(terms), lane }));

/** All values that the form takes. */
const valuesOf = ({ constant, terms, lane }: Affine): readonly number[] =>
  [...terms].reduce<readonly number[]>(
    (sums, [{ from, to, step }, k]) => sums.flatMap((sum) => Array.from({ length: Math.ceil((to! - from) / step) }, (_, i) => sum + k * (from + i * step))),
    Array.from({ length: LANES }, (_, l) => constant + l * lane),
  );

const HOLDS: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = { '<': (a, b) => a < b, '>': (a, b) => a > b, '<=': (a, b) => a <= b, '>=': (a, b) => a >= b, '===': (a, b) => a === b, '!==': (a, b) => a !== b };

const RUNS = { numRuns: 1000 };

describe('an affine form', () => {
  test.prop([forms], RUNS)('lies between the ends of its range, and reaches both', (form) => {
    const values = valuesOf(form);
    expect(rangeOf(form)).toEqual([Math.min(...values), Math.max(...values)]);
  });

  test.prop([forms, forms, fc.integer({ min: -3, max: 3 })], RUNS)('is added to another value by value', (a, b, s) => {
    const sum = addScaled(a, b, s);
    const all = [...new Set([...a.terms.keys(), ...b.terms.keys()])];
    const at = (form: Affine, values: ReadonlyMap<Variable, number>, lane: number): number => [...form.terms].reduce((total, [v, k]) => total + k * values.get(v)!, form.constant + lane * form.lane);
    const values = new Map(all.map((v, i) => [v, v.from + i * v.step] as const));
    for (const lane of [0, 3]) expect(at(sum, values, lane)).toBe(at(a, values, lane) + s * at(b, values, lane));
  });

  test.prop([forms, fc.integer({ min: -20, max: 20 }), fc.constantFrom<Comparison>('<', '>', '<=', '>=', '===', '!==')], RUNS)('compares as each of its values does, or says where its variable is to be split', (form, value, operator) => {
    const holds = valuesOf(form).map((each) => HOLDS[operator](each, value));
    try {
      expect(holds.every((each) => each === compare(operator, form, { constant: value, terms: new Map(), lane: 0 }))).toBe(true);
    } catch (error) {
      if (error instanceof Unsupported) return;
      if (!(error instanceof Split)) throw error;
      const { variable, point } = error;
      expect(form.terms.has(variable)).toBe(true);
      expect(point).toBeGreaterThan(variable.from);
      expect(point).toBeLessThan(variable.to!);
    }
  });
});
