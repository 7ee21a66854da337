/** The paper's baseline: stacked LSTM layers and an output layer, no memory. */
import type { ControllerKind } from './controller.js';
import { lstm } from './lstm.js';
import { inspectStack } from './stack.js';

export const none: ControllerKind = {
  hasMemory: false,
  recurrent: true,
  create: lstm.create,
  inspect: (shapeOf) => (shapeOf('memory.initial_read') ? null : inspectStack(shapeOf, 'lstm_h_state')),
};
