/** The parts of a model, and what all of them learn. */
import { controllers } from './controllers/index.js';
import type { Controller } from './controllers/controller.js';
import { readsOf } from './controllers/controller.js';
import { type Heads, headsOf } from './heads.js';
import { type Memory, memoryOf } from './memory.js';
import { layerEntries, type Layout, layoutOf, type Parameter, type Part, type StateEntry } from './parameters.js';
import type { ModelShape } from './shapes.js';

/** What a controller with memory works on. */
export interface MemoryParts {
  readonly memory: Memory;
  readonly heads: Heads;
}

export interface ModelParts {
  readonly shape: ModelShape;
  readonly controller: Controller;
  /** Null for a controller without. */
  readonly withMemory: MemoryParts | null;
  /** Weights of the output layer on [h_t, r_t, 1]: [H + R·M + 1, V]. */
  readonly output: Parameter;
  readonly layout: Layout;
  /** In the order of the flat array. */
  readonly parameters: readonly Parameter[];
  /** PyTorch's tensors in the seed's order. */
  readonly entries: readonly StateEntry[];
}

export const NO_MEMORY = { slots: 0, width: 0, readHeads: 0, writeHeads: 0, taps: 1, memoryInit: 'constant', legacyWriteAddressing: false } as const;

export const hasMemory = ({ controller }: Pick<ModelShape, 'controller'>): boolean => controllers[controller].hasMemory;

/** Sizes that mean nothing to a model are 0. */
export const normalShape = (shape: ModelShape): ModelShape => (hasMemory(shape) ? shape : { ...shape, ...NO_MEMORY });

export const partsOf = (given: ModelShape): ModelParts => {
  const shape = normalShape(given);
  const { hidden: H, outputs: V } = shape;
  const controller = controllers[shape.controller].create(shape);
  const withMemory = hasMemory(shape) ? { memory: memoryOf(shape), heads: headsOf(shape) } : null;
  const output: Parameter = { name: 'output.weights', shape: [H + readsOf(shape) + 1, V] };
  const outputPart: Part = { parameters: [output], entries: layerEntries('fc', { parameter: output, results: V, inputs: H + readsOf(shape) }) };
  const parts: readonly Part[] = [controller, ...(withMemory ? [withMemory.memory, withMemory.heads] : []), outputPart];
  const parameters = parts.flatMap((part) => part.parameters);
  return { shape, controller, withMemory, output, parameters, layout: layoutOf(parameters), entries: parts.flatMap((part) => part.entries) };
};
