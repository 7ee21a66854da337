import { expect } from 'vitest';
import { compare } from '../oracle/differences.js';

/** Fixed numbers without a pattern in [low, high). */
export const numbers = (count: number, seed: number, low = -1, high = 1): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => {
    const v = Math.sin(seed * 12.9898 + i * 78.233) * 43758.5453;
    return low + (v - Math.floor(v)) * (high - low);
  });

export const expectClose = (actual: ArrayLike<number>, expected: ArrayLike<number>, relative: number, absolute: number, what = ''): void => {
  const { largest, at, scale } = compare(actual, expected);
  expect(largest, `${what} at ${at}: ${actual[at]} against ${expected[at]}`).toBeLessThanOrEqual(relative * scale + absolute);
};
