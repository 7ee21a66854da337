/** Slopes of `f` at `x`, coordinate by coordinate: (f(x + h) − f(x − h)) / 2h. `x` is not changed. */
export const centralDifferences = (f: (x: Float64Array) => number, x: Float64Array, h = 1e-5): Float64Array =>
  x.map((value, i) => {
    const moved = (to: number): number => f(x.map((other, j) => (i === j ? to : other)));
    return (moved(value + h) - moved(value - h)) / (2 * h);
  });

/** How far two arrays lie apart. */
export interface Difference {
  /** The largest |actual − expected|; Infinity where a number is NaN or infinite or the lengths differ. */
  readonly largest: number;
  /** Where it stands; −1 when both are empty or the lengths differ. */
  readonly at: number;
  /** The largest |expected|: what `largest` may be measured by. */
  readonly scale: number;
}

export const compare = (actual: ArrayLike<number>, expected: ArrayLike<number>): Difference => {
  let largest = 0, at = expected.length > 0 ? 0 : -1, scale = 0;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]));
  if (actual.length !== expected.length) return { largest: Infinity, at: -1, scale };
  for (let i = 0; i < expected.length; i++) {
    const apart = Math.abs(actual[i] - expected[i]);
    const distance = Number.isFinite(apart) ? apart : Infinity; // a NaN must never pass for a small difference
    if (distance > largest) [largest, at] = [distance, i];
  }
  return { largest, at, scale };
};
