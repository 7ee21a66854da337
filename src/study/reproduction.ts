/** The paper's comparison on one task: the NTM with either controller, and the LSTM without a memory, on the same sequences. */
import type { ControllerName } from '../model/controllers/index.js';
import type { Stated } from '../pictures/comparison.js';
import { type Cell, cellLabel } from '../tasks/cells.js';
import type { Task } from '../tasks/definition.js';
import { quantile, type Run } from './summary.js';

/** What is compared, by what a run's settings say of it. */
export const KINDS: ReadonlyArray<{ readonly controller: ControllerName; readonly name: string }> = [
  { controller: 'lstm', name: 'NTM, LSTM' },
  { controller: 'feed-forward', name: 'NTM, feed-forward' },
  { controller: 'none', name: 'LSTM alone' },
];

export interface Kind {
  readonly name: string;
  readonly controller: ControllerName;
  readonly runs: readonly Run[];
}

/** The kinds of which there are runs. */
export const kindsOf = (runs: readonly Run[]): readonly Kind[] =>
  KINDS.map((kind) => ({ ...kind, runs: runs.filter(({ settings }) => settings.controller === kind.controller) })).filter((kind) => kind.runs.length > 0);

/** What a run's sequences cost at its end, in bits: the mean of its last blocks. */
const LAST = 5;
export const bitsAtEnd = ({ blocks }: Run): number => {
  const last = blocks.slice(-LAST).map(({ bits }) => bits).filter(Number.isFinite);
  return last.reduce((sum, bits) => sum + bits, 0) / last.length;
};

const sameCell = (a: Cell, b: Cell): boolean => Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([size, value]) => b[size] === value);

/** What sequences of a cell cost each run, in bits. */
export const bitsAt = (runs: readonly Run[], cell: Cell): readonly number[] =>
  runs.flatMap(({ results }) => results.filter((result) => sameCell(result.cell, cell) && result.crossEntropy !== undefined).map(({ crossEntropy }) => crossEntropy!));

const learningOf = ({ blocks }: Run) => blocks.map(({ sequences, bits }) => ({ x: sequences, y: bits }));

/** Learning curves in bits per sequence, as series of a figure. */
export const learningSeries = (kinds: readonly Kind[]) => kinds.map(({ name, runs }) => ({ name, runs: runs.map(learningOf) }));

/** The first of a task's sizes in which the reported cells differ, in which a figure can show them. */
const acrossOf = ({ shown: { reported }, least }: Task): string => Object.keys(least).find((size) => new Set(reported.map((cell) => cell[size])).size > 1) ?? Object.keys(least)[0]!;

/** Bits per sequence by size, as series, beside what the paper states. Of cells that differ in two sizes, those along the first. */
export const generalisationSeries = (task: Task, kinds: readonly Kind[]) => {
  const across = acrossOf(task);
  const [first] = task.shown.reported;
  const along = (cell: Cell): boolean => Object.entries(cell).every(([size, value]) => size === across || value === first![size]);
  const cells = task.shown.reported.filter(along);
  const points = (run: Run) => cells.flatMap((cell) => bitsAt([run], cell).map((y) => ({ x: cell[across]!, y })));
  const stated: readonly Stated[] = task.reproduction.stated.filter(({ cell }) => along(cell)).map(({ cell, bits, what }) => ({ x: cell[across]!, y: bits, name: what }));
  return { across, series: kinds.map(({ name, runs }) => ({ name, runs: runs.map(points) })), stated };
};

const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/** "median (least–most)", "–" of none. */
const spread = (values: readonly number[]): string => {
  const found = values.filter(Number.isFinite);
  if (found.length === 0) return '–';
  const [low, high] = [Math.min(...found), Math.max(...found)].map(figure) as [string, string];
  return low === high ? low : `${figure(quantile(found, 0.5))} (${low}–${high})`;
};

/** Markdown: bits per sequence of every kind, median and range over its seeds, and what the paper states. */
export const reproductionTable = (task: Task, kinds: readonly Kind[]): string => {
  const { reported } = task.shown;
  const size = Object.keys(task.least).join(' × ');
  const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const paper = new Map(task.reproduction.stated.map(({ cell, bits, what }) => [cellLabel(cell), `${bits} (${what})`]));
  const cells = [...reported, ...task.reproduction.stated.map(({ cell }) => cell)].filter((cell, i, all) => all.findIndex((other) => sameCell(other, cell)) === i);
  return [
    row('bits per sequence', ...kinds.map(({ name }) => name), ...(paper.size > 0 ? ['the paper'] : [])),
    row('---', ...kinds.map(() => '---'), ...(paper.size > 0 ? ['---'] : [])),
    row('at the end of training', ...kinds.map(({ runs }) => spread(runs.map(bitsAtEnd))), ...(paper.size > 0 ? [''] : [])),
    ...cells.map((cell) => row(`${size} ${cellLabel(cell)}`, ...kinds.map(({ runs }) => spread(bitsAt(runs, cell))), ...(paper.size > 0 ? [paper.get(cellLabel(cell)) ?? ''] : []))),
  ].join('\n');
};

/** Of a kind's runs the one whose end is in the middle. */
export const middleRun = ({ runs }: Kind): Run => [...runs].sort((a, b) => bitsAtEnd(a) - bitsAtEnd(b))[Math.floor((runs.length - 1) / 2)]!;
