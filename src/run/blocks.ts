/** Blocks of iterations: their means are what the logs hold. */
import type { Report } from '../training/trainer.js';

/** Means over one block; those of lost iterations (no finite loss or gradient) are left out, NaN where all were lost. */
export interface Block {
  readonly step: number;
  readonly sequences: number;
  readonly loss: number;
  /** What a sequence cost, in bits; NaN in files of earlier versions. */
  readonly bits: number;
  readonly wrongBits: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Since the run began, without the time between a stop and its resumption. */
  readonly seconds: number;
  /** Iterations that were lost. */
  readonly lost: number;
}

export const BLOCK = 100;

export interface Tracker {
  /** Takes a report in; returns a block where one is full. */
  readonly add: (report: Report) => Block | null;
  /** The block begun, if any iteration is in it. */
  readonly rest: () => Block | null;
}

const isLost = ({ loss, gradientNorm }: Report): boolean => !Number.isFinite(loss) || gradientNorm === null;

/** Collects reports of `every` iterations; `seconds` is what the run has taken so far. */
export const trackBlocks = (seconds: () => number, every: number = BLOCK): Tracker => {
  let reports: Report[] = [];
  const close = (): Block | null => {
    const last = reports.at(-1);
    if (!last) return null;
    const whole = reports.filter((report) => !isLost(report));
    const mean = (of: (r: Report) => number): number => whole.reduce((sum, r) => sum + of(r), 0) / whole.length;
    const block = { step: last.state.step, sequences: last.state.sequences, loss: mean((r) => r.loss), bits: mean((r) => r.bits), wrongBits: mean((r) => r.wrongBits), gradientNorm: mean((r) => r.gradientNorm ?? 0), learningRate: last.learningRate, seconds: seconds(), lost: reports.length - whole.length };
    reports = [];
    return block;
  };
  return {
    add: (report) => {
      reports.push(report);
      return report.state.step % every === 0 ? close() : null;
    },
    rest: close,
  };
};
