/** Sizes of a model, and the constants that kernels take from them. */
export type ControllerKind = 'lstm' | 'feed-forward';

export interface ModelShape {
  readonly controller: ControllerKind;
  /** I */
  readonly inputs: number;
  /** V */
  readonly outputs: number;
  /** H */
  readonly hidden: number;
  /** N */
  readonly slots: number;
  /** M */
  readonly width: number;
  /** The write head addresses from the read head's previous weighting, as before the seed's fix of June 2021. */
  readonly legacyWriteAddressing: boolean;
}

/** Rounded down to a multiple of `step`. */
export const floorTo = (value: number, step: number): number => value - (value % step);

/** Columns of the row that the heads' linear layer gives: k, k, a, e, and 12 scalars (kernels/heads.ts). */
export const headColumns = (shape: ModelShape): number => 4 * shape.width + 12;
