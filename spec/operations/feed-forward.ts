/** kernels/feed-forward.ts. */
import { rectifier as kernels } from '../../kernels/feed-forward.js';
import { activation } from '../oracle/operations.js';
import { backward, forward } from '../support/tolerances.js';
import { columns, uniforms } from '../support/values.js';
import type { Operation } from './operation.js';

export const rectifier: Operation = {
  name: 'rectifier',
  record: (g, { H, M }) => {
    const [z, dy, fromOutput, fromHeads] = [g.input('z', [H]), g.input('dy', [H]), g.input('fromOutput', [H + M]), g.input('fromHeads', [H])];
    g.section('forward');
    const y = g.apply(kernels.forward, [z], [H]);
    g.expose('y', y);
    g.expose('first', g.apply(kernels.backward, [y, dy], [H]));
    g.expose('second', g.apply(kernels.backwardOutput, [y, fromOutput, fromHeads], [H]));
  },
  draw: (draw, { batch, H, M }) => ({
    z: uniforms(draw, batch * H).with(0, 0), // at 0 the slope is 0
    dy: uniforms(draw, batch * H),
    fromOutput: uniforms(draw, batch * (H + M)),
    fromHeads: uniforms(draw, batch * H),
  }),
  given: (inputs) => ({ inputs }),
  compare: ({ z, dy, fromOutput, fromHeads }, actual, { batch, H }) => {
    const { out, gradients } = activation('relu', { x: z });
    const both = columns(fromOutput, batch, 0, H).map((v, i) => v + fromHeads[i]);
    return [forward('y', actual.y, out), backward('dz of the first layer', actual.first, gradients(dy).dx), backward('dz of the second layer', actual.second, gradients(both).dx)];
  },
};
