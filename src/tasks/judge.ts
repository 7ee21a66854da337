/** How answers are judged: what holds for every task, and what a task measures of its own. */
import { type Batch, rowOf } from './sequences.js';

/** What a model answered to a batch. */
export interface Answer {
  readonly batch: Batch;
  /** Sigmoid outputs [T + more, B, V]: of all steps, and of those that a task has the model go on for. */
  readonly outputs: Float32Array;
  /** Cross-entropy of each row in nats [T + more, B], where it was computed from logits; else it is taken from the outputs. */
  readonly nats?: Float32Array;
}

/** Something that a task measures beside what all are measured by. */
export interface Measure {
  readonly name: string;
  /** `share`: 1 where a sequence fulfils it, else 0, and a perfect sequence fulfils it; `bits`: a number of bits. */
  readonly unit: 'share' | 'bits';
  /** Of sequence `b`. */
  readonly of: (answer: Answer, b: number) => number;
}

/** One sequence's verdict. */
export interface Judgement {
  /** Target bits, at the steps that count, on the wrong side of ½. */
  readonly wrong: number;
  /** No bit is wrong, and every share that the task measures is fulfilled. */
  readonly perfect: boolean;
  /** Cross-entropy in bits. */
  readonly bits: number;
  /** The task's own measures by name. */
  readonly own: Readonly<Record<string, number>>;
}

/** The least probability that cross-entropy from rounded outputs may see: PyTorch's, e^−100. */
const LEAST = Math.exp(-100);

/** Cross-entropy in bits of one prediction: the probability of a 1, and what came (0 to 1). */
export const bitsOf = (probability: number, came: number): number => {
  const log = (p: number): number => Math.log2(Math.max(LEAST, p));
  return -(came === 0 ? 0 : came * log(probability)) - (came === 1 ? 0 : (1 - came) * log(1 - probability));
};

/** Whether a value says 1. */
export const isOne = (value: number): boolean => value >= 0.5;

/** Steps of sequence `b` that count. */
const counted = ({ steps, batch, mask }: Batch, b: number): readonly number[] => Array.from({ length: steps }, (_, t) => t).filter((t) => mask[t * batch + b] === 1);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** V of a batch. */
const channelsOf = ({ target, steps, batch }: Batch): number => target.length / (steps * batch);

/** What sequence `b` cost, in bits. */
export const crossEntropy = ({ batch, outputs, nats }: Answer, b: number): number => {
  const V = channelsOf(batch);
  const row = (t: number): number => {
    const output = rowOf(outputs, batch, V, t, b);
    return sum(Array.from(rowOf(batch.target, batch, V, t, b), (came, v) => bitsOf(output[v]!, came)));
  };
  return sum(counted(batch, b).map((t) => (nats ? nats[t * batch.batch + b]! / Math.LN2 : row(t))));
};

/** Target bits that count, per sequence of a batch. */
export const bitsCounted = (batch: Batch): number => (batch.mask.reduce((rows, counts) => rows + counts, 0) * channelsOf(batch)) / batch.batch;

/** What the best answers to a batch cost, in nats per bit that counts; `best` are those to each sequence [T, V]. */
export const leastLoss = (best: readonly Float32Array[], batch: Batch): number => {
  const V = channelsOf(batch);
  const cost = (b: number): number => {
    const answer = best[b]!;
    return sum(counted(batch, b).map((t) => sum(Array.from(rowOf(batch.target, batch, V, t, b), (came, v) => bitsOf(answer[t * V + v]!, came)))));
  };
  const all = Array.from({ length: batch.batch }, (_, b) => b);
  return (Math.LN2 * sum(all.map(cost))) / (V * sum(all.map((b) => counted(batch, b).length)));
};

/** Bits of sequence `b` on the wrong side of ½. */
const wrongBits = ({ batch, outputs }: Answer, b: number): number => {
  const V = channelsOf(batch);
  const row = (t: number): number => {
    const output = rowOf(outputs, batch, V, t, b);
    return Array.from(rowOf(batch.target, batch, V, t, b)).filter((came, v) => isOne(came) !== isOne(output[v]!)).length;
  };
  return sum(counted(batch, b).map(row));
};

/** Judges every sequence of an answer. */
export const judge = (measures: readonly Measure[], answer: Answer): readonly Judgement[] =>
  Array.from({ length: answer.batch.batch }, (_, b) => {
    const wrong = wrongBits(answer, b);
    const own = measures.map(({ name, unit, of }) => ({ name, unit, value: of(answer, b) }));
    return {
      wrong,
      bits: crossEntropy(answer, b),
      perfect: wrong === 0 && own.every(({ unit, value }) => unit !== 'share' || value === 1),
      own: Object.fromEntries(own.map(({ name, value }) => [name, value])),
    };
  });
