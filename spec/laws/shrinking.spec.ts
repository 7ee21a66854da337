/** A law that is wrong on purpose, to see what a person gets to read when one fails. */
import { expect, it } from 'vitest';
import fc from 'fast-check';
import { sharpeningForward } from '../../src/model/addressing.js';
import { sampled, numbers } from '../arbitraries/numbers.js';
import { weightings } from '../arbitraries/weightings.js';
import { near } from '../support/expectations.js';
import { openBench } from './bench.js';
import { law } from './law.js';

/** Sharpening by γ > 1 does move mass between slots that are not alike. */
const wrong = law({
  name: 'sharpening changes nothing',
  draw: (few) => few(fc.record({ K: fc.integer({ min: 1, max: 4 }), N: fc.integer({ min: 1, max: 40 }) }), 12).chain(({ K, N }) => fc.record({ N: fc.constant(N), shifted: weightings(K, N), gamma: numbers(K, 1, 50) })),
  holds: async ({ N, shifted, gamma }, bench) => {
    const run = await bench.program(`${gamma.length}x${N}`, (recorder) => {
      const given = { shifted: recorder.input('shifted', [gamma.length, N]), gamma: recorder.input('gamma', [gamma.length]) };
      recorder.section('forward');
      recorder.expose('w', sharpeningForward(recorder, given).out);
    }, { batch: 1 });
    near('w', (await run({ inputs: { shifted, gamma } })).w, shifted, 1e-6);
  },
  tolerance: '1e-6',
});

it('shrinks to a few slots and round numbers, whatever it began with', async () => {
  const bench = openBench('cpu');
  for (const seed of [1, 2, 3]) {
    const fault = await wrong.fault(bench, { seed, cases: 100 });
    const counterexample = /Counterexample: (.*)/.exec(fault!.message)![1]!;
    const [, shifted, gamma] = /"shifted":Float32Array.from\(\[(.*?)\]\),"gamma":Float32Array.from\(\[(.*?)\]\)/.exec(counterexample)!.map((list) => list.split(',').map(Number));
    // One row that looks at two slots or more, unevenly; all others at their first alone; and every γ 1 but that row's.
    expect(shifted!.filter((v) => v !== 0 && v !== 1).length).toBeLessThanOrEqual(4);
    expect(gamma!.filter((v) => v !== 1)).toHaveLength(1);
    // The path that is printed finds it again, alone.
    expect((await wrong.fault(bench, { seed, cases: 100, path: fault!.path }))!.message).toContain(counterexample);
  }
  await bench.dispose();
});

it('draws numbers that differ from seed to seed, edges among them', () => {
  expect(sampled(numbers(5), 1)).not.toEqual(sampled(numbers(5), 2));
  const drawn = fc.sample(numbers(6, -2, 3), { seed: 1, numRuns: 500 });
  expect(drawn.every((values) => values.every((v) => v >= -2 && v <= 3))).toBe(true);
  expect(drawn.some((values) => values.filter((v) => v === 0).length >= 4)).toBe(true);
  expect(drawn.some((values) => values.every((v) => v === -2 || v === 3))).toBe(true);
  expect(drawn.some((values) => new Set(values).size === 6)).toBe(true);
});
