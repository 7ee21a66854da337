/** Sizes of a model. */
import type { ControllerName } from './controllers/index.js';

/** How the memory starts: at a constant, at random values, or at values that are learned from these. */
export type MemoryInit = 'constant' | 'random' | 'learned';

/** Sizes of a model, in the paper’s symbols, and what kind it is. */
export interface ModelShape {
  readonly controller: ControllerName;
  /** I */
  readonly inputs: number;
  /** V */
  readonly outputs: number;
  /** H */
  readonly hidden: number;
  /** L: layers of a recurrent controller. */
  readonly layers: number;
  /** N; like M, R, W and S it means nothing to a controller without memory. */
  readonly slots: number;
  /** M */
  readonly width: number;
  /** R */
  readonly readHeads: number;
  /** W */
  readonly writeHeads: number;
  /** S, odd, at most N. */
  readonly taps: number;
  readonly memoryInit: MemoryInit;
  /** The write head addresses from the read head's previous weighting, as before the seed's fix of June 2021; one head of each kind. */
  readonly legacyWriteAddressing: boolean;
}

/** The seed's sizes, to which a task adds inputs and outputs. */
export const SEED_SIZES = { controller: 'lstm', hidden: 100, layers: 1, slots: 128, width: 20, readHeads: 1, writeHeads: 1, taps: 3, memoryInit: 'constant', legacyWriteAddressing: false } as const;
