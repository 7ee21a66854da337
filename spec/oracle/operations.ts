/**
 * One oracle per operation, over flat row-major arrays with the batch first.
 * Each returns `out` and `gradients(dout)`, the gradients of Σ dout·out, named `d` + the input's name.
 * Gradients come from `tensor.ts`; the optimisers are PyTorch's formulas.
 */
import { gruFromGates, lstmFromGates } from './controllers.js';
import * as tensor from './tensor.js';
import { add, affine, concat, gradientsOf, leaf, mul, scale, sizeOf, slice, type Value } from './tensor.js';

export type Numbers = ArrayLike<number>;
export type Gradients<K extends string> = { readonly [Name in K as `d${Name}`]: Float64Array };

export interface Outcome<K extends string> {
  readonly out: Float64Array;
  readonly gradients: (dout: Numbers) => Gradients<K>;
}

type Given<K extends string> = Readonly<Record<K, Numbers>>;
type Shapes<K extends string> = Readonly<Record<K, readonly number[]>>;

const operation = <K extends string>(inputs: Given<K>, shapes: Shapes<K>, build: (values: Record<K, Value>) => Value): Outcome<K> => {
  const names = Object.keys(shapes) as K[];
  const values = Object.fromEntries(names.map((name) => [name, leaf(inputs[name], shapes[name])])) as Record<K, Value>;
  const root = build(values);
  return {
    out: Float64Array.from(root.data),
    gradients: (dout) => {
      const found = gradientsOf(root, names.map((name) => values[name]), dout);
      return Object.fromEntries(names.map((name, i) => [`d${name}`, found[i]])) as Gradients<K>;
    },
  };
};

/** Row b of a value whose first axis is the batch; a vector of batch scalars [B] gives a [1]. */
const row = (x: Value, b: number): Value => {
  const shape = x.shape.length > 1 ? x.shape.slice(1) : [1];
  return slice(x, b * sizeOf(shape), shape);
};

/** Runs `build` on each batch row and joins the results. Every input has the batch first. */
const byRow = <K extends string>(B: number, inputs: Given<K>, shapes: Shapes<K>, build: (row: Record<K, Value>) => Value): Outcome<K> =>
  operation(inputs, shapes, (values) => concat(Array.from({ length: B }, (_, b) =>
    build(Object.fromEntries((Object.keys(shapes) as K[]).map((name) => [name, row(values[name], b)])) as Record<K, Value>))));

// ---------------------------------------------------------------- addressing and memory

type BN = { readonly B: number; readonly N: number };
/** K heads that look at the same memory. */
type BKNM = BN & { readonly K: number; readonly M: number };

/** The parts of a value along its first axis. */
const parts = (x: Value): readonly Value[] => Array.from({ length: x.shape[0] }, (_, i) => row(x, i));

/** β·cos(k, M[n]) of each head. k [B, K, M], beta [B, K], memory [B, N, M] → [B, K, N] */
export const contentSimilarity = (inputs: Given<'k' | 'beta' | 'memory'>, { B, K, N, M }: BKNM): Outcome<'k' | 'beta' | 'memory'> =>
  byRow(B, inputs, { k: [B, K, M], beta: [B, K], memory: [B, N, M] }, ({ k, beta, memory }) => concat(parts(k).map((key, i) => mul(tensor.cosine(key, memory), slice(beta, i, [1])))));

/** Softmax of the similarities of each head. k [B, K, M], beta [B, K], memory [B, N, M] → [B, K, N] */
export const contentWeighting = (inputs: Given<'k' | 'beta' | 'memory'>, { B, K, N, M }: BKNM): Outcome<'k' | 'beta' | 'memory'> =>
  byRow(B, inputs, { k: [B, K, M], beta: [B, K], memory: [B, N, M] }, ({ k, beta, memory }) => concat(parts(k).map((key, i) => tensor.softmax(mul(tensor.cosine(key, memory), slice(beta, i, [1]))))));

/** Over each row. x [B, N] → [B, N] */
export const softmax = (inputs: Given<'x'>, { B, N }: BN): Outcome<'x'> =>
  operation(inputs, { x: [B, N] }, ({ x }) => tensor.softmax(x));

/** g·content + (1−g)·previous. content [B, N], previous [B, N], g [B] → [B, N] */
export const interpolate = (inputs: Given<'content' | 'previous' | 'g'>, { B, N }: BN): Outcome<'content' | 'previous' | 'g'> =>
  byRow(B, inputs, { content: [B, N], previous: [B, N], g: [B] }, ({ content, previous, g }) => add(mul(content, g), mul(previous, scale(g, -1, 1))));

/** Σ_j s_j·w[n − (S−1)/2 + j], circular. w [B, N], s [B, S] → [B, N] */
export const shift = (inputs: Given<'w' | 's'>, { B, N, S }: BN & { readonly S: number }): Outcome<'w' | 's'> =>
  byRow(B, inputs, { w: [B, N], s: [B, S] }, ({ w, s }) => tensor.shift(w, s));

/** w^γ / Σ w^γ. w [B, N], gamma [B] → [B, N] */
export const sharpen = (inputs: Given<'w' | 'gamma'>, { B, N }: BN): Outcome<'w' | 'gamma'> =>
  byRow(B, inputs, { w: [B, N], gamma: [B] }, ({ w, gamma }) => tensor.sharpen(w, gamma));

/** Σ_n w[n]·M[n] of each head. w [B, K, N], memory [B, N, M] → [B, K, M] */
export const read = (inputs: Given<'w' | 'memory'>, { B, K, N, M }: BKNM): Outcome<'w' | 'memory'> =>
  byRow(B, inputs, { w: [B, K, N], memory: [B, N, M] }, ({ w, memory }) => concat(parts(w).map((each) => tensor.read(each, memory))));

/** M∘Π_j(1 − wʲ⊗eʲ) + Σ_j wʲ⊗aʲ. memory [B, N, M], w [B, K, N], e, a [B, K, M] → [B, N, M] */
export const write = (inputs: Given<'memory' | 'w' | 'e' | 'a'>, { B, K, N, M }: BKNM): Outcome<'memory' | 'w' | 'e' | 'a'> =>
  byRow(B, inputs, { memory: [B, N, M], w: [B, K, N], e: [B, K, M], a: [B, K, M] }, ({ memory, w, e, a }) => {
    const erased = parts(w).reduce((m, each, i) => tensor.erase(m, each, parts(e)[i]), memory);
    return parts(w).reduce((m, each, i) => tensor.addTo(m, each, parts(a)[i]), erased);
  });

// ---------------------------------------------------------------- controller, layers, loss

export interface LstmOutcome<K extends string> {
  /** [B, H] each */
  readonly h: Float64Array;
  readonly c: Float64Array;
  readonly gradients: (dout: { readonly dh: Numbers; readonly dc: Numbers }) => Gradients<K>;
}

/** `out` holds h and c as [B, 2, H]: takes them apart, and joins their gradients. */
const hAndC = <K extends string>({ out, gradients }: Outcome<K>, { B, H }: { B: number; H: number }): LstmOutcome<K> => {
  const part = (which: 0 | 1): Float64Array => Float64Array.from({ length: B * H }, (_, i) => out[(Math.floor(i / H) * 2 + which) * H + (i % H)]);
  return {
    h: part(0),
    c: part(1),
    gradients: ({ dh, dc }) => {
      if (dh.length !== B * H || dc.length !== B * H) throw new Error('oracle: dh and dc must be [B, H]');
      return gradients(Array.from({ length: B * 2 * H }, (_, i) => (Math.floor(i / H) % 2 === 0 ? dh : dc)[Math.floor(i / (2 * H)) * H + (i % H)]));
    },
  };
};

/** From the gates' pre-activations, order i f g o. gates [B, 4H], c [B, H] → h, c [B, H] */
export const lstmGates = (inputs: Given<'gates' | 'c'>, { B, H }: { readonly B: number; readonly H: number }): LstmOutcome<'gates' | 'c'> =>
  hAndC(byRow(B, inputs, { gates: [B, 4 * H], c: [B, H] }, ({ gates, c }) => {
    const next = lstmFromGates(gates, c);
    return concat([next.h, next.c]);
  }), { B, H });

export type LstmInput = 'x' | 'h' | 'c' | 'weight_ih' | 'weight_hh' | 'bias_ih' | 'bias_hh';

/** PyTorch's LSTM cell. x [B, X], h, c [B, H], weight_ih [4H, X], weight_hh [4H, H], biases [4H] → h, c [B, H] */
export const lstmCell = (inputs: Given<LstmInput>, { B, X, H }: { readonly B: number; readonly X: number; readonly H: number }): LstmOutcome<LstmInput> =>
  hAndC(operation(inputs, { x: [B, X], h: [B, H], c: [B, H], weight_ih: [4 * H, X], weight_hh: [4 * H, H], bias_ih: [4 * H], bias_hh: [4 * H] },
    (v) => concat(Array.from({ length: B }, (_, b) => {
      const gates = add(affine(v.weight_ih, row(v.x, b), v.bias_ih), affine(v.weight_hh, row(v.h, b), v.bias_hh));
      const next = lstmFromGates(gates, row(v.c, b));
      return concat([next.h, next.c]);
    }))), { B, H });

/** From the pre-activations of both products, order r z n. fromInput, fromState [B, 3H], h [B, H] → [B, H] */
export const gruGates = (inputs: Given<'fromInput' | 'fromState' | 'h'>, { B, H }: { readonly B: number; readonly H: number }): Outcome<'fromInput' | 'fromState' | 'h'> =>
  byRow(B, inputs, { fromInput: [B, 3 * H], fromState: [B, 3 * H], h: [B, H] }, ({ fromInput, fromState, h }) => gruFromGates(fromInput, fromState, h));

export type GruInput = 'x' | 'h' | 'weight_ih' | 'weight_hh' | 'bias_ih' | 'bias_hh';

/** PyTorch's GRU cell. x [B, X], h [B, H], weight_ih [3H, X], weight_hh [3H, H], biases [3H] → [B, H] */
export const gruCell = (inputs: Given<GruInput>, { B, X, H }: { readonly B: number; readonly X: number; readonly H: number }): Outcome<GruInput> =>
  operation(inputs, { x: [B, X], h: [B, H], weight_ih: [3 * H, X], weight_hh: [3 * H, H], bias_ih: [3 * H], bias_hh: [3 * H] }, (v) =>
    concat(Array.from({ length: B }, (_, b) =>
      gruFromGates(affine(v.weight_ih, row(v.x, b), v.bias_ih), affine(v.weight_hh, row(v.h, b), v.bias_hh), row(v.h, b)))));

/** x·Wᵀ + b. x [B, C], weight [R, C], bias [R] → [B, R] */
export const linear = (inputs: Given<'x' | 'weight' | 'bias'>, { B, C, R }: { readonly B: number; readonly C: number; readonly R: number }): Outcome<'x' | 'weight' | 'bias'> =>
  operation(inputs, { x: [B, C], weight: [R, C], bias: [R] }, ({ x, weight, bias }) =>
    concat(Array.from({ length: B }, (_, b) => affine(weight, row(x, b), bias))));

/** sigmoid, tanh, relu, softplus of every entry. x [any] → same */
export const activation = (which: 'sigmoid' | 'tanh' | 'relu' | 'softplus', { x }: Given<'x'>): Outcome<'x'> =>
  operation({ x }, { x: [x.length] }, (v) => tensor[which](v.x));

/** Mean over all entries, from logits; targets are constants. logits [any], target [same] → [1] */
export const binaryCrossEntropy = ({ logits, target }: Given<'logits' | 'target'>): Outcome<'logits'> =>
  operation({ logits }, { logits: [logits.length] }, (v) => tensor.binaryCrossEntropy(v.logits, target));

// ---------------------------------------------------------------- optimisers

export interface RmspropState { readonly parameter: Numbers; readonly square: Numbers; readonly momentum: Numbers }
export interface RmspropOptions { readonly learningRate: number; readonly alpha: number; readonly momentum: number; readonly epsilon: number }

/** v ← αv + (1−α)g²; buf ← μ·buf + g/(√v + ε); θ ← θ − lr·buf. The state starts at zeros. */
export const rmspropStep = (state: RmspropState, gradient: Numbers, o: RmspropOptions): { parameter: Float64Array; square: Float64Array; momentum: Float64Array } => {
  const square = Float64Array.from(gradient, (g, i) => o.alpha * state.square[i] + (1 - o.alpha) * g * g);
  const momentum = Float64Array.from(gradient, (g, i) => o.momentum * state.momentum[i] + g / (Math.sqrt(square[i]) + o.epsilon));
  return { parameter: Float64Array.from(momentum, (m, i) => state.parameter[i] - o.learningRate * m), square, momentum };
};

export interface AdamState { readonly parameter: Numbers; readonly first: Numbers; readonly second: Numbers; readonly step: number }
export interface AdamOptions { readonly learningRate: number; readonly beta1: number; readonly beta2: number; readonly epsilon: number }

/** m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; θ ← θ − lr·m̂/(√v̂ + ε), with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ). `step` counts the steps done. */
export const adamStep = (state: AdamState, gradient: Numbers, o: AdamOptions): { parameter: Float64Array; first: Float64Array; second: Float64Array; step: number } => {
  const step = state.step + 1;
  const first = Float64Array.from(gradient, (g, i) => o.beta1 * state.first[i] + (1 - o.beta1) * g);
  const second = Float64Array.from(gradient, (g, i) => o.beta2 * state.second[i] + (1 - o.beta2) * g * g);
  const parameter = Float64Array.from(gradient, (_, i) =>
    state.parameter[i] - (o.learningRate * (first[i] / (1 - o.beta1 ** step))) / (Math.sqrt(second[i] / (1 - o.beta2 ** step)) + o.epsilon));
  return { parameter, first, second, step };
};

export interface CentredState { readonly parameter: Numbers; readonly square: Numbers; readonly mean: Numbers; readonly momentum: Numbers }

/** Centred RMSprop (Graves 2013): n ← αn + (1−α)g²; ḡ ← αḡ + (1−α)g; Δ ← μΔ − lr·g/√(n − ḡ² + ε); θ ← θ + Δ. */
export const centredStep = (state: CentredState, gradient: Numbers, o: RmspropOptions): { parameter: Float64Array; square: Float64Array; mean: Float64Array; momentum: Float64Array } => {
  const square = Float64Array.from(gradient, (g, i) => o.alpha * state.square[i] + (1 - o.alpha) * g * g);
  const mean = Float64Array.from(gradient, (g, i) => o.alpha * state.mean[i] + (1 - o.alpha) * g);
  const momentum = Float64Array.from(gradient, (g, i) => o.momentum * state.momentum[i] - (o.learningRate * g) / Math.sqrt(square[i] - mean[i] ** 2 + o.epsilon));
  return { parameter: Float64Array.from(momentum, (d, i) => state.parameter[i] + d), square, mean, momentum };
};
