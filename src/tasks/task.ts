/**
 * Copy and repeat copy as the trainer, the evaluation and the commands take them; definition.ts and
 * sequences.ts are what they change to, and then this file goes.
 */
import { pipe } from 'fp-ts/lib/function.js';
import * as State from 'fp-ts/lib/State.js';
import type { Random } from '../random.js';
import type { Batch as TaskBatch } from './sequences.js';

export type TaskName = 'copy' | 'repeat-copy';

/** Where a task's sequences come from; repeats do not matter to the copy task. */
export interface Range {
  readonly bits: number;
  readonly minLength: number;
  readonly maxLength: number;
  readonly minRepeats: number;
  readonly maxRepeats: number;
}

/** Sequences of one length: arrays are [steps, batch, channels]. */
export interface Batch {
  readonly batch: number;
  /** Steps that show the input; the answer's steps follow, with zero input. */
  readonly inputSteps: number;
  readonly answerSteps: number;
  readonly x: Float32Array;
  /** Targets of all steps, zero before the answer. */
  readonly target: Float32Array;
}

export interface Task {
  readonly name: TaskName;
  /** I and V for a number of bits. */
  readonly inputs: (bits: number) => number;
  readonly outputs: (bits: number) => number;
  /** Steps from first input to last answer. */
  readonly steps: (length: number, repeats: number) => number;
  /** Sequences of a given length (and repeats). */
  readonly sequences: (range: Range, batch: number, length: number, repeats: number) => Random<Batch>;
}

/** A batch in the form of this file, of which the first steps are input. */
export const earlier = (drawn: Random<TaskBatch>, inputSteps: number): Random<Batch> =>
  pipe(drawn, State.map(({ steps, batch, x, target }) => ({ batch, inputSteps, answerSteps: steps - inputSteps, x, target })));

/** Goes on for `extra` steps of zero input, in which nothing is to be answered. */
export const goOn = (given: Batch, extra: number): Batch => {
  const steps = given.inputSteps + given.answerSteps;
  const lengthen = (values: Float32Array): Float32Array => {
    const longer = new Float32Array((values.length / steps) * (steps + extra));
    longer.set(values);
    return longer;
  };
  return extra === 0 ? given : { ...given, answerSteps: given.answerSteps + extra, x: lengthen(given.x), target: lengthen(given.target) };
};

/** 1/(target bits of the batch) on answer steps and 0 before: what the loss weighs a row with, [steps, batch]. */
export const lossWeights = ({ batch, inputSteps, answerSteps }: Batch, channels: number, wholeBatch: number = batch): Float32Array =>
  new Float32Array((inputSteps + answerSteps) * batch).fill(1 / (answerSteps * wholeBatch * channels), inputSteps * batch);
