/**
 * Recorded sequences as a task: some are held out, the others are trained on. Batches join sequences of
 * equal length; where there are few of one, longer ones join them, and the shorter are followed by steps
 * that do not count.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type Draw, random, type Random, seededRng } from '../random.js';
import { type Cell, type Distribution, spread } from './cells.js';
import { batchFault } from './check.js';
import { type Definition, type Task, withOptions } from './definition.js';
import { integerOption, type NumberOption } from './options.js';
import { type Batch, batchOf, goOn, rowsFault, type Sequence, stack, stepsOf } from './sequences.js';

/** Sequences out of a file. */
export interface Recording {
  readonly name: string;
  readonly sequences: readonly Sequence[];
  /** What the file calls its i-th sequence. */
  readonly where: (i: number) => string;
}

/** Without the steps after the last that counts. */
const trimmed = (sequence: Sequence): Sequence => {
  if (!('mask' in sequence)) return sequence;
  const { input, target, mask } = sequence;
  const steps = Array.from(mask).lastIndexOf(1) + 1;
  return { input: input.slice(0, steps), target: target.slice(0, steps), mask: Array.from(mask).slice(0, steps) };
};

interface Channels {
  readonly inputs: number;
  readonly outputs: number;
}

/** As many channels as the first row has. */
const channelsOf = (first: Sequence): Channels => ({ inputs: first.input[0]?.length ?? 0, outputs: ('mask' in first ? first.target : first.answer)[0]?.length ?? 0 });

const sequenceFault = (sequence: Sequence, { inputs, outputs }: Channels): string | null => {
  if (inputs === 0 || outputs === 0) return `it has ${inputs} channels of input and ${outputs} of target, wanted one of each at least`;
  const fault = rowsFault(sequence, inputs, outputs);
  if (fault) return fault;
  const batch = stack([sequence], inputs, outputs);
  return E.isLeft(batch) ? batch.left : (batchFault(batch.right, inputs, outputs)?.replace(/^sequence 0: /, '') ?? null);
};

/** Sequences of about one length. */
interface Group {
  /** Steps of the longest. */
  readonly length: number;
  readonly members: readonly Sequence[];
}

/** Fewer than this of one length are joined by the next longer ones. */
const FEW = 16;

const groupsOf = (sequences: readonly Sequence[]): readonly Group[] => {
  const groups: Sequence[][] = [];
  for (const sequence of [...sequences].sort((a, b) => stepsOf(a) - stepsOf(b))) {
    const last = groups.at(-1);
    if (last && (last.length < FEW || stepsOf(last.at(-1)!) === stepsOf(sequence))) last.push(sequence);
    else groups.push([sequence]);
  }
  return groups.map((members) => ({ length: stepsOf(members.at(-1)!), members }));
};

/** The group of a cell: the first that is long enough, else the longest. */
const groupOf = (groups: readonly Group[], { length }: Cell): Group => groups.find((group) => group.length >= length) ?? groups.at(-1)!;

/** Indices below n in random order, none again before all had their turn. */
const indices = (n: number, count: number, integer: Draw['integer']): readonly number[] => {
  const moved = new Map<number, number>();
  const at = (i: number): number => moved.get(i) ?? i;
  return Array.from({ length: count }, (_, i) => {
    const other = integer(i % n, n - 1);
    const chosen = at(other);
    moved.set(other, at(i % n));
    moved.set(i % n, chosen);
    return chosen;
  });
};

const draws = (groups: readonly Group[], { inputs, outputs }: Channels) => (cell: Cell, size: number): Random<Batch> =>
  random(({ integer }) => {
    const { length, members } = groupOf(groups, cell);
    const batch = batchOf(indices(members.length, size, integer).map((i) => members[i]!), inputs, outputs);
    return goOn(batch, length - batch.steps, 0);
  });

const cellOf = ({ length }: Group): Cell => ({ length });

/** Groups as often as they have sequences, so that all sequences are equally likely. */
const distributionOf = (groups: readonly Group[]): Distribution => {
  const reached = (reach: number): readonly Group[] => groups.filter(({ length }, i) => i === 0 || length <= reach);
  return {
    whole: groups.at(-1)!.length,
    cells: (reach) => reached(reach).map(cellOf),
    draw: (reach) =>
      random(({ integer }) => {
        const open = reached(reach);
        let left = integer(0, open.reduce((sum, { members }) => sum + members.length, 0) - 1);
        return cellOf(open.find(({ members }) => (left -= members.length) < 0)!);
      }),
  };
};

const HELD_OUT: NumberOption = { default: 0.1, least: 0, most: 0.5, real: true, help: 'share of the sequences that is held out, at least one' };

/** Cells that an evaluation shows. */
const REPORTED = 5;

/** A task from recorded sequences, of which a seed says which are held out; the fault of a sequence is named by its place. Left: that fault. */
export const recordedTask = ({ name, sequences, where }: Recording, seed: number): E.Either<string, Task> => {
  const [first] = sequences;
  if (!first || sequences.length < 2) return E.left(`it holds ${sequences.length} sequences; wanted two at least, to train on and to hold out`);
  const channels = channelsOf(first);
  for (const [i, sequence] of sequences.entries()) {
    const fault = sequenceFault(sequence, channels);
    if (fault) return E.left(`${where(i)}: ${fault}`);
  }
  const all = sequences.map(trimmed);
  const options = { heldOut: HELD_OUT, splitSeed: integerOption(seed, 'which sequences are held out', 0, 2 ** 32 - 1) };
  return E.right(
    withOptions(options, ({ heldOut: share, splitSeed }): Definition => {
      const [order] = random(({ integer }) => indices(all.length, all.length, integer))(seededRng(splitSeed));
      const held = Math.min(all.length - 1, Math.max(1, Math.round(share * all.length)));
      const part = (from: number, to: number): readonly Group[] => groupsOf(order.slice(from, to).map((i) => all[i]!));
      const [heldOut, trained] = [part(0, held), part(held, all.length)];
      const heldOutCells = heldOut.map(cellOf);
      return {
        name,
        ...channels,
        cells: { length: [trained[0]!.length, trained.at(-1)!.length] },
        least: { length: 1 },
        distribution: distributionOf(trained),
        sequences: draws(trained, channels),
        heldOut: draws(heldOut, channels),
        heldOutCells,
        steps: (cell) => Math.max(groupOf(trained, cell).length, groupOf(heldOut, cell).length),
        shown: { reported: spread(heldOutCells, REPORTED), drawn: spread(heldOutCells, 2) },
      };
    }),
  );
};
