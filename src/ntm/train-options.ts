/** What training takes and tells. */
import type { Learner } from '../training/learner.js';
import type { ParallelOptions } from '../workers/parallel.js';

/** How far a run is; iterations and sequences count from its very beginning, through saves and loads. */
export interface Progress {
  readonly iterations: number;
  readonly sequences: number;
  /** Whether three held-out evaluations in a row were good, and it has not come undone since. */
  readonly solved: boolean;
}

/** What training tells of itself: means over the iterations since the last report, NaN where all were lost to gradients without bounds. */
export interface TrainingReport extends Progress {
  /** Mean cross-entropy a target bit, in nats. */
  readonly loss: number;
  /** Wrong bits per sequence. */
  readonly wrongBits: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Since this call to `train`. */
  readonly seconds: number;
  /** What the task is solved by (wrong bits per sequence) on 1,000 held-out sequences, where an evaluation was due. */
  readonly heldOut: number | null;
  /** Share of perfect sequences among 1,000 of the longest, and of those beyond, once solved, where that was due. */
  readonly longest: number | null;
}

/** Until the task is solved and, if it can, flawless, as the commands do; or until the run has seen so much in all. */
export type Until = 'solved' | { readonly iterations: number } | { readonly sequences: number };

/** Until when to train, and who hears of it. */
export interface TrainOptions {
  /** 'solved', at most as many iterations as the settings say. */
  readonly until?: Until;
  /** Awaited between two iterations: whoever calls may look, save or stop meanwhile. */
  readonly onProgress?: (report: TrainingReport) => unknown;
  /** Iterations from one report to the next (100); one comes with every evaluation and at the end, too. */
  readonly every?: number;
  /** Ends training between two iterations; `train` may be called again and goes on, bit for bit. */
  readonly signal?: AbortSignal;
}

/** What became of a training. */
export interface Trained extends Progress {
  /** Why it ended: what `until` said; the settings' most iterations; or the signal, or `dispose`. */
  readonly ended: 'reached' | 'most iterations' | 'stopped';
}

/** Threads that share a batch (`ntm-gpu/node`). */
export interface Threads {
  readonly count: number;
  readonly open: (options: ParallelOptions) => Promise<Learner>;
}
