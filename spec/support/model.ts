/** Runs a whole model on a backend and hands back everything that PyTorch or the oracle can be asked for. */
import { type Backend, openMachine } from '../../src/gpu/backends.js';
import { infer } from '../../src/evaluation/infer.js';
import { recordTraining } from '../../src/model/ntm.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { type ParameterValues, packParameters, unpackParameters } from '../../src/model/state-dict.js';
import { getAll, parameterNames, setAll } from '../../src/training/learner.js';
import { lossWeights } from '../../src/tasks/task.js';

export interface ModelCase {
  readonly shape: ModelShape;
  /** By PyTorch's names. */
  readonly weights: (name: string) => ArrayLike<number>;
  /** [inputSteps, batch, I]. */
  readonly input: Float32Array;
  /** [answerSteps, batch, V]. */
  readonly target: Float32Array;
  readonly batch: number;
  readonly inputSteps: number;
  readonly answerSteps: number;
}

export interface ModelRun {
  readonly loss: number;
  /** [answerSteps, batch, V]. */
  readonly outputs: Float32Array;
  /** [steps, batch, N]. */
  readonly readWeighting: Float32Array;
  readonly writeWeighting: Float32Array;
  /** [batch, N, M]. */
  readonly memory: Float32Array;
  readonly gradients: ReturnType<typeof unpackParameters>;
}

const extend = (values: Float32Array, at: number, length: number): Float32Array => {
  const all = new Float32Array(length);
  all.set(values, at);
  return all;
};

export const runModel = async (backend: Backend, { shape, weights, input, target, batch, inputSteps, answerSteps }: ModelCase): Promise<ModelRun> => {
  const steps = inputSteps + answerSteps;
  const opened = await openMachine(backend, recordTraining(shape, 'rmsprop'), { batch, capacity: steps })();
  if (opened._tag === 'Left') throw new Error(opened.left.message);
  const machine = opened.right;
  const parameters: ParameterValues = packParameters(shape, ({ name }) => weights(name));
  const x = extend(input, 0, steps * batch * shape.inputs);
  const given = { batch, inputSteps, answerSteps, x, target: extend(target, inputSteps * batch * shape.outputs, steps * batch * shape.outputs) };
  await setAll(machine, parameters);
  await machine.run({ steps, inputs: { x, target: given.target, weight: lossWeights(given, shape.outputs) }, sections: ['initialise', 'forward', 'backward', 'gradients'] });
  const gradients = await getAll(machine, parameterNames(shape).map((name) => `d${name}`));
  const [loss] = await machine.get('losses');
  const { outputs, readWeighting, writeWeighting, memory } = await infer(machine, { shape, parameters }, input, answerSteps);
  await machine.dispose();
  const byParameter = Object.fromEntries(Object.entries(gradients).map(([name, values]) => [name.slice(1), values]));
  return { loss: loss!, outputs, readWeighting, writeWeighting, memory, gradients: unpackParameters(shape, byParameter) };
};
