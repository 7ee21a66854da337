/**
 * A model from named tensors: PyTorch's state dict or our own file. The architecture is read off names
 * and shapes, so that a file without our metadata is understood; what does not fit is refused by name.
 */
import * as E from 'fp-ts/lib/Either.js';
import { sizeOf, type Shape } from '../program/graph.js';
import type { ModelShape } from './shapes.js';
import { packParameters, type ParameterValues, type StateEntry, stateEntries } from './state-dict.js';

export interface NamedArray {
  readonly shape: Shape;
  readonly data: Float32Array;
}

export type NamedArrays = ReadonlyMap<string, NamedArray>;

export interface Model {
  readonly shape: ModelShape;
  readonly parameters: ParameterValues;
}

const ROOT = 'controller._controller';

const sizes = (tensors: NamedArrays, name: string, axes: number): E.Either<string, Shape> => {
  const tensor = tensors.get(name);
  if (!tensor) return E.left(`tensor "${name}" is missing: not the weights of a Neural Turing Machine of this kind`);
  if (tensor.shape.length !== axes) return E.left(`tensor "${name}" has shape [${tensor.shape.join(', ')}], wanted ${axes} axes`);
  return E.right(tensor.shape);
};

/** The architecture that the tensors' names and shapes tell. */
export const inspectShape = (tensors: NamedArrays, legacyWriteAddressing: boolean): E.Either<string, ModelShape> => {
  const controller = tensors.has(`${ROOT}.layer_1.weight`) ? 'feed-forward' : 'lstm';
  const input = sizes(tensors, controller === 'lstm' ? `${ROOT}.layer.weight_ih_l0` : `${ROOT}.layer_1.weight`, 2);
  const key = sizes(tensors, 'read_head.k_layer.weight', 2);
  const start = sizes(tensors, 'read_head._initial_state', 2);
  const output = sizes(tensors, 'fc.weight', 2);
  for (const found of [input, key, start, output]) if (E.isLeft(found)) return found;
  const [results, width] = (input as E.Right<Shape>).right as [number, number];
  const [M, H] = (key as E.Right<Shape>).right as [number, number];
  const [, N] = (start as E.Right<Shape>).right as [number, number];
  const [V] = (output as E.Right<Shape>).right as [number, number];
  if (width <= M) return E.left(`the controller takes ${width} inputs, no more than the memory's ${M}: no room for the task's input`);
  if (results !== (controller === 'lstm' ? 4 * H : H)) return E.left(`tensor "${ROOT}" gives ${results} values for the heads' ${H}`);
  return E.right({ controller, inputs: width - M, outputs: V, hidden: H, slots: N, width: M, legacyWriteAddressing });
};

const shapesAgree = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, i) => size === b[i]);

const check = (tensors: NamedArrays, { name, shape }: StateEntry): string | null => {
  const tensor = tensors.get(name);
  if (!tensor) return `tensor "${name}" is missing`;
  if (!shapesAgree(tensor.shape, shape)) return `tensor "${name}" has shape [${tensor.shape.join(', ')}], wanted [${shape.join(', ')}]`;
  const bad = tensor.data.findIndex((value) => !Number.isFinite(value));
  return bad < 0 ? null : `tensor "${name}" holds ${tensor.data[bad]} at ${bad}: the file is damaged, or its run had diverged`;
};

/** Kernels' arrays for a shape, from tensors whose names may carry a prefix. */
export const readParameters = (tensors: NamedArrays, shape: ModelShape, prefix = ''): E.Either<string, ParameterValues> => {
  for (const entry of stateEntries(shape)) {
    const fault = check(tensors, { ...entry, name: prefix + entry.name });
    if (fault) return E.left(fault);
  }
  return E.right(packParameters(shape, ({ name }) => tensors.get(prefix + name)!.data));
};

const INITIAL_MEMORY = 1e-6;

/** The memory before the first step, which PyTorch's state dict holds as a buffer: [N, M]. */
export const initialMemory = ({ slots, width }: ModelShape): NamedArray => ({ shape: [slots, width], data: new Float32Array(slots * width).fill(INITIAL_MEMORY) });

/** A model from its tensors. */
export const inspectModel = (tensors: NamedArrays, legacyWriteAddressing: boolean): E.Either<string, Model> => {
  const shape = inspectShape(tensors, legacyWriteAddressing);
  if (E.isLeft(shape)) return shape;
  const memory = tensors.get('memory.initial_state');
  if (memory && (sizeOf(memory.shape) !== shape.right.slots * shape.right.width || memory.data.some((value) => value !== Math.fround(INITIAL_MEMORY)))) {
    return E.left('tensor "memory.initial_state" is not the constant 1e-6 that memory starts from here');
  }
  return E.map((parameters: ParameterValues): Model => ({ shape: shape.right, parameters }))(readParameters(tensors, shape.right));
};
