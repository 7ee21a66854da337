/**
 * The Neural Turing Machine: one step, its back-propagation through time, and the optimiser, as one
 * recorded program. Order of a step: controller on [x_t, r_{t−1}]; every head addresses M_{t−1}; the
 * read heads read it, the write heads give M_t; y_t = σ(W_o·[h_t, r_t, 1]). Without memory y_t = σ(W_o·[h_t, 1]).
 */
import { activation } from '../../kernels/activation.js';
import { crossEntropy } from '../../kernels/cross-entropy.js';
import { optimiser as optimiserKernels } from '../../kernels/optimiser.js';
import { rows } from '../../kernels/rows.js';
import { type Program, type Recorder, record, type Tensor } from '../program/graph.js';
import { addressingBackward, type AddressingSaved, addressingForward, softmaxBackward, softmaxForward } from './addressing.js';
import { type Gradients, readsOf } from './controllers/controller.js';
import { headsBackward, headsForward, type HeadTensors } from './heads.js';
import { initialGradient, initialState, linearBackward, linearForward, linearGradient, sumOf, view } from './linear.js';
import { initialMemory, memoryGradient, readingBackward, readingForward, writingBackward, writingForward } from './memory.js';
import { type OptimiserKind, recordOptimiser } from './optimiser.js';
import { type Lookup, slicesOf } from './parameters.js';
import { type MemoryParts, type ModelParts, partsOf } from './parts.js';
import type { ModelShape } from './shapes.js';

// ---------------------------------------------------------------- memory and heads

/** M_0, r_0 and w_0, which steps hand on. */
const startMemory = (recorder: Recorder, { shape }: ModelParts, { memory, heads }: MemoryParts, parameter: Lookup) => {
  const { slots: N, readHeads: R, writeHeads: W } = shape;
  recorder.section('initialise');
  const { out: w0, saved } = softmaxForward(recorder, initialState(recorder, parameter(heads.logits), [R + W, N]));
  return {
    memory: recorder.carryForward(initialMemory(recorder, shape, memory, parameter), 'memory'),
    read: recorder.carryForward(initialState(recorder, parameter(memory.read), [readsOf(shape)]), 'read'),
    weighting: recorder.carryForward(w0, 'weighting'),
    w0: saved,
  };
};

type Start = ReturnType<typeof startMemory>;

/** What is done with the heads' parameters before they address. */
type Adjust = (head: HeadTensors) => HeadTensors;

/** From h_t to r_t [R, M] and M_t [M, N]. */
const memoryForward = (recorder: Recorder, { shape }: ModelParts, { heads }: MemoryParts, parameter: Lookup, start: Start, h: Tensor, adjust: Adjust) => {
  const { slots: N, readHeads: R, writeHeads: W, legacyWriteAddressing } = shape;
  const memory = start.memory.previous;
  const { out, saved: headSaved } = headsForward(recorder, shape, parameter(heads.weights), h);
  const head = adjust(out);
  const { out: w, saved: addressing } = addressingForward(recorder, head, memory, start.weighting.previous, legacyWriteAddressing);
  const { out: r, saved: reading } = readingForward(recorder, { memory, reading: recorder.slice(w, 0, [R, N]) });
  const { out: written, saved: writing } = writingForward(recorder, { memory, w: recorder.slice(w, R * N, [W, N]), e: head.e, a: head.a });
  start.weighting.bind(w);
  start.read.bind(r);
  start.memory.bind(written);
  return { r, w, written, head, saved: { head: headSaved, addressing, reading, writing, w0: start.w0 } };
};

/** What reading, writing and addressing ask of h_t [H], from all that asks something of r_t, each [R·M]. */
const memoryBackward = (recorder: Recorder, { shape }: ModelParts, { memory, heads }: MemoryParts, saved: ReturnType<typeof memoryForward>['saved'], asked: readonly Tensor[]) => {
  const { slots: N, width: M, readHeads: R, writeHeads: W } = shape;
  const memoryNext = recorder.carryBackward('next step’s dM', [M, N]);
  const weightingNext = recorder.carryBackward('next step’s dw', [R + W, N]);
  const dr = view(recorder, sumOf(recorder, asked), [R, M]);
  const dReading = readingBackward(recorder, saved.reading, dr, recorder.slice(weightingNext.next, 0, [R, N]));
  const { dw: dWriting, de, da } = writingBackward(recorder, saved.writing, memoryNext.next, recorder.slice(weightingNext.next, R * N, [W, N]));
  const dw = view(recorder, recorder.join([dReading, dWriting]), [R + W, N]);
  const { dprevious, alpha, mu, dk, dbeta, dg, ds, dgamma } = addressingBackward(recorder, saved.addressing, dw);
  const dMemory = memoryGradient(recorder, saved.writing, saved.reading, { k: saved.addressing.content.k, alpha, mu }, dr, memoryNext.next);
  weightingNext.bind(dprevious);
  memoryNext.bind(dMemory);
  const { dh, dRow } = headsBackward(recorder, saved.head, { k: dk, beta: dbeta, g: dg, s: ds, gamma: dgamma, e: de, a: da });
  const gradients = (dRead: Tensor): Gradients => (into) => {
    linearGradient(recorder, into(heads.weights), saved.head.product, dRow);
    initialGradient(recorder, into(heads.logits), softmaxBackward(recorder, saved.w0, dprevious));
    initialGradient(recorder, into(memory.read), dRead);
    if (memory.initial && shape.memoryInit === 'learned') initialGradient(recorder, into(memory.initial), dMemory);
  };
  return { dh, gradients };
};

// ---------------------------------------------------------------- a step

export const stepForward = (recorder: Recorder, parts: ModelParts, parameter: Lookup, x: Tensor, adjust: Adjust = (head) => head) => {
  const start = parts.withMemory && startMemory(recorder, parts, parts.withMemory, parameter);
  recorder.section('forward');
  const controller = parts.controller.forward(recorder, parameter, start ? [x, start.read.previous] : [x]);
  const withMemory = parts.withMemory && start && { parts: parts.withMemory, ...memoryForward(recorder, parts, parts.withMemory, parameter, start, controller.h, adjust) };
  const { out: logits, saved: output } = linearForward(recorder, parameter(parts.output), withMemory ? [controller.h, withMemory.r] : [controller.h]);
  return { controller, withMemory, logits, output };
};

const stepBackward = (recorder: Recorder, parts: ModelParts, f: ReturnType<typeof stepForward>, dLogits: Tensor): Gradients => {
  const { hidden: H } = parts.shape;
  const reads = readsOf(parts.shape);
  recorder.section('backward');
  const dOutput = linearBackward(recorder, f.output, dLogits, 0, H + reads);
  const { dNext, step } = f.controller.backward();
  const fromMemory = f.withMemory && dNext && memoryBackward(recorder, parts, f.withMemory.parts, f.withMemory.saved, [recorder.slice(dOutput, H, [reads]), dNext]);
  const { dRead, gradients } = step([recorder.slice(dOutput, 0, [H]), ...(fromMemory ? [fromMemory.dh] : [])]);
  return (into) => {
    gradients(into);
    if (fromMemory && dRead) fromMemory.gradients(dRead)(into);
    linearGradient(recorder, into(parts.output), f.output, dLogits);
  };
};

// ---------------------------------------------------------------- programs

/** What figures of the heads' inner life show. */
export const exposeStages = (recorder: Recorder, { content, shift, sharpening }: AddressingSaved, head: HeadTensors): void => {
  recorder.expose('w_c', content.wc);
  recorder.expose('w_g', shift.wg);
  recorder.expose('w̃', sharpening.shifted);
  for (const [name, tensor] of Object.entries(head)) recorder.expose(name, tensor);
};

/** Forward pass and losses. */
const recordForward = (recorder: Recorder, parts: ModelParts, stages: boolean) => {
  const { inputs: I, outputs: V } = parts.shape;
  const parameters = recorder.single('parameters', parts.layout.shape, 'parameter');
  const losses = recorder.single('losses', [2], 'gradient');
  const target = recorder.input('target', [V]);
  const weight = recorder.input('weight', [1]);
  const f = stepForward(recorder, parts, slicesOf(recorder, parts.layout, parameters), recorder.input('x', [I]));
  recorder.expose('y', recorder.apply(activation.sigmoid, { z: f.logits }));
  if (f.withMemory) {
    recorder.expose('weighting', f.withMemory.w);
    recorder.expose('memory', f.withMemory.written);
    if (stages) exposeStages(recorder, f.withMemory.saved.addressing, f.withMemory.head);
  }
  const given = { logits: f.logits, target, weight };
  const rowLosses = recorder.join([recorder.apply(crossEntropy.losses, given), recorder.apply(crossEntropy.wrongBits, given)]);
  recorder.expose('row losses', rowLosses);
  recorder.section('gradients');
  recorder.sum(rows.total, losses, { x: rowLosses });
  return { parameters, losses, given, f };
};

/**
 * Records the forward pass alone: sections initialise, forward and gradients (the sum of the losses).
 *
 * Set before a run: single `parameters` (parts.ts); inputs `x` [I], `target` [V], `weight` [1] (0 where no
 * answer counts). Readable after it: `y` [V] and `row losses` [2] per row, and with memory `weighting` [K, N]
 * (read heads first) and `memory` [M, N]; single `losses` [2] (Σ weight·cross-entropy, wrong bits). With
 * `stages` also `w_c`, `w_g`, `w̃` [K, N] and the heads' parameters by their names (heads.ts).
 */
export const recordInference = (shape: ModelShape, { stages = false } = {}): Program => record((recorder) => void recordForward(recorder, partsOf(shape), stages));

/** The gradients of all parameters, which `gradients` sums, as one vector in the layout's order. */
const flatGradient = (recorder: Recorder, { parameters, layout }: ModelParts, gradients: Gradients): Tensor => {
  const singles = new Map(parameters.map(({ name, shape }) => [name, recorder.single(`d${name}`, shape, 'gradient')]));
  const padding = layout.padding > 0 ? [recorder.single('padding', [layout.padding], 'gradient')] : [];
  recorder.section('gradients');
  gradients(({ name }) => singles.get(name)!);
  return recorder.join([...singles.values(), ...padding]);
};

/**
 * Records a whole training iteration. Beside what {@link recordInference} has: `gradient`, of all
 * parameters; `other gradient` and `other losses`, those of another part of the batch, which `combine`
 * adds; the optimiser's state and `settings` (optimiser.ts).
 */
export const recordTraining = (shape: ModelShape, optimiser: OptimiserKind): Program =>
  record((recorder) => {
    const parts = partsOf(shape);
    const { parameters, losses, given, f } = recordForward(recorder, parts, false);
    recorder.section('backward');
    const dLogits = recorder.apply(crossEntropy.backward, given);
    const gradient = flatGradient(recorder, parts, stepBackward(recorder, parts, f, dLogits));
    recorder.expose('gradient', gradient);
    recorder.section('combine');
    const add = (total: Tensor, name: string): void => recorder.replace(optimiserKernels.accumulate, total, { gradient: total, other: recorder.single(name, total.shape, 'other gradient') });
    add(gradient, 'other gradient');
    add(losses, 'other losses');
    recorder.section('update');
    recordOptimiser(recorder, optimiser, parameters, view(recorder, gradient, parts.layout.shape));
  });
