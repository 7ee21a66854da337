/** Arrays that go into small programs: drawn, laid side by side, taken apart. */
import { type Draw, random, seededRng } from '../../src/random.js';

/** What `make` draws from a seed. */
export const drawn = <A>(seed: number, make: (draw: Draw) => A): A => random(make)(seededRng(seed))[0];

/** Uniform in [low, high). */
export const uniforms = ({ uniform }: Draw, length: number, low = -1, high = 1): Float32Array => Float32Array.from({ length }, () => uniform(low, high));

/** Columns from … from + length of each of `rows` rows. */
export const columns = (values: ArrayLike<number>, rows: number, from: number, length: number): Float64Array => {
  const width = values.length / rows;
  return Float64Array.from({ length: rows * length }, (_, i) => values[Math.floor(i / length) * width + from + (i % length)]);
};

/** The parts side by side in each of `rows` rows. */
export const beside = (rows: number, ...parts: ReadonlyArray<ArrayLike<number>>): Float32Array => {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const part of parts) {
      const width = part.length / rows;
      for (let i = row * width; i < (row + 1) * width; i++) all[at++] = part[i];
    }
  }
  return all;
};

/** [count, rows, columns] → [count, columns, rows]. */
export const transposed = (values: ArrayLike<number>, rows: number, width: number): Float32Array => {
  const size = rows * width;
  return Float32Array.from({ length: values.length }, (_, i) => values[Math.floor(i / size) * size + (i % rows) * width + Math.floor((i % size) / rows)]);
};

/** The entries of a times those of b. */
export const products = (a: ArrayLike<number>, b: ArrayLike<number>): number[] => Array.from(a, (v, i) => v * b[i]);

/** The smallest length of the vectors of `width` numbers. */
export const shortest = (values: ArrayLike<number>, width: number): number =>
  Math.min(...Array.from({ length: values.length / width }, (_, i) => Math.hypot(...Array.from({ length: width }, (_entry, j) => values[i * width + j]))));

/** The largest |v|. */
export const largest = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
