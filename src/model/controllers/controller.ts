/**
 * What a controller is: a value that owns its parameters, their names in PyTorch, their initialisation,
 * the way it is recognised in a file, and both directions of a step. A new one is a file beside this
 * and a line in index.ts.
 */
import type { Recorder, Shape, Tensor } from '../../program/graph.js';
import type { Lookup, Part } from '../parameters.js';
import type { ModelShape } from '../shapes.js';

/** Sums a part's gradients; recorded in the section of gradients. */
export type Gradients = (into: Lookup) => void;

export interface BackwardStep {
  /** What step t+1's controller asks of r_t [R·M]; null without memory. */
  readonly dNext: Tensor | null;
  /** From everything that asks something of h_t, each [H]; dRead is what this step asks of r_{t−1}. */
  readonly step: (dh: readonly Tensor[]) => { readonly dRead: Tensor | null; readonly gradients: Gradients };
}

export interface ForwardStep {
  /** h_t [H]. */
  readonly h: Tensor;
  /** Recorded in the section `backward`. */
  readonly backward: () => BackwardStep;
}

export interface Controller extends Part {
  /** h_t from the input [x_t, r_{t−1}], whose parts are joined, r last. Ends in the section `forward`. */
  readonly forward: (recorder: Recorder, parameter: Lookup, input: readonly Tensor[]) => ForwardStep;
}

/** What tensors tell of a controller. */
export interface ControllerSizes {
  /** I + R·M */
  readonly inputs: number;
  readonly hidden: number;
  readonly layers: number;
}

export interface ControllerKind {
  /** Without it the controller's h_t goes to the output layer alone. */
  readonly hasMemory: boolean;
  /** Whether it has a state of its own, and then any number of layers. */
  readonly recurrent: boolean;
  readonly create: (shape: ModelShape) => Controller;
  /** Null where the tensors are not of such a controller. `shapeOf` gives a tensor's shape by its name. */
  readonly inspect: (shapeOf: (name: string) => Shape | null) => ControllerSizes | null;
}

/** PyTorch's prefix of a controller's tensors. */
export const ROOT = 'controller._controller';

/** Of its input, r_{t−1} [R·M], the part whose gradient goes on to the step before. */
export const readsOf = ({ readHeads, width }: ModelShape): number => readHeads * width;
