import type { ModelShape } from '../model/shapes.js';

/** A head, by its kind and its number among those, from 0. */
export interface Head {
  readonly kind: 'read' | 'write';
  readonly index: number;
}

/** All heads of a model, the reading ones first. */
export const headsOf = ({ readHeads, writeHeads }: Pick<ModelShape, 'readHeads' | 'writeHeads'>): readonly Head[] => [
  ...Array.from({ length: readHeads }, (_, index): Head => ({ kind: 'read', index })),
  ...Array.from({ length: writeHeads }, (_, index): Head => ({ kind: 'write', index })),
];
