/** What memory a program takes, before anything is built. */
import { type Program, sizeOf } from './graph.js';

/** Bytes of all arrays of a program for `batch` sequences of up to `capacity` steps. */
export const bytesOf = ({ tensors }: Program, batch: number, capacity: number): number => {
  const rows = { single: 1, initial: batch, step: batch * (capacity + 1) } as const;
  return tensors.reduce((sum, { shape, domain }) => sum + 4 * sizeOf(shape) * rows[domain], 0);
};
