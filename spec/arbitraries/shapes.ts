/** Sizes of operations and shapes of models. All shrink to the smallest. */
import fc from 'fast-check';
import type { ModelShape } from '../../src/model/shapes.js';
import type { Sizes } from '../operations/operation.js';
import type { Architecture } from '../oracle/names.js';

const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

/** 1, 3, 5 or 7 taps, and a number of slots that is no smaller. */
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
      controller: fc.constantFrom('feed-forward', 'lstm', 'gru', 'none'),
      batch: size(3), steps: size(5), M: size(5), R: size(3), W: size(3), H: size(7), L: size(3), I: size(4), V: size(3),
      legacy: fc.boolean(), learns: fc.boolean(),
    }),
  )
  .map(([taps, { legacy, learns, ...others }]): DrawnModel => {
    const model = { ...taps, ...others, L: others.controller === 'feed-forward' ? 1 : others.L };
    const hasMemory = model.controller !== 'none';
    return { ...model, legacyWriteAddressing: hasMemory && legacy && model.R === 1 && model.W === 1, learnsMemory: hasMemory && learns };
  });

export const shapeOf = ({ controller, I, V, H, L, N, M, R, W, S, legacyWriteAddressing, learnsMemory }: DrawnModel): ModelShape => ({
  controller, inputs: I, outputs: V, hidden: H, layers: L, slots: N, width: M, readHeads: R, writeHeads: W, taps: S, memoryInit: learnsMemory ? 'learned' : 'constant', legacyWriteAddressing,
});

const largeness = (value: object): number => Object.values(value).reduce((sum: number, each) => sum + (typeof each === 'number' ? each : 0), 0);

/** One of `count` values. */
export type Few = <A extends object>(arbitrary: fc.Arbitrary<A>, count: number) => fc.Arbitrary<A>;

/**
 * Few values, which are drawn from the seed of the run, the smallest first, so that they shrink to that; a
 * `share` of them where opening machines is slow. So a law meets many values at each shape, and other shapes
 * in every run.
 */
export const oneOfFew = (seed: number, share = 1): Few => (arbitrary, count) =>
  fc.constantFrom(...[...fc.sample(arbitrary, { seed, numRuns: Math.max(1, Math.ceil(count * share)) })].sort((a, b) => largeness(a) - largeness(b)));
