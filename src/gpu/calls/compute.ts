/** Calls as launches on a device: slices, joins, several calls in one launch, and more arrays than it can read at once. */
import { type Shape, sizeOf } from '../../program/signature.js';
import type { KernelCode } from '../source/ir.js';
import { overSlices, type Slice } from '../source/slices.js';
import { joinKernel, stackKernel } from './copies.js';
import { type Device, FEWEST_ARRAYS, type Held } from './device.js';
import { fuse } from './fuse.js';

/** A slice of each row of an array, in a shape of its own. */
export interface View extends Held {
  readonly at: number;
  readonly shape: Shape;
  /** The first row that is looked at; null where the array has those rows alone. */
  readonly from: number | null;
}

/** A call: a kernel's code over views, or none: the views side by side. */
export interface Work {
  readonly code: KernelCode | null;
  readonly inputs: readonly View[];
  /** Of the result, without the axis of rows. */
  readonly shape: Shape;
  /** Numbers that the kernel takes after its arrays. */
  readonly numbers: readonly number[];
}

const widthOf = (list: ReadonlyArray<{ readonly shape: Shape }>): number => list.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
const groups = <A>(list: readonly A[]): A[][] => Array.from({ length: Math.ceil(list.length / FEWEST_ARRAYS) }, (_, i) => list.slice(i * FEWEST_ARRAYS, (i + 1) * FEWEST_ARRAYS));
const viewOf = (held: Held): View => ({ ...held, at: 0, shape: held.base, from: null });
const shapeOf = ({ at, shape, base }: View): string => `${at}:${shape.join()}/${base.join()}`;

export const computeOn = (device: Device) => {
  const ids = new Map<KernelCode, number>();
  const idOf = (code: KernelCode | null): number => {
    if (code === null) return -1;
    const id = ids.get(code) ?? ids.size;
    ids.set(code, id);
    return id;
  };

  /** One launch: each array is passed once, whoever reads it, then numbers. */
  const launch = (works: readonly Work[], rows: number | null): Promise<Held> => {
    const arrays = [...new Map(works.flatMap(({ inputs }) => inputs.map((view) => [view.handle, view] as const))).values()];
    const indexOf = new Map(arrays.map(({ handle }, i) => [handle, i]));
    const numbers = works.flatMap(({ inputs, numbers: own }) => [...own, ...inputs.flatMap(({ from }) => (from === null ? [] : [from]))]);
    const key = works.map(({ code, inputs, shape }) => `${idOf(code)}(${inputs.map((view) => `${indexOf.get(view.handle)!}@${shapeOf(view)}${view.from === null ? '' : '+'}`).join(' ')})${shape.join()}`).join('|');
    const code = (): KernelCode => {
      let used = 0;
      const next = (): string => `number${used++}`;
      const parts = works.map(({ code: own, inputs, shape, numbers: given }) => {
        const counts = given.map(next);
        const from = inputs.map((view) => (view.from === null ? null : next()));
        const slices: Slice[] = inputs.map(({ base, at, shape: part, rows: count }, i) => ({ base, at, shape: part, rows: count !== null, ...(from[i] === null ? {} : { from: from[i]! }) }));
        const names = [...inputs.map(({ handle }) => `array${indexOf.get(handle)!}`), ...counts, ...from.filter((name) => name !== null)];
        return { code: own ? overSlices(own, slices) : joinKernel(slices), names, shape };
      });
      return fuse(parts, [...arrays.map((_, i) => `array${i}`), ...numbers.map((_, i) => `number${i}`)]);
    };
    return device.launch(key, code, arrays, numbers, { base: works.length > 1 ? [widthOf(works)] : works[0]!.shape, rows });
  };

  const join = (inputs: readonly View[], rows: number | null): Promise<Held> => compute([{ code: null, inputs, shape: [widthOf(inputs)], numbers: [] }], rows);

  /**
   * The results of calls that do not wait for each other, side by side in each of `rows` rows; of one
   * call in its own shape. Where it reads more arrays than a kernel can, the smallest are joined first.
   */
  const compute = async (works: readonly Work[], rows: number | null): Promise<Held> => {
    const excess = works.find(({ inputs }) => new Set(inputs.map(({ handle }) => handle)).size > device.mostArrays);
    if (!excess) return launch(works, rows);
    const { inputs } = excess;
    const alone = inputs.filter(({ handle, rows: own }) => (own === null) === (rows === null) && inputs.filter((each) => each.handle === handle).length === 1);
    const few = [...alone].sort((a, b) => sizeOf(a.shape) - sizeOf(b.shape)).slice(0, FEWEST_ARRAYS);
    if (few.length < 2) throw new Error(`a kernel reads ${inputs.length} arrays, more than the ${device.mostArrays} of this backend`);
    const held = await join(few, rows);
    const moved = inputs.map((view): View => {
      const i = few.indexOf(view);
      return i < 0 ? view : { ...viewOf(held), at: widthOf(few.slice(0, i)), shape: view.shape };
    });
    const result = await compute(works.map((work) => (work === excess ? { ...work, inputs: moved } : work)), rows);
    device.free(held);
    return result;
  };

  /** Groups of arrays become arrays, and so on; how many there are depends on `count` alone, and so do the kernels. */
  const stackOf = async (parts: readonly View[], count: number, each: number, total: number): Promise<Held> => {
    const [first] = parts as readonly [View];
    const put = (list: readonly View[], length: number, rows: number): Promise<Held> => {
      const all = Array.from({ length }, (_, i) => list[i] ?? first);
      return device.launch(`stack ${each} ${all.map(shapeOf).join(' ')}`, () => stackKernel(all, each), all, [], { base: first.shape, rows });
    };
    if (count <= FEWEST_ARRAYS) return put(parts, count, total);
    const stacked: Held[] = [];
    for (const group of groups(parts)) stacked.push(await put(group, FEWEST_ARRAYS, FEWEST_ARRAYS * each));
    const result = await stackOf(stacked.map(viewOf), Math.ceil(count / FEWEST_ARRAYS), FEWEST_ARRAYS * each, total);
    stacked.forEach(device.free);
    return result;
  };

  return {
    compute,
    /** The rows of several like views one below the other, in an array with room for `count` of them. */
    stack: (parts: readonly View[], count: number): Promise<Held> => stackOf(parts, count, parts[0]!.rows!, count * parts[0]!.rows!),
  };
};
