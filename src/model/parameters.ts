/**
 * What a model learns: parameters as kernels hold them, one behind the other in one flat array, and
 * PyTorch's tensors (the seed's state dict) as places in it. Every part of a model (its controller, its
 * heads, its memory, its output layer) declares its own.
 */
import { type Recorder, type Shape, sizeOf, type Tensor } from '../program/graph.js';
import type { Draw } from '../random.js';

/** A weight matrix, input index first and biases in its last rows (kernels/linear.ts), or an initial state, a vector. */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
}

/** Where a parameter begins in the flat array. */
export type Place = (parameter: Parameter) => number;

/** What the heads begin with beside what is drawn (src/model/initialise.ts); the seed's are 0. */
export interface Beginning {
  readonly focus: number;
  readonly strength: number;
  readonly advance: number;
  readonly match: number;
}

/** One PyTorch tensor: where its i-th number (row-major) lies in the flat array, and how it begins. */
export interface StateEntry {
  readonly name: string;
  readonly shape: Shape;
  readonly position: (i: number, place: Place) => number;
  /** Its i-th number before training. */
  readonly draw: (draw: Draw, i: number, beginning: Beginning) => number;
  /** The entry that it begins alike, by the share `match`. */
  readonly like?: string;
}

export interface Part {
  readonly parameters: readonly Parameter[];
  readonly entries: readonly StateEntry[];
}

/** A parameter's tensor in a program: its values, or its gradient. */
export type Lookup = (parameter: Parameter) => Tensor;

/** The flat array is at least this wide, and no higher than wide beyond that: a texture has at most some thousands of rows. */
const LEAST_COLUMNS = 256;

const columnsFor = (size: number): number => {
  let columns = LEAST_COLUMNS;
  while (columns * columns < size) columns *= 2;
  return columns;
};

export interface Layout {
  readonly place: Place;
  /** [Q, X]; the last row is filled up with zeros. */
  readonly shape: readonly [number, number];
  /** How many zeros. */
  readonly padding: number;
}

export const layoutOf = (parameters: readonly Parameter[]): Layout => {
  const places = new Map<string, number>();
  let size = 0;
  for (const { name, shape } of parameters) {
    places.set(name, size);
    size += sizeOf(shape);
  }
  const columns = columnsFor(size);
  const rows = Math.ceil(size / columns);
  const place = ({ name }: Parameter): number => {
    const found = places.get(name);
    if (found === undefined) throw new Error(`no parameter "${name}" in this model`);
    return found;
  };
  return { place, shape: [rows, columns], padding: rows * columns - size };
};

/** Parameters as slices of the flat array. */
export const slicesOf =
  (recorder: Recorder, { place }: Layout, flat: Tensor): Lookup =>
  (parameter) =>
    recorder.slice(flat, place(parameter), parameter.shape);

// ---------------------------------------------------------------- entries of layers

/** A layer's place in a parameter: PyTorch's input i is row `row + i`, result j is column `column + j`. */
export interface LayerPlace {
  readonly parameter: Parameter;
  readonly results: number;
  readonly inputs: number;
  readonly row?: number;
  readonly column?: number;
}

/** PyTorch's weight [results, inputs], drawn from U(±bound). */
export const weightEntry = (name: string, { parameter, results, inputs, row = 0, column = 0 }: LayerPlace, bound: number): StateEntry => ({
  name,
  shape: [results, inputs],
  position: (i, place) => place(parameter) + (row + (i % inputs)) * parameter.shape.at(-1)! + column + Math.floor(i / inputs),
  draw: ({ uniform }) => uniform(-bound, bound),
});

/** What a layer's i-th bias begins with beside what is drawn. */
export type Begins = (beginning: Beginning, i: number) => number;

/** PyTorch's bias [results], in row `row` of the parameter; 0 or drawn from N(0, deviation). */
export const biasEntry = (name: string, parameter: Parameter, results: number, row: number, column = 0, deviation = 0, begins: Begins = () => 0): StateEntry => ({
  name,
  shape: [results],
  position: (i, place) => place(parameter) + row * parameter.shape.at(-1)! + column + i,
  draw: ({ normal }, i, beginning) => (deviation === 0 ? 0 : normal(deviation)) + begins(beginning, i),
});

/** A linear layer's weight, Xavier-uniform, and its bias, N(0, 0.01), in the parameter's last row. */
export const layerEntries = (name: string, at: LayerPlace, gain = 1, begins?: Begins): readonly StateEntry[] => [
  weightEntry(`${name}.weight`, at, gain * Math.sqrt(6 / (at.results + at.inputs))),
  biasEntry(`${name}.bias`, at.parameter, at.results, at.parameter.shape[0]! - 1, at.column, 0.01, begins),
];

/** One parameter a layer for a tensor [layers, 1, H] of initial states, drawn from N(0, 0.05). */
export const stateVectors = (name: string, parameters: readonly Parameter[]): StateEntry => {
  const [H] = parameters[0]!.shape as readonly [number];
  return {
    name,
    shape: [parameters.length, 1, H],
    position: (i, place) => place(parameters[Math.floor(i / H)]!) + (i % H),
    draw: ({ normal }) => normal(0.05),
  };
};
