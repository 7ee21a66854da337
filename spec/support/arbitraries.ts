/** What fast-check draws. Everything shrinks: sizes to the smallest, numbers to those of the seed 0. */
import fc from 'fast-check';
import type { Backend } from '../../src/gpu/backends.js';
import type { Sizes } from '../operations/operation.js';
import type { Architecture } from '../oracle/names.js';
import { drawn, randomWeightings, uniforms } from './values.js';

/** The same examples in every run. */
const SEED = 14105401;

/** Few values at sizes that are fixed, on every backend. */
export const EXAMPLES = { seed: SEED, numRuns: 3, endOnFailure: true } as const;

const inNode = typeof document === 'undefined';

/**
 * Sizes are drawn: each example opens a machine. The backends that open one in milliseconds get `cases`
 * of them, in Node; the others, and browsers, a tenth. What fails shrinks.
 */
export const examples = (backend: Backend, cases: number) => ({ seed: SEED, numRuns: inNode && (backend === 'cpu' || backend === 'webasm') ? cases : Math.ceil(cases / 10) }) as const;

/** Long enough for an example that shrinks. */
export const PATIENCE = 300_000;

/** Uniform in [low, high). */
export const numbers = (length: number, low = -1, high = 1): fc.Arbitrary<Float32Array> => fc.nat().map((seed) => drawn(seed, (draw) => uniforms(draw, length, low, high)));

/** `rows` weightings over N slots. */
export const weightings = (rows: number, N: number): fc.Arbitrary<Float32Array> => fc.nat().map((seed) => drawn(seed, (draw) => randomWeightings(draw, rows, N)));

const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

/** 1, 3, 5 or 7, and a number of slots that is no smaller. */
const tapsAndSlots = (max: number): fc.Arbitrary<{ readonly S: number; readonly N: number }> => fc.record({ C: fc.nat(3), N: size(max) }).map(({ C, N }) => ({ S: 2 * C + 1, N: Math.max(N, 2 * C + 1) }));

/** Sizes of one operation: most are divided by no lane, some are. */
export const sizes: fc.Arbitrary<Sizes> = fc
  .tuple(tapsAndSlots(41), fc.record({ batch: size(6), M: size(22), R: size(3), W: size(3), H: size(22), I: size(9), V: size(19) }))
  .map(([taps, others]) => ({ ...taps, ...others }));

/** A model, and how it is run. */
export interface DrawnModel extends Architecture {
  readonly batch: number;
  readonly steps: number;
  readonly legacyWriteAddressing: boolean;
  /** Memory starts at learned values, not at the constant. */
  readonly learnsMemory: boolean;
}

/** Models of the whole family, small enough for the oracle. */
export const models: fc.Arbitrary<DrawnModel> = fc
  .tuple(
    tapsAndSlots(9),
    fc.record({
      controller: fc.constantFrom('lstm', 'feed-forward', 'gru', 'none'),
      batch: size(3), steps: size(5), M: size(5), R: size(3), W: size(3), H: size(7), L: size(3), I: size(4), V: size(3),
      legacy: fc.boolean(), learns: fc.boolean(),
    }),
  )
  .map(([taps, { legacy, learns, ...others }]): DrawnModel => {
    const model = { ...taps, ...others, L: others.controller === 'feed-forward' ? 1 : others.L };
    const hasMemory = model.controller !== 'none';
    return { ...model, legacyWriteAddressing: hasMemory && legacy && model.R === 1 && model.W === 1, learnsMemory: hasMemory && learns };
  });
