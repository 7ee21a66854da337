/**
 * One step as a function of the state before it: what is looked at, and changed, between steps. The same
 * forward pass as of {@link recordInference}, whose states are inputs here instead of being handed on.
 */
import { activation } from '../../kernels/activation.js';
import { interpolation } from '../../kernels/interpolation.js';
import { type Program, record, type Recorder, type Shape, sizeOf, type Tensor } from '../program/graph.js';
import { type HeadParameter, type HeadTensors } from './heads.js';
import { view } from './linear.js';
import { exposeStages, stepForward } from './ntm.js';
import { slicesOf } from './parameters.js';
import { partsOf } from './parts.js';
import type { ModelShape } from './shapes.js';

/** A state that steps hand on, by its name and the shape of one row. */
export interface State {
  readonly name: string;
  readonly shape: Shape;
}

/** A program of one step, the states that it carries and the parameters that may be forced. */
export interface StepProgram {
  readonly program: Program;
  readonly states: readonly State[];
  /** The heads' parameters, each with as many rows as there are heads that have it. */
  readonly forced: ReadonlyArray<{ readonly name: HeadParameter; readonly heads: number; readonly size: number }>;
}

/** Names of the arrays that hold a state: before the first step, before this one (an input) and after it. */
export const stateArrays = (name: string) => ({ first: `first ${name}`, before: `${name} before`, after: `${name} after` }) as const;

/** Names of the inputs that replace a parameter: [heads, size], and [heads] 1 where a head's is replaced. */
export const forcedArrays = (name: HeadParameter) => ({ values: `forced ${name}`, where: `${name} is forced` }) as const;

/** Every parameter as the input has it where that is wanted: y + 1·(forced − y), which is interpolation. */
const force = (recorder: Recorder, head: HeadTensors, told: (name: HeadParameter, heads: number, size: number) => void): HeadTensors => {
  const forced = ([name, tensor]: [string, Tensor]): readonly [string, Tensor] => {
    const [heads] = tensor.shape as readonly [number];
    const size = sizeOf(tensor.shape) / heads;
    const { values, where } = forcedArrays(name as HeadParameter);
    told(name as HeadParameter, heads, size);
    const inputs = { g: recorder.input(where, [heads]), wc: recorder.input(values, [heads, size]), previous: view(recorder, tensor, [heads, size]) };
    return [name, view(recorder, recorder.apply(interpolation.forward, inputs), tensor.shape)];
  };
  return Object.fromEntries(Object.entries(head).map(forced)) as unknown as HeadTensors;
};

/**
 * Records one step, to be run a step at a time.
 *
 * Set before a run: single `parameters`; inputs `x` [I], every state (`… before`), and what is forced. Readable
 * after it: every state before the first step (`first …`) and after this one (`… after`), `y` [V], and with memory
 * `weighting` [K, N], `w_c`, `w_g`, `w̃` [K, N] and the heads' parameters by their names.
 */
export const recordStep = (shape: ModelShape): StepProgram => {
  const states: State[] = [];
  const forced: Array<StepProgram['forced'][number]> = [];
  const program = record((recorder) => {
    const parts = partsOf(shape);
    const parameters = recorder.single('parameters', parts.layout.shape, 'parameter');
    recorder.section('forward');
    const stepping: Recorder = {
      ...recorder,
      // The state before the first step is computed with every step, where it can be read.
      section: () => undefined,
      carryForward: (initial, name = initial.name) => {
        const { first, before, after } = stateArrays(name);
        states.push({ name, shape: initial.shape });
        recorder.expose(first, initial);
        return { previous: recorder.input(before, initial.shape), bind: (current) => recorder.expose(after, current) };
      },
    };
    const told = (name: HeadParameter, heads: number, size: number): void => void forced.push({ name, heads, size });
    const f = stepForward(stepping, parts, slicesOf(recorder, parts.layout, parameters), recorder.input('x', [parts.shape.inputs]), (head) => force(recorder, head, told));
    recorder.expose('y', recorder.apply(activation.sigmoid, { z: f.logits }));
    if (!f.withMemory) return;
    recorder.expose('weighting', f.withMemory.w);
    exposeStages(recorder, f.withMemory.saved.addressing, f.withMemory.head);
  });
  return { program, states, forced };
};
