/** kernels/activation.ts: the feed-forward controller's rectifier; the other functions with the heads' parameters (heads.ts). */
import { activation as kernels } from '../../kernels/activation.js';
import { numbers } from '../arbitraries/numbers.js';
import { activation } from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import type { Operation } from './operation.js';

export const rectifier: Operation = {
  name: 'rectifier',
  record: (recorder, { H }) => {
    const [z, dy] = [recorder.input('z', [H]), recorder.input('dy', [H])];
    recorder.section('forward');
    const y = recorder.apply(kernels.rectifier, { z });
    recorder.expose('y', y);
    recorder.expose('dz', recorder.apply(kernels.backwardRectifier, { y, dy }));
  },
  values: ({ batch, H }) => ({ z: numbers(batch * H).map((z) => z.with(0, 0)), dy: numbers(batch * H) }), // at 0 the slope is 0
  given: (inputs) => ({ inputs }),
  compare: ({ z, dy }, actual) => {
    const { out, gradients } = activation('relu', { x: z });
    return [forward('y', actual.y, out), backward('dz', actual.dz, gradients(dy).dx)];
  },
};
