/** Blocks of iterations: their means on the progress line, in metrics.jsonl and in TensorBoard's file. */
import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { IoError } from '../../src/io/errors.js';
import { appendBytes, appendLine } from '../../src/io/files.js';
import { encodeEvent, encodeVersion } from '../../src/io/tensorboard.js';
import type { Report } from '../../src/training/trainer.js';
import type { Console } from './console.js';

/** Means over one block. */
export interface Block {
  readonly step: number;
  readonly sequences: number;
  readonly loss: number;
  readonly wrongBits: number;
  /** Before clipping; a gradient that was not finite counts as none. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly seconds: number;
}

const BLOCK = 100;

export interface Tracker {
  /** Takes a report in; resolves to a block where one is full. */
  readonly add: (report: Report) => Block | null;
  /** The block begun, if any iteration is in it. */
  readonly rest: () => Block | null;
}

export const trackBlocks = (now: () => number): Tracker => {
  const start = now();
  let reports: Report[] = [];
  const close = (): Block | null => {
    const last = reports.at(-1);
    if (!last) return null;
    const mean = (of: (r: Report) => number): number => reports.reduce((sum, r) => sum + of(r), 0) / reports.length;
    const block = { step: last.state.step, sequences: last.state.sequences, loss: mean((r) => r.loss), wrongBits: mean((r) => r.wrongBits), gradientNorm: mean((r) => r.gradientNorm ?? 0), learningRate: last.learningRate, seconds: (now() - start) / 1000 };
    reports = [];
    return block;
  };
  return {
    add: (report) => {
      reports.push(report);
      return report.state.step % BLOCK === 0 ? close() : null;
    },
    rest: close,
  };
};

const duration = (seconds: number): string => (seconds < 90 ? `${seconds.toFixed(0)} s` : seconds < 5400 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`);

/** Iteration, sequences, loss, wrong bits, speed, time left to the bound. */
export const progressLine = (report: Report, iterations: number, sequencesPerSecond: number, secondsPerStep: number): string => {
  const { state } = report;
  return [
    `iteration ${state.step}`,
    `${state.sequences} sequences`,
    ...(state.reach < 100 ? [`up to ${state.reach}`] : []),
    `loss ${state.runningLoss.toFixed(4)} nats/bit`,
    `${state.runningWrong.toFixed(2)} wrong bits/sequence`,
    `${sequencesPerSecond.toFixed(0)} sequences/s`,
    `at most ${duration((iterations - state.step) * secondsPerStep)} left`,
  ].join(' · ');
};

const round = (value: number): number => Number(value.toPrecision(6));

/** Appends a block to the run's files, flushed before it returns. */
export const writeBlock = (folder: string, out: Console, block: Block, wallTime: number): TE.TaskEither<IoError, void> => {
  const record = { step: block.step, sequences: block.sequences, loss: round(block.loss), wrong_bits: round(block.wrongBits), gradient_norm: round(block.gradientNorm), learning_rate: round(block.learningRate) };
  out.data({ event: 'progress', ...record, seconds: round(block.seconds) });
  return pipe(
    appendLine(join(folder, 'metrics.jsonl'), JSON.stringify({ ...record, seconds: round(block.seconds) })),
    TE.chain(() => appendBytes(join(folder, 'events.out.tfevents.ntm'), encodeEvent({ step: block.step, wallTime, scalars: { loss: block.loss, wrong_bits: block.wrongBits, gradient_norm: block.gradientNorm, learning_rate: block.learningRate } }))),
  );
};

/** Opens the TensorBoard file. */
export const openEvents = (folder: string, wallTime: number): TE.TaskEither<IoError, void> => appendBytes(join(folder, 'events.out.tfevents.ntm'), encodeVersion(wallTime));
