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

export type Random<A> = State<Rng, A>;

export const seededRng = (seed: number): Rng => xoroshiro128plus(seed).getState();

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
