/**
 * The heads' parameters (§3.3): one linear layer on h_t gives a row whose columns this table names. The
 * kernels see slices of that row; the state dict, the figures and the specs take their columns from here.
 */
import { activation } from '../../kernels/activation.js';
import { heads as kernels } from '../../kernels/heads.js';
import type { Kernel } from '../../kernels/kernel.js';
import type { Recorder, Shape, Tensor } from '../program/graph.js';
import { flat, linearBackward, linearForward, type LinearSaved, view } from './linear.js';
import { type Beginning, layerEntries, type Parameter, type Part, type StateEntry } from './parameters.js';
import type { ModelShape } from './shapes.js';

export type HeadParameter = 'k' | 'beta' | 'g' | 's' | 'gamma' | 'e' | 'a';

/** k [K, M], beta [K], g [K], s [K, S], gamma [K], e [W, M], a [W, M]. */
export type HeadTensors = Readonly<Record<HeadParameter, Tensor>>;

/** From a part of the row to the parameter y, and the gradient back. */
interface Activation {
  readonly forward: (recorder: Recorder, z: Tensor) => Tensor;
  readonly backward: (recorder: Recorder, y: Tensor, dy: Tensor) => Tensor;
}

const identity: Activation = { forward: (_, z) => z, backward: (_, _y, dy) => dy };

const elementwise = (forward: Kernel, backward: Kernel): Activation => ({
  forward: (recorder, z) => view(recorder, recorder.apply(forward, { z: flat(recorder, z) }), z.shape),
  backward: (recorder, y, dy) => recorder.apply(backward, { y: flat(recorder, y), dy: flat(recorder, dy) }),
});

const sigmoid = elementwise(activation.sigmoid, activation.backwardSigmoid);

const shiftSoftmax: Activation = {
  forward: (recorder, z) => recorder.apply(kernels.shift, { z }),
  backward: (recorder, s, ds) => recorder.apply(kernels.backwardShift, { s, ds }),
};

interface Kind {
  readonly heads: 'all' | 'write';
  /** Shape of one head's. */
  readonly shape: (model: ModelShape) => Shape;
  readonly activation: Activation;
  /** What the i-th bias begins with, of a head that writes or one that reads. */
  readonly begins?: (beginning: Beginning, writes: boolean, i: number, model: ModelShape) => number;
}

/** The tap that moves a head one slot on (kernels/shift.ts). */
const onward = ({ taps: S }: ModelShape): number => (S - 3) / 2;

/** In the order of the row, and of PyTorch's layers of a head. */
const KINDS: Readonly<Record<HeadParameter, Kind>> = {
  k: { heads: 'all', shape: ({ width }) => [width], activation: identity },
  beta: { heads: 'all', shape: () => [], activation: elementwise(activation.softplus, activation.backwardSoftplus), begins: ({ strength }) => strength },
  g: { heads: 'all', shape: () => [], activation: sigmoid, begins: ({ advance }, writes) => (writes ? -advance : 0) },
  s: { heads: 'all', shape: ({ taps }) => [taps], activation: shiftSoftmax, begins: ({ advance }, writes, i, model) => (writes && i === onward(model) ? advance : 0) },
  gamma: { heads: 'all', shape: () => [], activation: elementwise(activation.onePlusSoftplus, activation.backwardOnePlusSoftplus) },
  e: { heads: 'write', shape: ({ width }) => [width], activation: sigmoid },
  a: { heads: 'write', shape: ({ width }) => [width], activation: identity },
};

const NAMES = Object.keys(KINDS) as readonly HeadParameter[];

export interface Column {
  readonly name: HeadParameter;
  /** Where it begins in the row. */
  readonly at: number;
  readonly heads: number;
  /** Numbers a head. */
  readonly size: number;
  /** Of all heads'. */
  readonly shape: Shape;
}

export const columnsOf = (model: ModelShape): readonly Column[] => {
  let at = 0;
  return NAMES.map((name) => {
    const heads = KINDS[name].heads === 'all' ? model.readHeads + model.writeHeads : model.writeHeads;
    const [size = 1] = KINDS[name].shape(model);
    const column = { name, at, heads, size, shape: [heads, ...KINDS[name].shape(model)] };
    at += heads * size;
    return column;
  });
};

const everyParameter = (of: (name: HeadParameter) => Tensor): HeadTensors => Object.fromEntries(NAMES.map((name) => [name, of(name)])) as unknown as HeadTensors;

export interface HeadsSaved {
  readonly product: LinearSaved;
  readonly parameters: HeadTensors;
}

/** The heads' parameters from h_t [H]; weights [H+1, columns]. */
export const headsForward = (recorder: Recorder, model: ModelShape, weights: Tensor, h: Tensor): { readonly out: HeadTensors; readonly saved: HeadsSaved } => {
  const { out: row, saved: product } = linearForward(recorder, weights, [h]);
  const columns = new Map(columnsOf(model).map((column) => [column.name, column]));
  const parameters = everyParameter((name) => {
    const { at, shape } = columns.get(name)!;
    return KINDS[name].activation.forward(recorder, recorder.slice(row, at, shape));
  });
  return { out: parameters, saved: { product, parameters } };
};

/** The gradients of h_t [H] and of the row [columns] from those of the parameters. */
export const headsBackward = (recorder: Recorder, { product, parameters }: HeadsSaved, d: HeadTensors): { readonly dh: Tensor; readonly dRow: Tensor } => {
  const dRow = recorder.join(NAMES.map((name) => KINDS[name].activation.backward(recorder, parameters[name], d[name])));
  const [rows] = product.weights.shape as readonly [number, number];
  return { dh: linearBackward(recorder, product, dRow, 0, rows - 1), dRow };
};

// ---------------------------------------------------------------- what they learn

export interface Heads extends Part {
  /** [H+1, columns] */
  readonly weights: Parameter;
  /** Logits of the weightings [K, N] before the first step, as a vector. */
  readonly logits: Parameter;
}

/** PyTorch's prefix of a head, the reading ones first: `read_head` alone, `read_heads.0` of several. */
export const headName = ({ readHeads: R, writeHeads: W }: ModelShape, head: number): string => {
  if (head < R) return R === 1 ? 'read_head' : `read_heads.${head}`;
  return W === 1 ? 'write_head' : `write_heads.${head - R}`;
};

export const headsOf = (model: ModelShape): Heads => {
  const { hidden: H, slots: N, readHeads: R, writeHeads: W } = model;
  const columns = columnsOf(model);
  const weights: Parameter = { name: 'heads.weights', shape: [H + 1, columns.reduce((sum, { heads, size }) => sum + heads * size, 0)] };
  const logits: Parameter = { name: 'heads.logits', shape: [(R + W) * N] };
  const layer = (head: number, name: HeadParameter): string => `${headName(model, head)}.${name}_layer`;
  const entriesOf = (head: number): readonly StateEntry[] => [
    { name: `${headName(model, head)}._initial_state`, shape: [1, N], position: (i, place) => place(logits) + head * N + i, draw: ({ normal }, i, { focus }) => normal(1e-5) + (i === 0 ? focus : 0) },
    ...columns.flatMap(({ name, at, heads, size }) => {
      const own = KINDS[name].heads === 'all' ? head : head - R;
      const place = { parameter: weights, results: size, inputs: H, column: at + own * size };
      const begins = (beginning: Beginning, i: number): number => KINDS[name].begins?.(beginning, head >= R, i, model) ?? 0;
      if (own < 0 || own >= heads) return [];
      const entries = layerEntries(layer(head, name), place, 1.4, begins);
      return name === 'k' && head < R ? entries.map((entry) => ({ ...entry, like: layer(R + (head % W), 'a') + entry.name.slice(layer(head, 'k').length) })) : entries;
    }),
  ];
  return { weights, logits, parameters: [weights, logits], entries: Array.from({ length: R + W }, (_, head) => entriesOf(head)).flat() };
};
