/**
 * The whole family in float64, one sequence at a time (design.md, "One step, in this order"): any
 * number of read and write heads and of taps, every controller, and the baseline without memory. The
 * architecture is read off the weights' names and shapes. Gradients come from `tensor.ts`, none is
 * derived here.
 */
import { type Controller, controllerOf, type Weights } from './controllers.js';
import { add, addTo, affine, binaryCrossEntropy, concat, cosine, erase, gradientsOf, leaf, mul, read, scale, sharpen, shift, sigmoid, slice, softmax, softplus, type Value } from './tensor.js';

export interface OracleTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

export interface OracleInput {
  /** Named as the PyTorch state dict. Memory starts at `memory.initial_state` [N, M], or 1e-6 without one. */
  readonly weights: ReadonlyMap<string, OracleTensor>;
  /** One head each: the write head addresses from the read head's previous weighting. */
  readonly legacyWriteAddressing?: boolean;
  /** B */
  readonly batch: number;
  /** [T, B, I] */
  readonly input: ArrayLike<number>;
  /** [T, B, V] */
  readonly target: ArrayLike<number>;
  /** [T, B]: 1 where an answer counts. */
  readonly mask: ArrayLike<number>;
}

export interface OracleResult {
  /** Probabilities [T, B, V] */
  readonly outputs: Float64Array;
  /** Mean binary cross-entropy over the bits whose mask is 1, from logits. */
  readonly loss: number;
  /** [T, B, R, N] and [T, B, W, N]; empty without memory. */
  readonly readWeighting: Float64Array;
  readonly writeWeighting: Float64Array;
  /** [B, N, M] */
  readonly finalMemory: Float64Array;
  /** d loss / d weight, for every given weight, `memory.initial_state` included. */
  readonly gradients: () => ReadonlyMap<string, Float64Array>;
}

/** γ, β, g, s and k from h, then w_c → w_g → w̃ → w (§3.3). h [H], previous [N], memory [N, M] → [N] */
const address = ({ get }: Weights, head: string, h: Value, previous: Value, memory: Value): Value => {
  const layer = (name: string): Value => affine(get(`${head}.${name}_layer.weight`), h, get(`${head}.${name}_layer.bias`));
  const g = sigmoid(layer('g'));
  const content = softmax(mul(cosine(layer('k'), memory), softplus(layer('beta'))));
  const gated = add(mul(content, g), mul(previous, scale(g, -1, 1)));
  return sharpen(shift(gated, softmax(layer('s'))), scale(softplus(layer('gamma')), 1, 1));
};

const flat = (x: Value): Value => slice(x, 0, [x.data.length]);

/** `read_head`, or `read_heads.0`, `read_heads.1`, …; none without memory. */
const headsOf = ({ has }: Weights, kind: 'read' | 'write'): readonly string[] => {
  if (has(`${kind}_head._initial_state`)) return [`${kind}_head`];
  const several = Array.from({ length: 100 }, (_, i) => `${kind}_heads.${i}`);
  return several.slice(0, several.findIndex((head) => !has(`${head}._initial_state`)));
};

/** What a sequence carries from step to step. */
interface State {
  readonly controller: Controller['initial'];
  readonly memory: Value;
  /** One per read head. */
  readonly r: readonly Value[];
  readonly readWeightings: readonly Value[];
  readonly writeWeightings: readonly Value[];
}

const sequence = (weights: Weights, legacy: boolean) => {
  const controller = controllerOf(weights);
  const [readers, writers] = [headsOf(weights, 'read'), headsOf(weights, 'write')];
  if (legacy && (readers.length !== 1 || writers.length !== 1)) throw new Error('oracle: legacy write addressing is for one head each');
  const weightings = (heads: readonly string[]): readonly Value[] => heads.map((head) => softmax(flat(weights.get(`${head}._initial_state`))));
  const N = readers.length > 0 ? weights.get(`${readers[0]}._initial_state`).data.length : 0;
  const M = readers.length > 0 ? weights.get('memory.initial_read').shape[1] : 0;
  const blank = (): Value => (weights.has('memory.initial_state') ? weights.get('memory.initial_state') : leaf(new Float64Array(N * M).fill(1e-6), [N, M]));

  const start = (): State => ({
    controller: controller.initial,
    memory: blank(),
    r: readers.map((_, i) => slice(weights.get('memory.initial_read'), i * M, [M])),
    readWeightings: weightings(readers),
    writeWeightings: weightings(writers),
  });

  const step = (x: Value, before: State): { readonly logits: Value; readonly state: State } => {
    const { h, state } = controller.step(concat([x, ...before.r]), before.controller);
    const { memory } = before;
    const readWeightings = readers.map((head, i) => address(weights, head, h, before.readWeightings[i], memory));
    const writeWeightings = writers.map((head, i) => address(weights, head, h, (legacy ? before.readWeightings : before.writeWeightings)[i], memory));
    const layer = (head: string, name: string): Value => affine(weights.get(`${head}.${name}_layer.weight`), h, weights.get(`${head}.${name}_layer.bias`));
    const erased = writers.reduce((m, head, i) => erase(m, writeWeightings[i], sigmoid(layer(head, 'e'))), memory);
    const written = writers.reduce((m, head, i) => addTo(m, writeWeightings[i], layer(head, 'a')), erased);
    const r = readWeightings.map((w) => read(w, memory));
    const logits = affine(weights.get('fc.weight'), concat([h, ...r]), weights.get('fc.bias'));
    return { logits, state: { controller: state, memory: written, r, readWeightings, writeWeightings } };
  };
  return { start, step, R: readers.length, W: writers.length, N, M };
};

export const oracleForward = ({ weights: given, legacyWriteAddressing = false, batch: B, input, target, mask }: OracleInput): OracleResult => {
  const parameters = new Map([...given].map(([name, { shape, data }]) => [name, leaf(data, shape)]));
  const weights: Weights = {
    has: (name) => parameters.has(name),
    get: (name) => {
      const found = parameters.get(name);
      if (found === undefined) throw new Error(`oracle: the weights lack ${name}`);
      return found;
    },
  };
  const { start, step, R, W, N, M } = sequence(weights, legacyWriteAddressing);
  const [T, V] = [mask.length / B, weights.get('fc.bias').data.length];
  const I = input.length / mask.length;
  if (!Number.isInteger(T) || !Number.isInteger(I) || target.length !== T * B * V) throw new Error(`oracle: input, target and mask of ${input.length}, ${target.length} and ${mask.length} numbers for ${B} sequences`);

  const outputs = new Float64Array(T * B * V);
  const readWeighting = new Float64Array(T * B * R * N);
  const writeWeighting = new Float64Array(T * B * W * N);
  const finalMemory = new Float64Array(B * N * M);
  const judged: Value[] = [];
  const targets: number[] = [];

  for (let b = 0; b < B; b++) {
    let state = start();
    for (let t = 0; t < T; t++) {
      const row = t * B + b;
      const next = step(leaf(Array.from({ length: I }, (_, i) => input[row * I + i])), state);
      state = next.state;
      outputs.set(sigmoid(next.logits).data, row * V);
      state.readWeightings.forEach((w, i) => readWeighting.set(w.data, (row * R + i) * N));
      state.writeWeightings.forEach((w, i) => writeWeighting.set(w.data, (row * W + i) * N));
      if (mask[row] === 0) continue;
      judged.push(next.logits);
      for (let v = 0; v < V; v++) targets.push(target[row * V + v]);
    }
    finalMemory.set(state.memory.data, b * N * M);
  }

  const loss = binaryCrossEntropy(concat(judged), targets);
  const gradients = (): ReadonlyMap<string, Float64Array> => {
    const found = gradientsOf(loss, [...parameters.values()]);
    return new Map([...parameters.keys()].map((name, i) => [name, found[i]]));
  };
  return { outputs, loss: loss.data[0], readWeighting, writeWeighting, finalMemory, gradients };
};
