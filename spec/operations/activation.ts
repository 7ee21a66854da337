/** kernels/activation.ts: the feed-forward controller's rectifier; the other functions with the heads' parameters (heads.ts). */
import { activation as kernels } from '../../kernels/activation.js';
import { activation } from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { uniforms } from '../support/values.js';
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
  draw: (draw, { batch, H }) => ({ z: uniforms(draw, batch * H).with(0, 0), dy: uniforms(draw, batch * H) }), // at 0 the slope is 0
  given: (inputs) => ({ inputs }),
  compare: ({ z, dy }, actual) => {
    const { out, gradients } = activation('relu', { x: z });
    return [forward('y', actual.y, out), backward('dz', actual.dz, gradients(dy).dx)];
  },
};
