/** The LSTM controller (kernels/lstm.ts), of one layer or a stack of them. */
import { lstm as kernels } from '../../../kernels/lstm.js';
import { type Recorder, type Tensor } from '../../program/graph.js';
import { initialGradient, initialState, linearBackward, linearForward, linearGradient, type LinearSaved, sumOf } from '../linear.js';
import { biasEntry, type Parameter, weightEntry } from '../parameters.js';
import type { ModelShape } from '../shapes.js';
import { type ControllerKind, readsOf, ROOT } from './controller.js';
import { type Cell, inspectStack, type Layer, type LayerSizes, pytorchBound, stackOf } from './stack.js';

export interface LstmSaved {
  readonly product: LinearSaved;
  readonly gates: Tensor;
  readonly c: Tensor;
  readonly previous: Tensor;
}

/** h, c [H] from z = [input, h_{t−1}, 1, 1]·weights and c_{t−1} [H]; weights [inputs + H + 2, 4H]. */
export const lstmForward = (
  recorder: Recorder,
  weights: Tensor,
  input: readonly Tensor[],
  previousH: Tensor,
  previous: Tensor,
): { readonly h: Tensor; readonly c: Tensor; readonly saved: LstmSaved } => {
  const [H] = previous.shape as readonly [number];
  const { out: z, saved: product } = linearForward(recorder, weights, [...input, previousH], 2);
  const gates = recorder.apply(kernels.activate, { z: recorder.slice(z, 0, [4, H]) });
  const c = recorder.apply(kernels.cell, { gates, previous });
  return { h: recorder.apply(kernels.hidden, { gates, c }), c, saved: { product, gates, c, previous } };
};

/**
 * dz [4H], dc_{t−1} [H] and the gradient of the product's input from its number `from` on, from dh [H] and
 * what step t+1 asks of c_t.
 */
export const lstmBackward = (recorder: Recorder, { product, gates, c, previous }: LstmSaved, dh: Tensor, forgotten: Tensor, from: number) => {
  const [H] = previous.shape as readonly [number];
  const [inputs] = product.weights.shape as readonly [number, number];
  const dc = recorder.apply(kernels.backwardCell, { gates, c, dh, forgotten });
  const dz = recorder.slice(recorder.apply(kernels.backwardGates, { gates, previous, c, dh, dc }), 0, [4 * H]);
  return { dz, dPrevious: recorder.apply(kernels.backwardPrevious, { gates, dc }), dInput: linearBackward(recorder, product, dz, from, inputs - 2 - from) };
};

const layer = ({ index, inputs, wanted, hidden: H }: LayerSizes): Layer => {
  const weights: Parameter = { name: `controller.weights${index}`, shape: [inputs + H + 2, 4 * H] };
  const h0: Parameter = { name: `controller.h0.${index}`, shape: [H] };
  const c0: Parameter = { name: `controller.c0.${index}`, shape: [H] };
  return {
    weights: [weights],
    states: [h0, c0],
    entries: (bound) => [
      weightEntry(`${ROOT}.layer.weight_ih_l${index}`, { parameter: weights, results: 4 * H, inputs }, bound),
      weightEntry(`${ROOT}.layer.weight_hh_l${index}`, { parameter: weights, results: 4 * H, inputs: H, row: inputs }, bound),
      biasEntry(`${ROOT}.layer.bias_ih_l${index}`, weights, 4 * H, inputs + H),
      biasEntry(`${ROOT}.layer.bias_hh_l${index}`, weights, 4 * H, inputs + H + 1),
    ],
    forward: (recorder, parameter, input) => {
      recorder.section('initialise');
      const hidden = recorder.carryForward(initialState(recorder, parameter(h0), [H]), `h${index}`);
      const cell = recorder.carryForward(initialState(recorder, parameter(c0), [H]), `c${index}`);
      recorder.section('forward');
      const { h, c, saved } = lstmForward(recorder, parameter(weights), input, hidden.previous, cell.previous);
      hidden.bind(h);
      cell.bind(c);
      return {
        h,
        backward: () => {
          const next = recorder.carryBackward(`next step’s d[input, h] of layer ${index}`, [wanted + H]);
          const forgetting = recorder.carryBackward(`forgotten dc of layer ${index}`, [H]);
          const input = (d: Tensor): Tensor | null => (wanted === 0 ? null : recorder.slice(d, 0, [wanted]));
          return {
            dNext: index === 0 ? input(next.next) : null,
            step: (asked) => {
              const dh = sumOf(recorder, [...asked, recorder.slice(next.next, wanted, [H])]);
              const { dz, dPrevious, dInput } = lstmBackward(recorder, saved, dh, forgetting.next, inputs - wanted);
              next.bind(dInput);
              forgetting.bind(dPrevious);
              return {
                dInput: input(dInput),
                gradients: (into) => {
                  linearGradient(recorder, into(weights), saved.product, dz);
                  initialGradient(recorder, into(h0), recorder.slice(dInput, wanted, [H]));
                  initialGradient(recorder, into(c0), dPrevious);
                },
              };
            },
          };
        },
      };
    },
  };
};

/** One layer as the seed's; so large weights in several leave copy unsolved, where PyTorch's own solve it as fast as one layer does. */
const bound = (shape: ModelShape): number => (shape.layers === 1 ? 5 / Math.sqrt(shape.inputs + readsOf(shape) + shape.hidden) : pytorchBound(shape));

const cell: Cell = { layer, states: ['lstm_h_state', 'lstm_c_state'], bound };

export const lstm: ControllerKind = {
  hasMemory: true,
  recurrent: true,
  create: stackOf(cell),
  inspect: (shapeOf) => (shapeOf('memory.initial_read') ? inspectStack(shapeOf, cell.states[0]!) : null),
};
