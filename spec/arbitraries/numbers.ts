/** Arrays of numbers that shrink to what a person reads: to zeros first, then to ones, powers of ten and quarters. */
import fc, { Arbitrary, type Random, Stream, Value } from 'fast-check';

/** One entry, from numbers in [0, 1). */
type Entry = (unit: () => number) => number;

const isSimple: ReadonlyArray<(v: number) => boolean> = [(v) => Math.abs(v) === 1, (v) => v === powerOfTen(v), (v) => v === quarter(v)];

const powerOfTen = (v: number): number => Math.fround(Math.sign(v) * 10 ** Math.round(Math.log10(Math.abs(v))));
const quarter = (v: number): number => Math.fround(Math.round(4 * v) / 4);

/** 0 for the simplest number of all, and the more the less simple. */
const rankOf = (v: number, simplest: number): number => {
  if (Object.is(v, simplest)) return 0;
  const found = isSimple.findIndex((holds) => holds(v));
  return found < 0 ? isSimple.length + 1 : found + 1;
};

const SIMPLER: ReadonlyArray<(v: number) => number> = [(v) => Math.sign(v), powerOfTen, quarter];

class Numbers extends Arbitrary<Float32Array> {
  readonly length: number;
  readonly entry: Entry;
  readonly range: readonly [number, number];
  readonly simplest: number;

  constructor(length: number, entry: Entry, low: number, high: number) {
    super();
    this.length = length;
    this.entry = entry;
    this.range = [low, high];
    this.simplest = Math.min(Math.max(0, low), high);
  }

  /** Where fast-check looks for the edges: many zeros, one number all over, round numbers, or both ends of the range. */
  private edges(mrng: Random): Entry {
    const [low, high] = this.range;
    const unit = (): number => mrng.nextInt(0, 0xffffff) / 0x1000000;
    const one = this.entry(unit);
    const kinds: readonly Entry[] = [
      (u) => (u() < 0.5 ? this.simplest : this.entry(u)),
      () => one,
      (u) => Math.min(Math.max(quarter(this.entry(u)), low), high),
      (u) => (u() < 0.5 ? low : high),
      (u) => (u() < 0.1 ? this.entry(u) : this.simplest),
    ];
    return kinds[mrng.nextInt(0, kinds.length - 1)]!;
  }

  generate(mrng: Random, bias: number | undefined): Value<Float32Array> {
    const entry = bias !== undefined && mrng.nextInt(1, bias) === 1 ? this.edges(mrng) : this.entry;
    const unit = (): number => mrng.nextInt(0, 0xffffff) / 0x1000000;
    return new Value(Float32Array.from({ length: this.length }, () => entry(unit)), undefined);
  }

  canShrinkWithoutContext(value: unknown): value is Float32Array {
    return value instanceof Float32Array && value.length === this.length;
  }

  /** Whole blocks at a time, from all to single entries: each candidate is simpler in some of them and the same elsewhere. */
  shrink(value: Float32Array): Stream<Value<Float32Array>> {
    return new Stream(this.simpler(value)).map((each) => new Value(each, undefined));
  }

  private *simpler(value: Float32Array): IterableIterator<Float32Array> {
    const [low, high] = this.range;
    const allowed = (v: number): boolean => v >= low && v <= high;
    for (let size = this.length; size >= 1; size = Math.floor(size / 2)) {
      for (const simplify of [() => this.simplest, ...SIMPLER]) {
        for (let from = 0; from < this.length; from += size) {
          const candidate = value.slice();
          for (let i = from; i < Math.min(from + size, this.length); i++) {
            const other = Math.fround(simplify(value[i]!));
            if (allowed(other) && rankOf(other, this.simplest) < rankOf(value[i]!, this.simplest)) candidate[i] = other;
          }
          if (candidate.some((v, i) => !Object.is(v, value[i]))) yield candidate;
        }
      }
    }
  }
}

/** `length` numbers in [low, high]. */
export const numbers = (length: number, low = -1, high = 1): fc.Arbitrary<Float32Array> => new Numbers(length, (unit) => Math.fround(low + (high - low) * unit()), low, high);

/** Decades of float32, the denormal ones included. */
const SMALLEST_DECADE = -45;

/** Numbers of any magnitude up to `limit`, as many below 1e-20 as above it: denormal, tiny and huge ones, and zeros; `low` 0 for positive ones. */
export const anySize = (length: number, limit: number, low = -limit): fc.Arbitrary<Float32Array> =>
  new Numbers(
    length,
    (unit) => {
      const size = Math.fround(10 ** (SMALLEST_DECADE + unit() * (Math.log10(limit) - SMALLEST_DECADE)));
      return low < 0 && unit() < 0.5 ? -size : size;
    },
    low,
    limit,
  );

/** `length` whole numbers in [low, high]. */
export const counts = (length: number, low: number, high: number): fc.Arbitrary<Float32Array> => new Numbers(length, (unit) => low + Math.floor((high - low + 1) * unit()), low, high);

/** Zeros and ones. */
export const bits = (length: number): fc.Arbitrary<Float32Array> => counts(length, 0, 1);

/** What an arbitrary gives once, the same in every run and no edge of its range: for figures and for specs at fixed sizes. */
export const sampled = <A>(arbitrary: fc.Arbitrary<A>, seed = 1): A => fc.sample(arbitrary, { seed, numRuns: 1, unbiased: true })[0]!;
