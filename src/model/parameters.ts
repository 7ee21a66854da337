/**
 * The parameters of a model as the kernels hold them: one weight array a layer, input index first,
 * biases in its last rows (kernels/linear.ts, kernels/lstm.ts).
 */
import type { Shape } from '../program/graph.js';
import { headColumns, type ModelShape } from './shapes.js';

export type ParameterName = 'controller' | 'controller2' | 'heads' | 'output' | 'h0' | 'c0' | 'r0' | 'w0';

/** Shapes of all parameters, in the order in which they are stored. */
export const parameterShapes = (shape: ModelShape): ReadonlyArray<readonly [ParameterName, Shape]> => {
  const { inputs: I, outputs: V, hidden: H, slots: N, width: M } = shape;
  const controller: ReadonlyArray<readonly [ParameterName, Shape]> =
    shape.controller === 'lstm'
      ? [['controller', [I + M + H + 2, 4, H]], ['h0', [H]], ['c0', [H]]]
      : [['controller', [I + M + 1, H]], ['controller2', [H + 1, H]]];
  return [...controller, ['heads', [H + 1, headColumns(shape)]], ['output', [H + M + 1, V]], ['r0', [M]], ['w0', [2, N]]];
};
