/**
 * The controllers in float64, recognised by PyTorch's names and shapes. Each turns the numbers of one
 * step and a state into h and the next state; the state begins at learned values or is empty.
 */
import { add, affine, mul, relu, scale, sigmoid, slice, tanh, type Value } from './tensor.js';

/** The weights by name; throws one line where one is missing. */
export interface Weights {
  readonly get: (name: string) => Value;
  readonly has: (name: string) => boolean;
}

/** One value per layer and kind of state. */
type State = readonly Value[];

export interface Controller {
  /** H */
  readonly hidden: number;
  readonly initial: State;
  readonly step: (x: Value, state: State) => { readonly h: Value; readonly state: State };
}

const ROOT = 'controller._controller';

/** c' = f∘c + i∘g, h' = o∘tanh(c'); gates holds the four blocks i f g o before their activations. gates [4H], c [H] */
export const lstmFromGates = (gates: Value, c: Value): { readonly h: Value; readonly c: Value } => {
  const H = c.data.length;
  const gate = (block: number): Value => slice(gates, block * H, [H]);
  const next = add(mul(sigmoid(gate(1)), c), mul(sigmoid(gate(0)), tanh(gate(2))));
  return { h: mul(sigmoid(gate(3)), tanh(next)), c: next };
};

/**
 * h' = (1 − z)∘n + z∘h, n = tanh(n_x + r∘n_h); both arguments hold the blocks r z n before their
 * activations, of W_ih·x + b_ih and of W_hh·h + b_hh. [3H] each, h [H]
 */
export const gruFromGates = (fromInput: Value, fromState: Value, h: Value): Value => {
  const H = h.data.length;
  const block = (of: Value, which: number): Value => slice(of, which * H, [H]);
  const gate = (which: number): Value => sigmoid(add(block(fromInput, which), block(fromState, which)));
  const [r, z] = [gate(0), gate(1)];
  const n = tanh(add(block(fromInput, 2), mul(r, block(fromState, 2))));
  return add(mul(scale(z, -1, 1), n), mul(z, h));
};

const feedForward = ({ get }: Weights): Controller => {
  const layer = (n: number, x: Value): Value => relu(affine(get(`${ROOT}.layer_${n}.weight`), x, get(`${ROOT}.layer_${n}.bias`)));
  return { hidden: get(`${ROOT}.layer_2.weight`).shape[0], initial: [], step: (x) => ({ h: layer(2, layer(1, x)), state: [] }) };
};

/** Layers on top of each other: h of one is the input of the next. */
const recurrent = ({ get, has }: Weights): Controller => {
  const L = Array.from({ length: 100 }, (_, l) => l).findIndex((l) => !has(`${ROOT}.layer.weight_ih_l${l}`));
  const hidden = get(`${ROOT}.layer.weight_hh_l0`).shape[1];
  const lstm = get(`${ROOT}.layer.weight_hh_l0`).shape[0] === 4 * hidden;
  const layers = (name: string): State => Array.from({ length: L }, (_, l) => slice(get(`${ROOT}.${name}`), l * hidden, [hidden]));
  const gates = (which: 'ih' | 'hh', l: number, x: Value): Value => affine(get(`${ROOT}.layer.weight_${which}_l${l}`), x, get(`${ROOT}.layer.bias_${which}_l${l}`));
  return {
    hidden,
    initial: lstm ? [...layers('lstm_h_state'), ...layers('lstm_c_state')] : layers('gru_h_state'),
    step: (x, state) => {
      const next: Value[] = [];
      let h = x;
      for (let l = 0; l < L; l++) {
        const [fromInput, fromState] = [gates('ih', l, h), gates('hh', l, state[l])];
        const result = lstm ? lstmFromGates(add(fromInput, fromState), state[L + l]) : { h: gruFromGates(fromInput, fromState, state[l]) };
        h = next[l] = result.h;
        if ('c' in result) next[L + l] = result.c;
      }
      return { h, state: next };
    },
  };
};

export const controllerOf = (weights: Weights): Controller => (weights.has(`${ROOT}.layer_1.weight`) ? feedForward(weights) : recurrent(weights));

