/**
 * How a part of a call is run, chosen by rule from its loads and sizes:
 *
 * - lanes along x where every load stays or moves by one with x; else along the counter where every load
 *   of the loops does so with their counters, one horizontal sum at the end; else along x with loads
 *   gathered, where there is no loop; else none;
 * - a tile of cells that are computed together, so that they share loads: rows or another outer axis
 *   along which some load in a loop stays the same, and neighbours along x. A tile has as many sums as
 *   registers bear.
 */
import type { Axis } from '../source/ir.js';
import { LANES } from './affine.js';
import { type Analysis, AXES, type Box, type CallShape, type Load, rowAxis, slope } from './analyse.js';
import { WRITTEN_OUT } from './interpret.js';

/** Sums that a tile keeps at once: 16 registers hold these, their operands and what is invariant. */
export const ACCUMULATORS = 8;
/** Where each sum in lanes reads an array of its own, and shares but one load, V8 runs out of registers for addresses. */
const UNSHARED_ACCUMULATORS = 6;
const SHARING = 4;
/** Vectors that V8 keeps in registers; one of them is an operand's. */
const REGISTERS = 15;
/** Vectors along x that are computed together where nothing is summed up. */
const WIDE = 2;

export interface Plan {
  readonly lanes: 'x' | 'counter' | 'none';
  /** Some loads take their four numbers from places that do not follow one another. */
  readonly gathers: boolean;
  /** The outer axis along which cells of a tile share loads. */
  readonly shared: Axis | null;
  /** Most cells of a tile along the shared axis. */
  readonly tile: number;
  /** Vectors (or cells, without lanes along x) of a tile that has so many cells along the shared axis. */
  readonly along: (cells: number) => number;
}

/** In words, for the table of schedules. */
export const describe = ({ lanes, gathers, shared, tile, along }: Plan): string => {
  const where = lanes === 'none' ? 'one cell at a time' : `lanes along ${lanes === 'x' ? 'x' : 'the sum'}`;
  const cells = `${along(tile)} ${lanes === 'x' ? 'vectors' : 'cells'}`;
  return `${where}${gathers ? ', gathered' : ''}, ${tile === 1 ? '' : `${tile} along ${shared} × `}${cells}`;
};

/** Registers that the loads of a loop keep: of a tile of cells × count, those that several cells share, or that stay the same as it goes round. */
const keptLoads = ({ axes, loops }: Analysis, inLoops: readonly Load[], shared: Axis | null, cells: number, count: number): number => {
  const counters = new Map(loops.map(({ statement, counter }) => [statement, counter] as const));
  const places = new Map(inLoops.map((load) => [`${load.array} ${load.place.constant} ${[...load.place.terms].map(([{ name }, k]) => `${k}${name}`).join()}`, load] as const));
  return [...places.values()]
    .map(({ place, loop }) => {
      const copies = (shared !== null && slope(place, axes[shared]) !== 0 ? cells : 1) * (slope(place, axes.x) !== 0 ? count : 1);
      return copies < cells * count || slope(place, counters.get(loop!)!) === 0 ? copies : 0;
    })
    .reduce((a, b) => a + b, 0);
};

const isStep = (value: number): boolean => value === 0 || value === 1;

/** Whether the loops can run in lanes over their counters. */
const countsInLanes = ({ loads, loops }: Analysis): boolean => {
  const innermost = loops.filter(({ innermost: inner }) => inner);
  return (
    innermost.length > 0 &&
    innermost.some(({ counter }) => counter.to !== null && counter.to - counter.from >= WRITTEN_OUT) &&
    innermost.every(({ statement, counter, carried }) => [...carried.values()].every((kind) => kind !== 'other') && counter.to !== null && loads.every(({ loop, place }) => loop !== statement || isStep(slope(place, counter))))
  );
};

const sharesAlong = (axis: Axis, { axes }: Analysis, inLoops: readonly Load[]): boolean => inLoops.some(({ place }) => slope(place, axes[axis]) === 0);

export const planOf = (call: CallShape, box: Box, analysis: Analysis): Plan => {
  const { axes, loads, loops } = analysis;
  const width = box.x[1] - box.x[0];
  const contiguous = call.output.strides.at(-1) === 1 && call.extents.length > 0;
  const alongX = width >= LANES && contiguous;
  const steps = loads.every(({ place }) => isStep(slope(place, axes.x)));
  const lanes = alongX && steps ? 'x' : countsInLanes(analysis) ? 'counter' : alongX && loops.length === 0 ? 'x' : 'none';
  const inLoops = loads.filter(({ loop }) => loop !== null);
  const rows = rowAxis(call);
  const outer: readonly Axis[] = [...(rows ? [rows] : []), ...AXES.slice(1, call.extents.length)];
  const shared = loops.length === 0 ? null : (outer.find((axis) => sharesAlong(axis, analysis, inLoops)) ?? null);
  const extent = shared === null || shared === rows ? SHARING : box[shared][1] - box[shared][0];
  const along = (cells: number): number => {
    if (loops.length === 0) return WIDE;
    const most = Math.max(1, Math.floor((lanes === 'counter' && cells === 1 ? UNSHARED_ACCUMULATORS : ACCUMULATORS) / cells));
    const fits = (count: number): boolean => cells * count + keptLoads(analysis, inLoops, shared, cells, count) < REGISTERS;
    return Array.from({ length: most }, (_, i) => most - i).find(fits) ?? 1;
  };
  const tiles = shared === null ? [1] : [Math.min(SHARING, extent), 2, 1].filter((size) => size <= extent);
  const tile = tiles.reduce((best, size) => (size * along(size) > best * along(best) ? size : best));
  return { lanes, gathers: lanes === 'x' && !steps, shared, tile, along };
};
