/**
 * Where the arrays of a program lie in one WebAssembly memory: the rows of all steps one behind the
 * other. What is joined is written where the join lies, if that is possible, so that joining copies
 * nothing: a state of step t−1 that a join reads is the row of the step after in the join's array.
 */
import { type Call, type Join, type Program, sizeOf, type Tensor } from '../../program/graph.js';
import type { Operand } from './analyse.js';

export interface Placed {
  /** Byte offset of the row of step 0, or of the only one. */
  readonly offset: number;
  /** Floats from row to row. */
  readonly stride: number;
}

/** A part of a join that lies in the join's rows. */
interface Hosted {
  readonly host: number;
  readonly column: number;
  /** 1 where the part is the state of the step before. */
  readonly shift: 0 | 1;
}

export interface Layout {
  readonly placed: ReadonlyMap<number, Placed>;
  /** Parts of each join that must be copied, with their columns. */
  readonly copies: (join: Join) => ReadonlyArray<{ readonly part: Tensor; readonly column: number }>;
  readonly bytes: number;
}

const ALIGNMENT = 64;
const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

const ORDER = ['parameter', 'optimiser', 'setting', 'gradient', 'other gradient', 'computed', 'input'] as const;

const columnsOf = ({ inputs }: Join): readonly number[] => inputs.map((_, i) => inputs.slice(0, i).reduce((sum, { shape }) => sum + sizeOf(shape), 0));

/** Which arrays lie in the rows of which join; `free` says of an array that it may lie with other rows between its own. */
const hosting = (program: Program, free: (id: number) => boolean): ReadonlyMap<number, Hosted> => {
  const hosted = new Map<number, Hosted>();
  const initials = new Map(program.carries.flatMap(({ direction, initial, current }) => (direction === 'forward' && initial ? [[current.id, initial.id] as const] : [])));
  const joins = Object.values(program.calls).flat().filter((call): call is Join => call.kind === 'join');
  const hosts = new Set(joins.map(({ output }) => output.id));
  for (const join of joins) {
    const columns = columnsOf(join);
    join.inputs.forEach((part, i) => {
      const { id, at, offset, domain } = part;
      const whole = at === 0 && sizeOf(part.shape) === sizeOf(program.tensors[id]!.shape);
      const initial = initials.get(id);
      if (!whole || offset > 0 || domain !== join.output.domain || hosted.has(id) || hosts.has(id) || !free(id)) return;
      if (offset === 0 && initial === undefined) hosted.set(id, { host: join.output.id, column: columns[i]!, shift: 0 });
      if (offset === -1 && initial !== undefined && !hosted.has(initial) && !hosts.has(initial) && free(initial)) {
        hosted.set(id, { host: join.output.id, column: columns[i]!, shift: 1 });
        hosted.set(initial, { host: join.output.id, column: columns[i]!, shift: 0 });
      }
    });
  }
  return hosted;
};

const usedIn = (program: Program): ReadonlySet<number> => {
  const called = Object.values(program.calls).flat().flatMap(({ inputs, output }: Call) => [output, ...inputs]);
  return new Set([...called, ...Object.values(program.named), ...program.carries.flatMap(({ initial }) => (initial ? [initial] : []))].map(({ id }) => id));
};

/** For `batch` sequences and up to `capacity` steps. */
export const layOut = (program: Program, batch: number, capacity: number, free: (id: number) => boolean): Layout => {
  const hosted = hosting(program, free);
  const used = usedIn(program);
  const carried = new Map(program.carries.map((carry) => [carry.current.id, carry]));
  const initialOf = new Map(program.carries.flatMap(({ initial, current }) => (initial ? [[initial.id, current.id] as const] : [])));
  const placed = new Map<number, Placed>();
  let end = ALIGNMENT;
  const take = (floats: number): number => {
    const at = end;
    end = align(end + 4 * floats);
    return at;
  };
  const hostsState = new Set([...hosted.values()].flatMap(({ host, shift }) => (shift === 1 ? [host] : [])));
  const hostsBackward = new Set([...hosted].flatMap(([id, { host }]) => (carried.get(id)?.direction === 'backward' ? [host] : [])));
  for (const role of ORDER) {
    for (const { id, shape, domain } of program.tensors.filter((tensor) => tensor.role === role && used.has(tensor.id) && !hosted.has(tensor.id) && !initialOf.has(tensor.id))) {
      const stride = sizeOf(shape);
      if (domain === 'single') placed.set(id, { offset: take(stride), stride });
      else if (domain === 'initial') placed.set(id, { offset: take(stride * batch), stride });
      else {
        const direction = carried.get(id)?.direction;
        const extra = direction || hostsState.has(id) || hostsBackward.has(id) ? 1 : 0;
        const base = take(stride * batch * (capacity + extra));
        placed.set(id, { offset: base + (direction === 'forward' ? 4 * stride * batch : 0), stride });
      }
    }
  }
  for (const [initial, current] of initialOf) {
    const place = placed.get(current);
    if (place && !hosted.has(initial)) placed.set(initial, { offset: place.offset - 4 * batch * place.stride, stride: place.stride });
  }
  for (const [id, { host, column, shift }] of hosted) {
    const { offset, stride } = placed.get(host)!;
    placed.set(id, { offset: offset + 4 * (column + shift * batch * stride), stride });
  }
  const copies = (join: Join): ReadonlyArray<{ readonly part: Tensor; readonly column: number }> => {
    const columns = columnsOf(join);
    return join.inputs.flatMap((part, i) => {
      const own = hosted.get(part.id);
      const inPlace = own?.host === join.output.id && own.column === columns[i] && own.shift === -part.offset;
      return inPlace ? [] : [{ part, column: columns[i]! }];
    });
  };
  return { placed, copies, bytes: end };
};

const innerStrides = (shape: readonly number[]): readonly number[] => shape.map((_, i) => sizeOf(shape.slice(i + 1)));

/** A tensor as a call addresses it: rows outermost. */
export const operandOf = (tensor: Tensor, { offset, stride }: Placed, batch: number): Operand => ({
  offset: offset + 4 * (tensor.at + tensor.offset * batch * stride),
  strides: [...(tensor.domain === 'single' ? [] : [stride]), ...innerStrides(tensor.shape)],
});
