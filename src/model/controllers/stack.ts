/** Recurrent controllers: L layers, each fed with the one below, the first with [x_t, r_{t−1}]. */
import type { Recorder, Shape, Tensor } from '../../program/graph.js';
import { type Lookup, type Parameter, type StateEntry, stateVectors } from '../parameters.js';
import type { ModelShape } from '../shapes.js';
import { type Controller, type ControllerSizes, type Gradients, readsOf, ROOT } from './controller.js';

export interface LayerSizes {
  readonly index: number;
  /** Numbers of its input, and how many of these, the last, have a gradient that somebody wants. */
  readonly inputs: number;
  readonly wanted: number;
  readonly hidden: number;
}

export interface LayerBackward {
  /** What step t+1 asks of the wanted part of its input, where that is r_t. */
  readonly dNext: Tensor | null;
  /** From all that ask something of h_t, the gradient of the wanted part. */
  readonly step: (dh: readonly Tensor[]) => { readonly dInput: Tensor | null; readonly gradients: Gradients };
}

export interface Layer {
  readonly weights: readonly Parameter[];
  /** Initial states [H], in the order of the cell's names. */
  readonly states: readonly Parameter[];
  /** The weights' entries, drawn from U(±bound). */
  readonly entries: (bound: number) => readonly StateEntry[];
  readonly forward: (recorder: Recorder, parameter: Lookup, input: readonly Tensor[]) => { readonly h: Tensor; readonly backward: () => LayerBackward };
}

/** What tells one recurrent controller from another. */
export interface Cell {
  readonly layer: (sizes: LayerSizes) => Layer;
  /** PyTorch's names of the initial states [L, 1, H]. */
  readonly states: readonly string[];
  /** Of the uniform distribution that weights are drawn from. */
  readonly bound: (shape: ModelShape) => number;
}

/** PyTorch's own bound of recurrent weights. */
export const pytorchBound = ({ hidden: H }: ModelShape): number => 1 / Math.sqrt(H);

/** The sizes that the tensors of a stack tell whose initial state has this name. */
export const inspectStack = (shapeOf: (name: string) => Shape | null, state: string): ControllerSizes | null => {
  const weight = shapeOf(`${ROOT}.layer.weight_ih_l0`);
  const states = shapeOf(`${ROOT}.${state}`);
  return weight?.length === 2 && states?.length === 3 ? { inputs: weight[1]!, hidden: states[2]!, layers: states[0]! } : null;
};

/** Biases begin as 0, initial states N(0, 0.05), as the seed's. */
export const stackOf =
  (cell: Cell) =>
  (shape: ModelShape): Controller => {
    const { inputs: I, hidden: H, layers: L } = shape;
    const reads = readsOf(shape);
    const layers = Array.from({ length: L }, (_, index) => cell.layer(index === 0 ? { index, inputs: I + reads, wanted: reads, hidden: H } : { index, inputs: H, wanted: H, hidden: H }));
    return {
      parameters: layers.flatMap(({ weights, states }) => [...weights, ...states]),
      entries: [...cell.states.map((name, i) => stateVectors(`${ROOT}.${name}`, layers.map(({ states }) => states[i]!))), ...layers.flatMap(({ entries }) => entries(cell.bound(shape)))],
      forward: (recorder, parameter, input) => {
        const steps: ReturnType<Layer['forward']>[] = [];
        for (const layer of layers) steps.push(layer.forward(recorder, parameter, steps.length === 0 ? input : [steps.at(-1)!.h]));
        return {
          h: steps.at(-1)!.h,
          backward: () => {
            const backwards = steps.map(({ backward }) => backward());
            return {
              dNext: backwards[0]!.dNext,
              step: (dh) => {
                const sums: Gradients[] = [];
                let asked = dh;
                for (const layer of [...backwards].reverse()) {
                  const { dInput, gradients } = layer.step(asked);
                  sums.push(gradients);
                  asked = dInput ? [dInput] : [];
                }
                return { dRead: asked[0] ?? null, gradients: (into) => sums.forEach((sum) => sum(into)) };
              },
            };
          },
        };
      },
    };
  };
