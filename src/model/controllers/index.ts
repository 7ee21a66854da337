/** All controllers, by the name that a configuration gives them. */
import type { ControllerKind } from './controller.js';
import { feedForward } from './feed-forward.js';
import { gru } from './gru.js';
import { lstm } from './lstm.js';
import { none } from './none.js';

/** LSTM and GRU of any number of layers, two layers of ReLU, or the LSTM without memory. */
export type ControllerName = 'lstm' | 'feed-forward' | 'gru' | 'none';

export const controllers: Readonly<Record<ControllerName, ControllerKind>> = { lstm, 'feed-forward': feedForward, gru, none };

/** The names of the controllers. */
export const CONTROLLERS = Object.keys(controllers) as readonly ControllerName[];
