/**
 * Evaluation: how many bits of many sequences a model gets wrong, cell by cell (a length, and for
 * repeat copy a number of repeats), never averaged over cells.
 */
import type { Machine } from '../program/machine.js';
import { runChunks } from './infer.js';
import { random, type Random, type Rng } from '../random.js';
import { type Batch, goOn, lossWeights, type Range, type Task } from '../tasks/task.js';

export interface Cell {
  readonly length: number;
  readonly repeats: number;
}

export interface CellResult extends Cell {
  readonly sequences: number;
  /** Wrong bits a sequence. */
  readonly wrongMean: number;
  readonly wrongMedian: number;
  readonly wrong95: number;
  /** Share of sequences without a wrong bit (and, for repeat copy, with the end mark once, in its place). */
  readonly perfect: number;
  /** Cross-entropy a sequence, in bits. */
  readonly crossEntropy: number;
  /** Share of sequences whose end mark stands exactly once, at the right step; null for copy. */
  readonly endMark: number | null;
}

/** A forward pass of a task's sequences: what the model answered. */
export interface Answer {
  readonly batch: Batch;
  /** Sigmoid outputs of all steps, [steps, batch, V]. */
  readonly outputs: Float32Array;
  /** Cross-entropy of each sequence in nats. */
  readonly losses: readonly number[];
}

/** Steps that a repeat-copy model runs on after the target's end, to see that the mark is not repeated. */
export const EXTRA_STEPS = 2;

/** Runs the model (an inference program on `machine`) over a batch of the machine's size. */
export const answer = async (machine: Machine, task: Task, given: Batch): Promise<Answer> => {
  const channels = given.target.length / ((given.inputSteps + given.answerSteps) * given.batch);
  const batch = goOn(given, task.name === 'repeat-copy' ? EXTRA_STEPS : 0);
  const steps = batch.inputSteps + batch.answerSteps;
  const weight = new Float32Array(steps * batch.batch);
  weight.set(lossWeights(given, channels).map((w) => (w > 0 ? 1 : 0)));
  const outputs = new Float32Array(steps * batch.batch * channels);
  const losses = Array.from({ length: batch.batch }, () => 0);
  await runChunks(machine, { x: batch.x, target: batch.target, weight }, steps, async (from, count) => {
    outputs.set(await machine.rows('y', count), from * batch.batch * channels);
    (await machine.rows('row losses', count)).forEach((loss, i) => {
      if (i % 2 === 0) losses[(i / 2) % batch.batch]! += loss;
    });
  });
  return { batch: given, outputs, losses };
};

interface SequenceResult {
  readonly wrong: number;
  readonly endMark: boolean;
  readonly loss: number;
}

/** Judges sequence `b` of an answer; `marked` where the last channel is an end mark. */
const judge = ({ batch, outputs, losses }: Answer, b: number, marked: boolean): SequenceResult => {
  const { inputSteps, answerSteps, target } = batch;
  const channels = target.length / ((inputSteps + answerSteps) * batch.batch);
  const one = (t: number, v: number): boolean => outputs[(t * batch.batch + b) * channels + v]! >= 0.5;
  let wrong = 0;
  for (let t = inputSteps; t < inputSteps + answerSteps; t++) {
    for (let v = 0; v < channels; v++) if (one(t, v) !== target[(t * batch.batch + b) * channels + v]! >= 0.5) wrong++;
  }
  const steps = outputs.length / (batch.batch * channels);
  let endMark = true;
  for (let t = inputSteps; marked && t < steps; t++) endMark &&= one(t, channels - 1) === (t === inputSteps + answerSteps - 1);
  return { wrong, endMark, loss: losses[b]! / Math.LN2 };
};

const quantile = (sorted: readonly number[], q: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? 0;

const summarise = (cell: Cell, results: readonly SequenceResult[], marked: boolean): CellResult => {
  const wrong = results.map((r) => r.wrong).sort((a, b) => a - b);
  const mean = (of: (r: SequenceResult) => number): number => results.reduce((sum, r) => sum + of(r), 0) / results.length;
  return {
    ...cell,
    sequences: results.length,
    wrongMean: mean((r) => r.wrong),
    wrongMedian: quantile(wrong, 0.5),
    wrong95: quantile(wrong, 0.95),
    perfect: mean((r) => (r.wrong === 0 && (!marked || r.endMark) ? 1 : 0)),
    crossEntropy: mean((r) => r.loss),
    endMark: marked ? mean((r) => (r.endMark ? 1 : 0)) : null,
  };
};

/** Scores at least `sequences` sequences of one cell, rounded up to whole batches of the machine. */
export const evaluateCell = async (machine: Machine, task: Task, range: Range, cell: Cell, sequences: number, seed: Rng): Promise<CellResult> => {
  const marked = task.name === 'repeat-copy';
  const results: SequenceResult[] = [];
  for (let rng = seed; results.length < sequences; ) {
    const [batch, next] = task.sequences(range, machine.batch, cell.length, cell.repeats)(rng);
    rng = next;
    const given = await answer(machine, task, batch);
    for (let b = 0; b < machine.batch; b++) results.push(judge(given, b, marked));
  }
  return summarise(cell, results.slice(0, sequences), marked);
};

/** Draws a cell of the training distribution. */
export const randomCell = ({ minLength, maxLength, minRepeats, maxRepeats }: Range) =>
  random(({ integer }): Cell => ({ length: integer(minLength, maxLength), repeats: integer(minRepeats, maxRepeats) }));

const allCells = ({ minLength, maxLength, minRepeats, maxRepeats }: Range): readonly Cell[] =>
  Array.from({ length: maxLength - minLength + 1 }, (_, i) => minLength + i).flatMap((length) => Array.from({ length: maxRepeats - minRepeats + 1 }, (_, i) => ({ length, repeats: minRepeats + i })));

/** Cells in random order. */
const shuffled = (cells: readonly Cell[]): Random<readonly Cell[]> =>
  random(({ uniform }) => cells.map((cell) => ({ cell, key: uniform(0, 1) })).sort((a, b) => a.key - b.key).map(({ cell }) => cell));

/** Sequences of one cell in a held-out evaluation: as many as let every cell have its turn. */
export const heldOutBatch = (range: Range, sequences: number): number => Math.max(1, Math.min(50, Math.floor(sequences / allCells(range).length)));

/**
 * Wrong bits a sequence over held-out sequences of the training distribution, its cells in equal shares;
 * stops early, with what it has seen, once the total can no longer stay under `limit` a sequence.
 */
export const heldOutError = async (machine: Machine, task: Task, range: Range, sequences: number, limit: number, seed: Rng): Promise<number> => {
  const [cells, start] = shuffled(allCells(range))(seed);
  let wrong = 0;
  let rng = start;
  let seen = 0;
  for (let i = 0; seen < sequences; i++, seen += machine.batch) {
    const { length, repeats } = cells[i % cells.length]!;
    const [batch, next] = task.sequences(range, machine.batch, length, repeats)(rng);
    rng = next;
    const given = await answer(machine, task, batch);
    for (let b = 0; b < machine.batch; b++) wrong += judge(given, b, false).wrong;
    if (wrong >= limit * sequences) return wrong / (seen + machine.batch);
  }
  return wrong / seen;
};
