/** Runs a whole model on a backend and hands back everything that PyTorch or the oracle can be asked for. */
import * as E from 'fp-ts/lib/Either.js';
import { type Backend, openMachine } from '../../src/gpu/backends.js';
import { recordTraining } from '../../src/model/ntm.js';
import type { Machine } from '../../src/program/machine.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { packParameters, unpackParameters } from '../../src/model/state-dict.js';
import { lossWeights, type Sequences } from './sequences.js';
import { columns, transposed } from './values.js';

export interface ModelCase extends Sequences {
  readonly shape: ModelShape;
  /** By PyTorch's names. */
  readonly weights: ReadonlyMap<string, { readonly data: ArrayLike<number> }>;
}

export interface ModelRun {
  readonly loss: number;
  readonly wrongBits: number;
  /** [T, B, V] */
  readonly outputs: Float32Array;
  /** [T, B, R, N] and [T, B, W, N]; empty without memory. */
  readonly readWeighting: ArrayLike<number>;
  readonly writeWeighting: ArrayLike<number>;
  /** After the last step, [B, N, M]. */
  readonly memory: Float32Array;
  /** By PyTorch's names. */
  readonly gradients: ReturnType<typeof unpackParameters>;
}

/** The sections of a training program that give the losses and all gradients. */
const DIFFERENTIATED = ['initialise', 'forward', 'backward', 'gradients'] as const;

/** On a machine of the training program; `weight` [T, B] in place of what the mask gives. */
export const runOn = async (machine: Machine, { shape, weights, batch, input, target, mask, weight }: ModelCase & { readonly weight?: Float32Array }): Promise<ModelRun> => {
  const { outputs: V, slots: N, width: M, readHeads: R, writeHeads: W } = shape;
  const steps = mask.length / batch;
  const hasMemory = shape.controller !== 'none';
  await machine.set('parameters', packParameters(shape, ({ name }) => weights.get(name)!.data));
  await machine.run({ steps, inputs: { x: input, target, weight: weight ?? lossWeights(mask, V) }, sections: DIFFERENTIATED });
  const [loss, wrongBits] = await machine.get('losses');
  const weighting = hasMemory ? await machine.rows('weighting', steps) : [];
  const memory = hasMemory ? await machine.rows('memory', steps) : new Float32Array(0);
  return {
    loss: loss!,
    wrongBits: wrongBits!,
    outputs: await machine.rows('y', steps),
    readWeighting: hasMemory ? columns(weighting, steps * batch, 0, R * N) : [],
    writeWeighting: hasMemory ? columns(weighting, steps * batch, R * N, W * N) : [],
    memory: transposed(memory.slice((steps - 1) * batch * M * N), M, N),
    gradients: unpackParameters(shape, await machine.get('gradient')),
  };
};

export const runModel = async (backend: Backend, given: ModelCase): Promise<ModelRun> => {
  const { shape, batch, mask } = given;
  const opened = await openMachine(backend, recordTraining(shape, 'rmsprop'), { batch, capacity: mask.length / batch })();
  if (E.isLeft(opened)) throw new Error(opened.left.message);
  try {
    return await runOn(opened.right, given);
  } finally {
    await opened.right.dispose();
  }
};
