/** PyTorch's names and shapes of a model's weights (../shared/baseline/ntm_pytorch.py; GRU: ../fixtures/make-gru.py). */
export interface Architecture {
  /** `none`: L stacked LSTM layers and an output layer, no memory; N, M, R, W and S then mean nothing. */
  readonly controller: 'lstm' | 'feed-forward' | 'gru' | 'none';
  readonly I: number;
  readonly V: number;
  readonly H: number;
  readonly L: number;
  readonly N: number;
  readonly M: number;
  readonly R: number;
  readonly W: number;
  readonly S: number;
}

type Named = readonly [name: string, shape: readonly number[]];

const layer = (name: string, results: number, inputs: number): readonly Named[] => [[`${name}.weight`, [results, inputs]], [`${name}.bias`, [results]]];

const ROOT = 'controller._controller';

/** Layers of an LSTM (4 gates) or a GRU (3). */
const recurrent = (gates: number, states: readonly string[], width: number, { H, L }: Architecture): readonly Named[] => [
  ...states.map((state): Named => [`${ROOT}.${state}`, [L, 1, H]]),
  ...Array.from({ length: L }, (_, l): readonly Named[] => [
    [`${ROOT}.layer.weight_ih_l${l}`, [gates * H, l === 0 ? width : H]],
    [`${ROOT}.layer.weight_hh_l${l}`, [gates * H, H]],
    [`${ROOT}.layer.bias_ih_l${l}`, [gates * H]],
    [`${ROOT}.layer.bias_hh_l${l}`, [gates * H]],
  ]).flat(),
];

const controllerNames = (model: Architecture, width: number): readonly Named[] => {
  if (model.controller === 'feed-forward') return [...layer(`${ROOT}.layer_1`, model.H, width), ...layer(`${ROOT}.layer_2`, model.H, model.H)];
  return model.controller === 'gru' ? recurrent(3, ['gru_h_state'], width, model) : recurrent(4, ['lstm_h_state', 'lstm_c_state'], width, model);
};

const headNames = (kind: 'read' | 'write', count: number, { H, N, M, S }: Architecture): readonly Named[] =>
  Array.from({ length: count }, (_, i): readonly Named[] => {
    const name = count === 1 ? `${kind}_head` : `${kind}_heads.${i}`;
    const parts = { k: M, beta: 1, g: 1, s: S, gamma: 1, ...(kind === 'write' ? { e: M, a: M } : {}) };
    return [[`${name}._initial_state`, [1, N]], ...Object.entries(parts).flatMap(([part, size]) => layer(`${name}.${part}_layer`, size, H))];
  }).flat();

/** Every learned tensor but `memory.initial_state` [N, M], which is one where memory is learned. */
export const pytorchShapes = (model: Architecture): readonly Named[] => {
  const { controller, I, V, H, M, R, W } = model;
  if (controller === 'none') return [...controllerNames(model, I), ...layer('fc', V, H)];
  return [...controllerNames(model, I + R * M), ['memory.initial_read', [R, M]], ...headNames('read', R, model), ...headNames('write', W, model), ...layer('fc', V, H + R * M)];
};
