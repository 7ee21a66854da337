/**
 * Initial parameters. Every part of a model says how its own are drawn, as the seed's: weights of an LSTM
 * layer U(±5/√(I + R·M + H)) and biases 0; linear layers Xavier-uniform (gain 1.4 in the heads, 1
 * elsewhere) with biases N(0, 0.01); h_0 and c_0 N(0, 0.05), r_0 N(0, 0.01), head logits N(0, 1e-5). What
 * the seed has not, LSTM layers on top of one another and GRUs, as PyTorch's: weights U(±1/√H).
 *
 * With these logits the heads begin spread evenly over slots that all hold the same, where content
 * cannot tell one from another and shifting changes nothing: they have to learn a place to start from
 * before they can learn what to do there. `focus` is added to the logit of the first slot and gives
 * them that place. `strength` is added to the bias of β: a key of strength 0.7 hardly tells one of 128 slots
 * from another, and a head that never finds by content does not learn to. `advance` is added, in the writing
 * heads, to the bias of the shift by one slot on, and taken from that of the gate: they begin by writing slot
 * after slot. `match` is the share of a writing head's a that a reading head's k begins with: at 1 the key for
 * an h_t is what h_t would write, so that reading heads find where the like of it was written.
 */
import { sizeOf } from '../program/graph.js';
import { random, type Random } from '../random.js';
import type { ModelShape } from './shapes.js';
import type { Beginning } from './parameters.js';
import { packParameters, type ParameterValues, stateEntries } from './state-dict.js';

const AS_THE_SEED: Beginning = { focus: 0, strength: 0, advance: 0, match: 0 };

/** `focus`: logit of the first slot in the initial weightings, above the others'; `strength`, `advance`: biases; `match`: from 0 to 1. [parameterCount]. */
export const initialParameters = (model: ModelShape, given: Partial<Beginning> = {}): Random<ParameterValues> =>
  random((draw) => {
    const beginning = { ...AS_THE_SEED, ...given };
    const { match } = beginning;
    const values = new Map(stateEntries(model).map((entry) => [entry.name, Array.from({ length: sizeOf(entry.shape) }, (_, i) => entry.draw(draw, i, beginning))]));
    return packParameters(model, ({ name, like }) => {
      const own = values.get(name)!;
      return like === undefined || match === 0 ? own : values.get(like)!.map((value, i) => match * value + (1 - match) * own[i]!);
    });
  });
