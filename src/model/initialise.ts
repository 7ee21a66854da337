/**
 * Initial parameters, distributed as the seed's: LSTM weights U(±5/√(I+M+H)) and biases 0; linear
 * layers Xavier-uniform (gain 1.4 in the heads, 1 elsewhere) with biases N(0, 0.01); h_0 and c_0
 * N(0, 0.05), r_0 N(0, 0.01), head logits N(0, 1e-5).
 *
 * With these logits both heads begin spread evenly over slots that all hold the same, where content
 * cannot tell one from another and shifting changes nothing: they have to learn a place to start from
 * before they can learn what to do there. `focus` is added to the logit of the first slot and gives
 * them that place.
 */
import { sizeOf } from '../program/graph.js';
import { random, type Random } from '../random.js';
import type { ModelShape } from './shapes.js';
import { packParameters, type ParameterValues, stateEntries, type StateEntry } from './state-dict.js';

const deviationOf = ({ name }: StateEntry): number => {
  if (name.endsWith('_initial_state')) return 1e-5;
  if (name.endsWith('lstm_h_state') || name.endsWith('lstm_c_state')) return 0.05;
  return 0.01;
};

/** Bound of a weight's uniform distribution. */
const boundOf = ({ name, shape }: StateEntry, model: ModelShape): number => {
  if (name.includes('.layer.')) return 5 / Math.sqrt(model.inputs + model.width + model.hidden);
  const [results, inputs] = shape as readonly [number, number];
  return (name.includes('head') ? 1.4 : 1) * Math.sqrt(6 / (results + inputs));
};

/** `focus`: logit of the first slot in the initial weightings, above the others'; 0 as in the seed. */
export const initialParameters = (model: ModelShape, focus = 0): Random<ParameterValues> =>
  random(({ uniform, normal }) => {
    const values = new Map(
      stateEntries(model).map((entry) => {
        const bound = entry.name.includes('weight') ? boundOf(entry, model) : 0;
        const draw = entry.name.includes('layer.bias_') ? () => 0 : entry.name.includes('weight') ? () => uniform(-bound, bound) : () => normal(deviationOf(entry));
        const drawn = Float32Array.from({ length: sizeOf(entry.shape) }, draw);
        return [entry.name, entry.name.endsWith('head._initial_state') ? drawn.with(0, drawn[0]! + focus) : drawn];
      }),
    );
    return packParameters(model, ({ name }) => values.get(name)!);
  });
