/**
 * A model from named tensors: PyTorch's state dict or our own file. The architecture is read off names
 * and shapes, so that a file without our metadata is understood; what does not fit is refused by name.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type Shape } from '../program/graph.js';
import { CONTROLLERS, controllers } from './controllers/index.js';
import { INITIAL_MEMORY } from './memory.js';
import { NO_MEMORY } from './parts.js';
import type { MemoryInit, ModelShape } from './shapes.js';
import type { StateEntry } from './parameters.js';
import { packParameters, type ParameterValues, stateEntries } from './state-dict.js';

export interface NamedArray {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Tensors by PyTorch’s names, with their shapes. */
export type NamedArrays = ReadonlyMap<string, NamedArray>;

/** A model’s sizes, and all its parameters in one array (src/model/parts.ts). */
export interface Model {
  readonly shape: ModelShape;
  readonly parameters: ParameterValues;
}

/** What tensors do not tell. */
export interface Hints {
  readonly legacyWriteAddressing?: boolean;
  /** Whether a memory that does not start at the constant has been learned. */
  readonly memoryInit?: string;
}

const sizes = (tensors: NamedArrays, name: string, axes: number): E.Either<string, Shape> => {
  const tensor = tensors.get(name);
  if (!tensor) return E.left(`tensor "${name}" is missing: not the weights of a Neural Turing Machine of this kind`);
  if (tensor.shape.length !== axes) return E.left(`tensor "${name}" has shape [${tensor.shape.join(', ')}], wanted ${axes} axes`);
  return E.right(tensor.shape);
};

/** How many heads of a kind have tensors: `read_head.…` alone or `read_heads.0.…` and on. */
const countHeads = (tensors: NamedArrays, kind: 'read' | 'write'): number => {
  const numbers = [...tensors.keys()].flatMap((name) => new RegExp(`^${kind}_heads\\.(\\d+)\\.`).exec(name)?.[1] ?? []);
  return Math.max(1, new Set(numbers).size);
};

const startsAt = (tensors: NamedArrays): MemoryInit => (tensors.get('memory.initial_state')?.data.some((value) => value !== Math.fround(INITIAL_MEMORY)) ? 'random' : 'constant');

const inspectMemory = (tensors: NamedArrays, controllerInputs: number, hints: Hints) =>
  pipe(
    E.Do,
    E.bind('read', () => sizes(tensors, 'memory.initial_read', 2)),
    E.let('head', ({ read }) => (read[0] === 1 ? 'read_head' : 'read_heads.0')),
    E.bind('start', ({ head }) => sizes(tensors, `${head}._initial_state`, 2)),
    E.bind('shift', ({ head }) => sizes(tensors, `${head}.s_layer.weight`, 2)),
    E.chain(({ read: [R, M], start: [, N], shift: [S] }) => {
      const writeHeads = countHeads(tensors, 'write');
      const legacyWriteAddressing = hints.legacyWriteAddressing ?? false;
      if (controllerInputs <= R! * M!) return E.left(`the controller takes ${controllerInputs} inputs, no more than the ${R! * M!} that are read: no room for the task's input`);
      if (S! % 2 === 0 || S! > N!) return E.left(`its shift has ${S} taps: wanted an odd number, at most its ${N} slots`);
      if (legacyWriteAddressing && (R !== 1 || writeHeads !== 1)) return E.left(`legacy write addressing is for one read and one write head; this model has ${R} and ${writeHeads}`);
      const found = startsAt(tensors);
      const memoryInit = found === 'random' && hints.memoryInit === 'learned' ? 'learned' : found;
      return E.right({ inputs: controllerInputs - R! * M!, slots: N!, width: M!, readHeads: R!, writeHeads, taps: S!, memoryInit, legacyWriteAddressing });
    }),
  );

/** The architecture that the tensors' names and shapes tell. */
export const inspectShape = (tensors: NamedArrays, hints: Hints = {}): E.Either<string, ModelShape> => {
  const shapeOf = (name: string): Shape | null => tensors.get(name)?.shape ?? null;
  for (const controller of CONTROLLERS) {
    const found = controllers[controller].inspect(shapeOf);
    if (!found) continue;
    const { inputs, hidden, layers } = found;
    return pipe(
      sizes(tensors, 'fc.weight', 2),
      E.chain(([outputs]) =>
        pipe(
          controllers[controller].hasMemory ? inspectMemory(tensors, inputs, hints) : E.right({ ...NO_MEMORY, inputs }),
          E.map((memory): ModelShape => ({ controller, outputs: outputs!, hidden, layers, ...memory })),
        ),
      ),
    );
  }
  return E.left('no tensors of a controller: not the weights of a Neural Turing Machine of this kind');
};

const shapesAgree = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, i) => size === b[i]);

const check = (tensors: NamedArrays, { name, shape }: StateEntry): string | null => {
  const tensor = tensors.get(name);
  if (!tensor) return `tensor "${name}" is missing`;
  if (!shapesAgree(tensor.shape, shape)) return `tensor "${name}" has shape [${tensor.shape.join(', ')}], wanted [${shape.join(', ')}]`;
  const bad = tensor.data.findIndex((value) => !Number.isFinite(value));
  return bad < 0 ? null : `tensor "${name}" holds ${tensor.data[bad]} at ${bad}: the file is damaged, or its run had diverged`;
};

/** The flat array for a shape, from tensors whose names may carry a prefix. */
export const readParameters = (tensors: NamedArrays, shape: ModelShape, prefix = ''): E.Either<string, ParameterValues> => {
  for (const entry of stateEntries(shape)) {
    const fault = check(tensors, { ...entry, name: prefix + entry.name });
    if (fault) return E.left(fault);
  }
  return E.right(packParameters(shape, ({ name }) => tensors.get(prefix + name)!.data));
};

/** The constant that memory starts from, which PyTorch's state dict holds as a buffer [N, M]. */
export const constantMemory = ({ slots, width }: ModelShape): NamedArray => ({ shape: [slots, width], data: new Float32Array(slots * width).fill(INITIAL_MEMORY) });

/** A model from its tensors. Left: the tensor that is missing or does not fit. */
export const inspectModel = (tensors: NamedArrays, hints: Hints = {}): E.Either<string, Model> =>
  pipe(
    inspectShape(tensors, hints),
    E.chain((shape) =>
      pipe(
        readParameters(tensors, shape),
        E.map((parameters): Model => ({ shape, parameters })),
      ),
    ),
  );
