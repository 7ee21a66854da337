/** All laws, by what they are about. */
import { activationLaws } from './activations.js';
import { addressingLaws } from './addressing.js';
import { fileLaws } from './files.js';
import type { Law } from './law.js';
import { machineLaws } from './machines.js';
import { memoryLaws } from './memory.js';
import { modelLaws } from './model.js';
import { operationLaws } from './operations.js';
import { optimiserLaws } from './optimiser.js';
import { runLaws } from './runs.js';

export const LAWS = {
  operations: operationLaws,
  addressing: addressingLaws,
  memory: memoryLaws,
  activations: activationLaws,
  model: modelLaws,
  optimiser: optimiserLaws,
  machines: machineLaws,
  runs: runLaws,
  files: fileLaws,
} as const satisfies Readonly<Record<string, readonly Law[]>>;
