/** The GRU controller (kernels/gru.ts), of one layer or a stack of them. */
import { gru as kernels } from '../../../kernels/gru.js';
import type { Recorder, Tensor } from '../../program/graph.js';
import { initialGradient, initialState, linearBackward, linearForward, linearGradient, type LinearSaved, sumOf } from '../linear.js';
import { biasEntry, type Parameter, weightEntry } from '../parameters.js';
import { type ControllerKind, ROOT } from './controller.js';
import { type Cell, inspectStack, type Layer, type LayerSizes, pytorchBound, stackOf } from './stack.js';

export interface GruSaved {
  readonly fromInput: LinearSaved;
  readonly fromHidden: LinearSaved;
  /** W_hn·h_{t−1} + b_hn. */
  readonly b: Tensor;
  readonly reset: Tensor;
  readonly update: Tensor;
  readonly n: Tensor;
  readonly previous: Tensor;
}

export interface GruWeights {
  /** [inputs + 1, 3H] */
  readonly input: Tensor;
  /** [H + 1, 3H] */
  readonly hidden: Tensor;
}

/** h [H] from the input and h_{t−1} [H]. */
export const gruForward = (recorder: Recorder, weights: GruWeights, input: readonly Tensor[], previous: Tensor): { readonly h: Tensor; readonly saved: GruSaved } => {
  const [H] = previous.shape as readonly [number];
  const { out: fromInput, saved: inputSaved } = linearForward(recorder, weights.input, input);
  const { out: fromHidden, saved: hiddenSaved } = linearForward(recorder, weights.hidden, [previous]);
  const gates = recorder.apply(kernels.activate, { a: recorder.slice(fromInput, 0, [2, H]), b: recorder.slice(fromHidden, 0, [2, H]) });
  const [reset, update] = [recorder.slice(gates, 0, [H]), recorder.slice(gates, H, [H])];
  const b = recorder.slice(fromHidden, 2 * H, [H]);
  const n = recorder.apply(kernels.candidate, { a: recorder.slice(fromInput, 2 * H, [H]), b, reset });
  return { h: recorder.apply(kernels.hidden, { update, n, previous }), saved: { fromInput: inputSaved, fromHidden: hiddenSaved, b, reset, update, n, previous } };
};

/** da, db [3H] of the two products, and dh_{t−1} [H], from dh [H]. */
export const gruBackward = (recorder: Recorder, { fromHidden, b, reset, update, n, previous }: GruSaved, dh: Tensor) => {
  const [H] = previous.shape as readonly [number];
  const dn = recorder.apply(kernels.backwardCandidate, { update, n, dh });
  const dReset = recorder.apply(kernels.backwardReset, { reset, b, dn });
  const dUpdate = recorder.apply(kernels.backwardUpdate, { update, n, previous, dh });
  const da = recorder.join([dReset, dUpdate, dn]);
  const db = recorder.join([dReset, dUpdate, recorder.apply(kernels.backwardProduct, { reset, dn })]);
  return { da, db, dPrevious: recorder.apply(kernels.backwardPrevious, { update, dh, product: linearBackward(recorder, fromHidden, db, 0, H) }) };
};

const layer = ({ index, inputs, wanted, hidden: H }: LayerSizes): Layer => {
  const weights: Parameter = { name: `controller.weights${index}`, shape: [inputs + 1, 3 * H] };
  const recurrent: Parameter = { name: `controller.recurrent${index}`, shape: [H + 1, 3 * H] };
  const h0: Parameter = { name: `controller.h0.${index}`, shape: [H] };
  return {
    weights: [weights, recurrent],
    states: [h0],
    entries: (bound) => [
      weightEntry(`${ROOT}.layer.weight_ih_l${index}`, { parameter: weights, results: 3 * H, inputs }, bound),
      weightEntry(`${ROOT}.layer.weight_hh_l${index}`, { parameter: recurrent, results: 3 * H, inputs: H }, bound),
      biasEntry(`${ROOT}.layer.bias_ih_l${index}`, weights, 3 * H, inputs),
      biasEntry(`${ROOT}.layer.bias_hh_l${index}`, recurrent, 3 * H, H),
    ],
    forward: (recorder, parameter, input) => {
      recorder.section('initialise');
      const hidden = recorder.carryForward(initialState(recorder, parameter(h0), [H]), `h${index}`);
      recorder.section('forward');
      const { h, saved } = gruForward(recorder, { input: parameter(weights), hidden: parameter(recurrent) }, input, hidden.previous);
      hidden.bind(h);
      return {
        h,
        backward: () => {
          const next = recorder.carryBackward(`next step’s dh of layer ${index}`, [H]);
          const reading = index === 0 && wanted > 0 ? recorder.carryBackward('next step’s dr', [wanted]) : null;
          return {
            dNext: reading?.next ?? null,
            step: (asked) => {
              const { da, db, dPrevious } = gruBackward(recorder, saved, sumOf(recorder, [...asked, next.next]));
              next.bind(dPrevious);
              const dInput = wanted === 0 ? null : linearBackward(recorder, saved.fromInput, da, inputs - wanted, wanted);
              if (dInput) reading?.bind(dInput);
              return {
                dInput,
                gradients: (into) => {
                  linearGradient(recorder, into(weights), saved.fromInput, da);
                  linearGradient(recorder, into(recurrent), saved.fromHidden, db);
                  initialGradient(recorder, into(h0), dPrevious);
                },
              };
            },
          };
        },
      };
    },
  };
};

const cell: Cell = { layer, states: ['gru_h_state'], bound: pytorchBound };

export const gru: ControllerKind = {
  hasMemory: true,
  recurrent: true,
  create: stackOf(cell),
  inspect: (shapeOf) => inspectStack(shapeOf, cell.states[0]!),
};
