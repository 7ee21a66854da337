/**
 * PyTorch's names and shapes (the seed's state dict) for the parameters, and the way between the two
 * layouts: PyTorch keeps a layer's weight as [results, inputs] and its bias apart, the kernels keep
 * [inputs, results] with the biases as last rows, and both heads' layers side by side.
 */
import { sizeOf, type Shape } from '../program/graph.js';
import { type ParameterName, parameterShapes } from './parameters.js';
import { headColumns, type ModelShape } from './shapes.js';

export type ParameterValues = Readonly<Record<string, Float32Array>>;

/** One PyTorch tensor, and where its i-th number (row-major) lies in a parameter. */
export interface StateEntry {
  readonly name: string;
  readonly shape: Shape;
  readonly parameter: ParameterName;
  readonly position: (i: number) => number;
}

/** A layer whose result j is column `column(j)` of `width` columns and whose inputs start at `row`. */
const weightEntry = (name: string, parameter: ParameterName, results: number, inputs: number, width: number, row: number, column: (j: number) => number): StateEntry => ({
  name,
  shape: [results, inputs],
  parameter,
  position: (i) => (row + (i % inputs)) * width + column(Math.floor(i / inputs)),
});

const biasEntry = (name: string, parameter: ParameterName, results: number, width: number, row: number, column: (j: number) => number): StateEntry => ({
  name,
  shape: [results],
  parameter,
  position: (i) => row * width + column(i),
});

const layer = (name: string, parameter: ParameterName, results: number, inputs: number, width = results, column: (j: number) => number = (j) => j): readonly StateEntry[] => [
  weightEntry(`${name}.weight`, parameter, results, inputs, width, 0, column),
  biasEntry(`${name}.bias`, parameter, results, width, inputs, column),
];

const vector = (name: string, parameter: ParameterName, shape: Shape, at = 0): StateEntry => ({ name, shape, parameter, position: (i) => at + i });

const controllerEntries = ({ controller, inputs: I, hidden: H, width: M }: ModelShape): readonly StateEntry[] => {
  const root = 'controller._controller';
  if (controller === 'feed-forward') return [...layer(`${root}.layer_1`, 'controller', H, I + M), ...layer(`${root}.layer_2`, 'controller2', H, H)];
  const column = (j: number): number => j;
  return [
    vector(`${root}.lstm_h_state`, 'h0', [1, 1, H]),
    vector(`${root}.lstm_c_state`, 'c0', [1, 1, H]),
    weightEntry(`${root}.layer.weight_ih_l0`, 'controller', 4 * H, I + M, 4 * H, 0, column),
    weightEntry(`${root}.layer.weight_hh_l0`, 'controller', 4 * H, H, 4 * H, I + M, column),
    biasEntry(`${root}.layer.bias_ih_l0`, 'controller', 4 * H, 4 * H, I + M + H, column),
    biasEntry(`${root}.layer.bias_hh_l0`, 'controller', 4 * H, 4 * H, I + M + H + 1, column),
  ];
};

const headEntries = (shape: ModelShape, head: 0 | 1): readonly StateEntry[] => {
  const { hidden: H, width: M, slots: N } = shape;
  const name = head === 0 ? 'read_head' : 'write_head';
  const columns = headColumns(shape);
  const part = (label: string, results: number, at: number) => layer(`${name}.${label}_layer`, 'heads', results, H, columns, (j) => at + j);
  return [
    vector(`${name}._initial_state`, 'w0', [1, N], head * N),
    ...part('k', M, head * M),
    ...part('beta', 1, 4 * M + 2 + head),
    ...part('g', 1, 4 * M + head),
    ...part('s', 3, 4 * M + 6 + 3 * head),
    ...part('gamma', 1, 4 * M + 4 + head),
    ...(head === 1 ? [...part('e', M, 3 * M), ...part('a', M, 2 * M)] : []),
  ];
};

/** All learned tensors, in the seed's order. `memory.initial_state` is constant and not among them. */
export const stateEntries = (shape: ModelShape): readonly StateEntry[] => [
  ...controllerEntries(shape),
  vector('memory.initial_read', 'r0', [1, shape.width]),
  ...headEntries(shape, 0),
  ...headEntries(shape, 1),
  ...layer('fc', 'output', shape.outputs, shape.hidden + shape.width),
];

/** The kernels' arrays from PyTorch's; every entry's tensor must be there in its shape. */
export const packParameters = (shape: ModelShape, tensors: (entry: StateEntry) => ArrayLike<number>): ParameterValues => {
  const packed = Object.fromEntries(parameterShapes(shape).map(([name, size]) => [name, new Float32Array(sizeOf(size))]));
  for (const entry of stateEntries(shape)) {
    const values = tensors(entry);
    const target = packed[entry.parameter]!;
    for (let i = 0; i < sizeOf(entry.shape); i++) target[entry.position(i)] = values[i]!;
  }
  return packed;
};

/** PyTorch's arrays from the kernels'. */
export const unpackParameters = (shape: ModelShape, packed: ParameterValues): ReadonlyMap<string, { readonly shape: Shape; readonly data: Float32Array }> =>
  new Map(
    stateEntries(shape).map((entry) => {
      const source = packed[entry.parameter]!;
      return [entry.name, { shape: entry.shape, data: Float32Array.from({ length: sizeOf(entry.shape) }, (_, i) => source[entry.position(i)]!) }];
    }),
  );
