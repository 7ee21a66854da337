/**
 * The whole Neural Turing Machine in float64, one sequence at a time (design.md, "One step, in this order").
 * Gradients come from `tensor.ts`, none is derived here.
 */
import {
  add, affine, binaryCrossEntropy, concat, cosine, gradientsOf, leaf, mul, read, relu, scale,
  sharpen, shift, sigmoid, sizeOf, slice, softmax, softplus, tanh, write, type Value,
} from './tensor.js';

export interface OracleTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** T input steps, B sequences, I inputs, A answer steps, V outputs, H hidden, N slots of width M. */
export interface OracleDims {
  readonly T: number; readonly B: number; readonly I: number; readonly A: number;
  readonly V: number; readonly H: number; readonly N: number; readonly M: number;
}

export interface OracleInput {
  /** Named as the PyTorch state dict. */
  readonly weights: ReadonlyMap<string, OracleTensor>;
  readonly controller: 'lstm' | 'feed-forward';
  /** The write head addresses from the read head's previous weighting. */
  readonly legacyWriteAddressing: boolean;
  /** [T, B, I]; the answer phase is fed zeros. */
  readonly input: ArrayLike<number>;
  /** [A, B, V] */
  readonly target: ArrayLike<number>;
  readonly dims: OracleDims;
}

export interface OracleResult {
  /** Probabilities [A, B, V] */
  readonly outputs: Float64Array;
  /** Mean binary cross-entropy over all A·B·V bits, from logits. */
  readonly loss: number;
  /** [T+A, B, N] each */
  readonly readWeighting: Float64Array;
  readonly writeWeighting: Float64Array;
  /** [B, N, M] */
  readonly finalMemory: Float64Array;
  /** d loss / d weight, for every given weight but `memory.initial_state`, which is not learned. */
  readonly gradients: Map<string, Float64Array>;
}

type Named = (name: string) => Value;

/** γ, β, g, s and k from h, then w_c → w_g → w̃ → w (§3.3). h [H], previous [N], memory [N, M] → [N] */
const address = (p: Named, head: string, h: Value, previous: Value, memory: Value): Value => {
  const layer = (name: string): Value => affine(p(`${head}.${name}_layer.weight`), h, p(`${head}.${name}_layer.bias`));
  const g = sigmoid(layer('g'));
  const content = softmax(mul(cosine(layer('k'), memory), softplus(layer('beta'))));
  const gated = add(mul(content, g), mul(previous, scale(g, -1, 1)));
  return sharpen(shift(gated, softmax(layer('s'))), scale(softplus(layer('gamma')), 1, 1));
};

/** c' = f∘c + i∘g, h' = o∘tanh(c'); gates holds the four blocks i f g o before their activations. gates [4H], c [H] */
export const lstmFromGates = (gates: Value, c: Value): { h: Value; c: Value } => {
  const H = c.data.length;
  const gate = (block: number): Value => slice(gates, block * H, [H]);
  const next = add(mul(sigmoid(gate(1)), c), mul(sigmoid(gate(0)), tanh(gate(2))));
  return { h: mul(sigmoid(gate(3)), tanh(next)), c: next };
};

const flat = (x: Value): Value => slice(x, 0, [x.data.length]);

export const oracleForward = ({ weights, controller, legacyWriteAddressing, input, target, dims }: OracleInput): OracleResult => {
  const { T, B, I, A, V, N, M } = dims;
  const parameters = new Map([...weights].map(([name, { shape, data }]) => [name, leaf(data, shape)]));
  const p: Named = (name) => {
    const found = parameters.get(name);
    if (found === undefined) throw new Error(`oracle: the weights lack ${name}`);
    return found;
  };
  if (input.length !== T * B * I || target.length !== A * B * V) throw new Error('oracle: input or target does not fit the dims');
  const heldWidth = p('fc.weight').shape[1] - M;
  if (heldWidth !== dims.H || p('read_head._initial_state').data.length !== N || p('memory.initial_read').data.length !== M || p('fc.bias').data.length !== V)
    throw new Error('oracle: the weights do not fit the dims');

  /** [x, r] and the controller's state → h and the next state */
  const control = (xr: Value, state: { h: Value; c: Value }): { h: Value; c: Value } => {
    const name = 'controller._controller';
    if (controller === 'feed-forward') {
      const layer = (n: number, x: Value): Value => relu(affine(p(`${name}.layer_${n}.weight`), x, p(`${name}.layer_${n}.bias`)));
      return { h: layer(2, layer(1, xr)), c: state.c };
    }
    const fromInput = affine(p(`${name}.layer.weight_ih_l0`), xr, p(`${name}.layer.bias_ih_l0`));
    const fromState = affine(p(`${name}.layer.weight_hh_l0`), state.h, p(`${name}.layer.bias_hh_l0`));
    return lstmFromGates(add(fromInput, fromState), state.c);
  };
  const firstState = (which: string): Value => (controller === 'lstm' ? flat(p(`controller._controller.lstm_${which}_state`)) : leaf([]));

  const outputs = new Float64Array(A * B * V);
  const readWeighting = new Float64Array((T + A) * B * N);
  const writeWeighting = new Float64Array((T + A) * B * N);
  const finalMemory = new Float64Array(B * N * M);
  const logits: Value[] = [];
  const targets: number[] = [];

  for (let b = 0; b < B; b++) {
    let memory = parameters.get('memory.initial_state') ?? leaf(new Float64Array(N * M).fill(1e-6), [N, M]);
    let r = flat(p('memory.initial_read'));
    let state = { h: firstState('h'), c: firstState('c') };
    let wRead = softmax(flat(p('read_head._initial_state')));
    let wWrite = softmax(flat(p('write_head._initial_state')));
    for (let t = 0; t < T + A; t++) {
      const x = leaf(Array.from({ length: I }, (_, i) => (t < T ? input[(t * B + b) * I + i] : 0)));
      state = control(concat([x, r]), state);
      const { h } = state;
      const before = legacyWriteAddressing ? wRead : wWrite;
      wRead = address(p, 'read_head', h, wRead, memory);
      r = read(wRead, memory);
      wWrite = address(p, 'write_head', h, before, memory);
      const e = sigmoid(affine(p('write_head.e_layer.weight'), h, p('write_head.e_layer.bias')));
      const a = affine(p('write_head.a_layer.weight'), h, p('write_head.a_layer.bias'));
      memory = write(memory, wWrite, e, a);
      readWeighting.set(wRead.data, (t * B + b) * N);
      writeWeighting.set(wWrite.data, (t * B + b) * N);
      if (t < T) continue;
      const logit = affine(p('fc.weight'), concat([h, r]), p('fc.bias'));
      const at = ((t - T) * B + b) * V;
      outputs.set(sigmoid(logit).data, at);
      logits.push(logit);
      for (let v = 0; v < V; v++) targets.push(target[at + v]);
    }
    finalMemory.set(memory.data, b * sizeOf([N, M]));
  }

  const loss = binaryCrossEntropy(concat(logits), targets);
  const learned = [...parameters].filter(([name]) => name !== 'memory.initial_state');
  const found = gradientsOf(loss, learned.map(([, value]) => value));
  const gradients = new Map(learned.map(([name], i) => [name, found[i]] as const));
  return { outputs, loss: loss.data[0], readWeighting, writeWeighting, finalMemory, gradients };
};
