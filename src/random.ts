/**
 * Randomness as a state that is passed in and returned: fp-ts `State<Rng, A>`, over pure-rand's
 * xoroshiro128+.
 */
import type { State } from 'fp-ts/lib/State.js';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** The generator's four words. */
export type Rng = readonly number[];

/** A value that depends on the generator: from a generator to the value and the generator after it. */
export type Random<A> = State<Rng, A>;

/** Least and greatest seed: the generator takes 32 bits, signed or not. */
export const SEEDS = { least: -(2 ** 31), greatest: 2 ** 32 - 1 } as const;

/** The generator of a seed; throws at one that it would have to cut. */
export const seededRng = (seed: number): Rng => {
  if (!Number.isInteger(seed) || seed < SEEDS.least || seed > SEEDS.greatest) throw new RangeError(`a seed is an integer from ${SEEDS.least} to ${SEEDS.greatest}, got ${seed}`);
  return xoroshiro128plus(seed).getState();
};

/** Whether a value is a generator's state: four words of 32 bits, of which zeros alone would give nothing but zeros. */
export const isRng = (value: unknown): value is Rng => Array.isArray(value) && value.length === 4 && value.every((word) => Number.isInteger(word) && word === (word | 0)) && value.some((word) => word !== 0);

/** What a draw may use; it lives only inside the draw. */
export interface Draw {
  /** Integer from `min` to `max`, both included. */
  readonly integer: (min: number, max: number) => number;
  /** From [min, max). */
  readonly uniform: (min: number, max: number) => number;
  /** Normal with mean 0 (Box and Muller's transform). */
  readonly normal: (deviation: number) => number;
}

/** A random value from any number of draws. */
export const random =
  <A>(make: (draw: Draw) => A): Random<A> =>
  (rng) => {
    const generator = xoroshiro128plusFromState(rng);
    const unit = (): number => uniformFloat64(generator);
    const value = make({
      integer: (min, max) => uniformInt(generator, min, max),
      uniform: (min, max) => min + (max - min) * unit(),
      normal: (deviation) => deviation * Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit()),
    });
    return [value, generator.getState()];
  };
