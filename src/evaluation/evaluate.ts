/**
 * Evaluation: how a model does on many sequences, cell by cell (src/tasks/cells.ts), never averaged over
 * cells.
 */
import type { Machine } from '../program/machine.js';
import { random, type Random, type Rng } from '../random.js';
import type { Cell } from '../tasks/cells.js';
import { distance, type Task, WRONG_BITS } from '../tasks/definition.js';
import { type Answer, judge, type Judgement } from '../tasks/judge.js';
import { type Batch, goOn } from '../tasks/sequences.js';
import { runChunks } from './infer.js';

/** The scores of the sequences of one cell. */
export interface CellResult {
  readonly cell: Cell;
  readonly sequences: number;
  /** Wrong bits per sequence. */
  readonly wrongMean: number;
  readonly wrongMedian: number;
  readonly wrong95: number;
  /** Share of sequences without a wrong bit that fulfil all that the task asks beside. */
  readonly perfect: number;
  /** Cross-entropy a sequence, in bits. */
  readonly crossEntropy: number;
  /** Means of the task's own measures, by name. */
  readonly own: Readonly<Record<string, number>>;
}

/** Looks at what a machine has after the `count` steps from `from` on. */
export type Look = (from: number, count: number) => Promise<void>;

/**
 * What the model (an inference program on `machine`) answers to a batch of the machine's size, chunk by
 * chunk of the machine's capacity, each of which `look` sees.
 * Outputs are [T, B, V]. Rejects as its machine does.
 */
export const answer = async (machine: Machine, { more, outputs: V }: Pick<Task, 'more' | 'outputs'>, given: Batch, look: Look = async () => undefined): Promise<Answer> => {
  const { steps, batch, x, target, mask } = goOn(given, more, 0);
  const outputs = new Float32Array(steps * batch * V);
  const nats = new Float32Array(steps * batch);
  await runChunks(machine, { x, target, weight: mask }, steps, async (from, count) => {
    outputs.set(await machine.rows('y', count), from * batch * V);
    // Of each row its loss and its wrong bits.
    const losses = await machine.rows('row losses', count);
    for (let row = 0; row < count * batch; row++) nats[from * batch + row] = losses[2 * row]!;
    await look(from, count);
  });
  return { batch: given, outputs, nats };
};

const quantile = (sorted: readonly number[], q: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? 0;

const summarise = ({ measures }: Task, cell: Cell, judged: readonly Judgement[]): CellResult => {
  const wrong = judged.map((j) => j.wrong).sort((a, b) => a - b);
  const mean = (of: (j: Judgement) => number): number => judged.reduce((sum, j) => sum + of(j), 0) / judged.length;
  return {
    cell,
    sequences: judged.length,
    wrongMean: mean((j) => j.wrong),
    wrongMedian: quantile(wrong, 0.5),
    wrong95: quantile(wrong, 0.95),
    perfect: mean((j) => (j.perfect ? 1 : 0)),
    crossEntropy: mean((j) => j.bits),
    own: Object.fromEntries(measures.map(({ name }) => [name, mean(({ own }) => own[name]!)])),
  };
};

/** Judges `sequences` held-out sequences of one cell, drawn in whole batches of the machine. Rejects as its machine does. */
export const evaluateCell = async (machine: Machine, task: Task, cell: Cell, sequences: number, seed: Rng): Promise<CellResult> => {
  const judged: Judgement[] = [];
  for (let rng = seed; judged.length < sequences; ) {
    const [batch, next] = task.heldOut(cell, machine.batch)(rng);
    rng = next;
    judged.push(...judge(task.measures, await answer(machine, task, batch)));
  }
  return summarise(task, cell, judged.slice(0, sequences));
};

/** Cells in random order. */
const shuffled = (cells: readonly Cell[]): Random<readonly Cell[]> =>
  random(({ uniform }) => cells.map((cell) => ({ cell, key: uniform(0, 1) })).sort((a, b) => a.key - b.key).map(({ cell }) => cell));

/** Sequences of one cell in a held-out evaluation: as many as let every cell have its turn. */
export const heldOutBatch = ({ heldOutCells }: Task, sequences: number): number => Math.max(1, Math.min(50, Math.floor(sequences / heldOutCells.length)));

/** Standard errors beyond which chance does not reach. */
const CHANCE = 5;

/** From so many sequences on their spread says how far off their mean may be. */
const ENOUGH = 100;

/** Whether the mean over `sequences` will be no less than `limit`: surely, where values are never negative; else but for chance. */
const isHopeless = (values: readonly number[], limit: number, sequences: number, { solved }: Task): boolean => {
  const sum = values.reduce((a, b) => a + b, 0);
  if (solved.measure === WRONG_BITS) return sum >= limit * sequences;
  if (values.length < ENOUGH) return false;
  const mean = sum / values.length;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1);
  return mean - CHANCE * Math.sqrt(variance / values.length) > limit;
};

/**
 * How far from solved (src/tasks/definition.ts) the held-out sequences are in the mean, their cells in
 * equal shares; stops early, with what it has seen, once that cannot come below `limit` any more.
 * Rejects as its machine does.
 */
export const heldOutError = async (machine: Machine, task: Task, sequences: number, limit: number, seed: Rng): Promise<number> => {
  const [cells, start] = shuffled(task.heldOutCells)(seed);
  const values: number[] = [];
  let rng = start;
  for (let i = 0; values.length < sequences && !isHopeless(values, limit, sequences, task); i++) {
    const [batch, next] = task.heldOut(cells[i % cells.length]!, machine.batch)(rng);
    rng = next;
    values.push(...judge(task.measures, await answer(machine, task, batch)).map((judgement) => distance(task, judgement)));
  }
  return values.reduce((a, b) => a + b, 0) / values.length;
};
