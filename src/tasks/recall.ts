/**
 * Associative recall (§4.3): items of a few vectors each, every one after a row with the item delimiter;
 * then a query, one of the items but the last, between two rows with the query delimiter. The answer is
 * the item after it. Three items of 3 × 6 bits have an input of 17 × 8 and a target of 3 × 6.
 */
import type { Draw } from '../random.js';
import type { Cell } from './cells.js';
import { type Definition, withOptions } from './definition.js';
import { integerOption, type SettingsOf } from './options.js';
import { drawVectors, type Sequence, tabulate, type Vectors } from './sequences.js';

/** The items [items][rows, bits] and which of them is the query; channel `bits` delimits items, the next one the query. */
export const recallSequence = (items: readonly Vectors[], query: number, bits: number): Sequence => {
  const shown = (item: Vectors): Vectors => item.map((vector) => [...vector, 0, 0]);
  const delimiter = (...marks: readonly number[]): readonly number[] => [...new Array<number>(bits).fill(0), ...marks];
  const asked = delimiter(0, 1);
  return {
    input: [...items.flatMap((item) => [delimiter(1, 0), ...shown(item)]), asked, ...shown(items[query]!), asked],
    answer: items[query + 1]!,
  };
};

const same = (a: Vectors, b: Vectors): boolean => a.every((row, t) => row.every((value, v) => value === b[t]![v]));

/** An item that occurs again before the last is drawn again, since its query would have two answers. */
const sequence = (bits: number, rows: number) => ({ items }: Cell, draw: Draw): Sequence => {
  const item = (): Vectors => drawVectors(draw, rows, bits);
  const query = draw.integer(0, items - 2);
  const asked = item();
  const other = (): Vectors => {
    let drawn = item();
    while (same(drawn, asked)) drawn = item();
    return drawn;
  };
  const all = tabulate(items, (i) => (i === query ? asked : i === items - 1 ? item() : other()));
  return recallSequence(all, query, bits);
};

const OPTIONS = {
  bits: integerOption(6, 'bits per vector'),
  rows: integerOption(3, 'vectors per item'),
  minItems: integerOption(2, 'fewest items', 2),
  maxItems: integerOption(6, 'most items', 2),
};

export type RecallOptions = SettingsOf<typeof OPTIONS>;

/** The paper's heads with a feed-forward controller (table 1), and ours with any (docs/experiments.md). */
const PAPERS = { readHeads: 4, writeHeads: 4, hidden: 256 };
const OURS = { readHeads: 4, taps: 5, initialFocus: 10, initialStrength: 20, initialAdvance: 5, initialMatch: 1, curriculum: 4, learningRate: 4e-3 };
const OURS_FEED_FORWARD = { ...OURS, hidden: 128, learningRate: 2e-3, squareDecay: 0.8 };

export const recall = withOptions(OPTIONS, ({ bits, rows, minItems, maxItems }): Definition => {
  const items = (...times: readonly number[]): readonly Cell[] => times.map((factor) => ({ items: Math.round(factor * maxItems) }));
  return {
    name: 'recall',
    inputs: bits + 2,
    outputs: bits,
    cells: { items: [minItems, maxItems] },
    least: { items: 2 },
    sequence: sequence(bits, rows),
    steps: ({ items: count }) => count * (rows + 1) + 2 * (rows + 1),
    shown: { reported: items(1, 10 / 6, 15 / 6, 20 / 6), drawn: items(1, 2), beyond: items(8 / 6, 2, 3) },
    reproduction: {
      sequences: 40_000,
      stated: [{ cell: { items: 15 }, bits: 1, what: '§4.3: below 1' }],
    },
    controller: 'feed-forward',
    training: ({ preset, controller }) => ({
      iterations: 100_000,
      ...(preset === 'default' ? (controller === 'feed-forward' ? OURS_FEED_FORWARD : OURS) : controller === 'feed-forward' && PAPERS),
    }),
  };
});
