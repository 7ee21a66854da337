/** The feed-forward controller: two rectified layers on [x_t, r_{t−1}] (the seed's). */
import { activation } from '../../../kernels/activation.js';
import { linearBackward, linearForward, linearGradient, sumOf } from '../linear.js';
import { layerEntries, type Parameter } from '../parameters.js';
import type { ModelShape } from '../shapes.js';
import { type Controller, type ControllerKind, type Gradients, readsOf, ROOT } from './controller.js';

const create = (shape: ModelShape): Controller => {
  const { inputs: I, hidden: H } = shape;
  const reads = readsOf(shape);
  const weights1: Parameter = { name: 'controller.weights1', shape: [I + reads + 1, H] };
  const weights2: Parameter = { name: 'controller.weights2', shape: [H + 1, H] };
  return {
    parameters: [weights1, weights2],
    entries: [
      ...layerEntries(`${ROOT}.layer_1`, { parameter: weights1, results: H, inputs: I + reads }),
      ...layerEntries(`${ROOT}.layer_2`, { parameter: weights2, results: H, inputs: H }),
    ],
    forward: (recorder, parameter, input) => {
      const first = linearForward(recorder, parameter(weights1), input);
      const h1 = recorder.apply(activation.rectifier, { z: first.out });
      const second = linearForward(recorder, parameter(weights2), [h1]);
      const h = recorder.apply(activation.rectifier, { z: second.out });
      return {
        h,
        backward: () => {
          const next = recorder.carryBackward('next step’s dr', [reads]);
          return {
            dNext: next.next,
            step: (dh) => {
              const dz2 = recorder.apply(activation.backwardRectifier, { y: h, dy: sumOf(recorder, dh) });
              const dz1 = recorder.apply(activation.backwardRectifier, { y: h1, dy: linearBackward(recorder, second.saved, dz2, 0, H) });
              const dRead = linearBackward(recorder, first.saved, dz1, I, reads);
              next.bind(dRead);
              const gradients: Gradients = (into) => {
                linearGradient(recorder, into(weights1), first.saved, dz1);
                linearGradient(recorder, into(weights2), second.saved, dz2);
              };
              return { dRead, gradients };
            },
          };
        },
      };
    },
  };
};

export const feedForward: ControllerKind = {
  hasMemory: true,
  recurrent: false,
  create,
  inspect: (shapeOf) => {
    const weight = shapeOf(`${ROOT}.layer_1.weight`);
    return weight?.length === 2 ? { inputs: weight[1]!, hidden: weight[0]!, layers: 1 } : null;
  },
};
