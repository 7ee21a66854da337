/** Between PyTorch's tensors (the seed's state dict) and the flat array that kernels hold (parameters.ts). */
import { type Shape, sizeOf } from '../program/graph.js';
import type { StateEntry } from './parameters.js';
import { partsOf } from './parts.js';
import type { ModelShape } from './shapes.js';

/** All parameters of a model in one array (parts.ts). */
export type ParameterValues = Float32Array;

/** All learned tensors, in the seed's order. */
export const stateEntries = (shape: ModelShape): readonly StateEntry[] => partsOf(shape).entries;

/** Length of the flat array. */
export const parameterCount = (shape: ModelShape): number => sizeOf(partsOf(shape).layout.shape);

/** The flat array from PyTorch's; every entry's tensor must be there in its shape. [parameterCount]. */
export const packParameters = (shape: ModelShape, tensors: (entry: StateEntry) => ArrayLike<number>): ParameterValues => {
  const { entries, layout } = partsOf(shape);
  const packed = new Float32Array(sizeOf(layout.shape));
  for (const entry of entries) {
    const values = tensors(entry);
    for (let i = 0; i < sizeOf(entry.shape); i++) packed[entry.position(i, layout.place)] = values[i]!;
  }
  return packed;
};

/** PyTorch's arrays from the flat one. The flat one is [parameterCount]. */
export const unpackParameters = (shape: ModelShape, packed: ParameterValues): ReadonlyMap<string, { readonly shape: Shape; readonly data: Float32Array }> => {
  const { entries, layout } = partsOf(shape);
  return new Map(
    entries.map((entry) => [entry.name, { shape: entry.shape, data: Float32Array.from({ length: sizeOf(entry.shape) }, (_, i) => packed[entry.position(i, layout.place)]!) }]),
  );
};
