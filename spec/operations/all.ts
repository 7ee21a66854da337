import { rectifier } from './activation.js';
import { content } from './content.js';
import { crossEntropy } from './cross-entropy.js';
import { gru } from './gru.js';
import { heads } from './heads.js';
import { initial } from './initial.js';
import { interpolation } from './interpolation.js';
import { linear } from './linear.js';
import { lstm } from './lstm.js';
import { memory } from './memory.js';
import type { Operation } from './operation.js';
import { adam, centredRmsprop, rmsprop } from './optimiser.js';
import { sharpening } from './sharpening.js';
import { shift } from './shift.js';
import { softmax } from './softmax.js';

/** Every operation, in the order of a step. */
export const OPERATIONS: readonly Operation[] = [initial, lstm, gru, rectifier, linear, heads, content, softmax, interpolation, shift, sharpening, memory, crossEntropy, rmsprop, centredRmsprop, adam];
