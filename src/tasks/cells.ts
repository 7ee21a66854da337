/**
 * Cells: the sizes by which a task's sequences differ, such as { length: 20, repeats: 3 }. Sequences of
 * one cell are alike in size; results are reported by cell.
 */
import * as E from 'fp-ts/lib/Either.js';
import { random, type Random } from '../random.js';

/** A number for each of a task's sizes, always in the same order. */
export type Cell = Readonly<Record<string, number>>;

/** Each size from … to …, both included. */
export type Ranges = Readonly<Record<string, readonly [from: number, to: number]>>;

/** The training distribution over cells, and how it grows: a curriculum limits every size to its reach. */
export interface Distribution {
  /** The reach from which nothing is limited any more. */
  readonly whole: number;
  /** Cells within a reach; the last is the longest. */
  readonly cells: (reach: number) => readonly Cell[];
  /** Draws one of them. */
  readonly draw: (reach: number) => Random<Cell>;
}

/** Sizes within a reach: never below where they begin. */
const within = ([from, to]: readonly [number, number], reach: number): readonly [number, number] => [from, Math.min(to, Math.max(from, reach))];

/** All combinations of the sizes' values, the first size's changing slowest. */
export const combinations = (values: Readonly<Record<string, readonly number[]>>): readonly Cell[] =>
  Object.entries(values).reduce<readonly Cell[]>((cells, [size, each]) => cells.flatMap((cell) => each.map((value) => ({ ...cell, [size]: value }))), [{}]);

const integers = ([from, to]: readonly [number, number]): readonly number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Every size drawn by itself, all its values equally likely. */
export const uniformly = (ranges: Ranges): Distribution => {
  const sizes = Object.entries(ranges);
  return {
    whole: Math.max(...sizes.map(([, [, to]]) => to)),
    cells: (reach) => combinations(Object.fromEntries(sizes.map(([size, range]) => [size, integers(within(range, reach))]))),
    draw: (reach) => random(({ integer }) => Object.fromEntries(sizes.map(([size, range]) => [size, integer(...within(range, reach))]))),
  };
};

/** The distribution without limit. */
export const WHOLE = Number.MAX_SAFE_INTEGER;

/** The longest cell trained on. */
export const longest = ({ cells }: Distribution): Cell => cells(WHOLE).at(-1)!;

/** At most `count` of the cells, the first and the last among them. */
export const spread = (cells: readonly Cell[], count: number): readonly Cell[] =>
  cells.length <= count ? cells : Array.from({ length: count }, (_, i) => cells[Math.round((i * (cells.length - 1)) / (count - 1))]!);

/** `20`, or `10 × 3`. */
export const cellLabel = (cell: Cell, between = ' × '): string => Object.values(cell).join(between);

/** `length 10, repeats 3`. */
export const cellWords = (cell: Cell): string => Object.entries(cell).map(([size, value]) => `${size} ${value}`).join(', ');

/**
 * Cells asked for by lists of sizes, every value with every other; a size not given is that of the
 * longest cell. Sizes are at least those of `least`.
 */
export const cellsOf = (usual: Cell, least: Cell, given: Readonly<Record<string, readonly number[]>>): E.Either<string, readonly Cell[]> => {
  for (const [size, values] of Object.entries(given)) {
    const lowest = least[size];
    if (lowest === undefined) return E.left(`${size} is not a size of this task: its sequences differ by ${Object.keys(usual).join(' and ')}`);
    const low = values.find((value) => !Number.isInteger(value) || value < lowest);
    if (low !== undefined) return E.left(`${size} wants integers of at least ${lowest}, got ${low}`);
  }
  return E.right(combinations(Object.fromEntries(Object.entries(usual).map(([size, value]) => [size, given[size] ?? [value]]))));
};
