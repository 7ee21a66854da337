/**
 * The Neural Turing Machine: one step, its back-propagation through time, and the optimiser, as one
 * recorded program. Order of a step: controller on [x_t, r_{t−1}]; the read head reads M_{t−1}; the
 * write head, addressing M_{t−1} too, gives M_t; y_t = σ(W_o·[h_t, r_t]).
 */
import { crossEntropy } from '../../kernels/cross-entropy.js';
import { heads as headKernels } from '../../kernels/heads.js';
import { initial } from '../../kernels/initial.js';
import { foldLanes, linear } from '../../kernels/linear.js';
import { memory as memoryKernels } from '../../kernels/memory.js';
import { optimiser as optimiserKernels } from '../../kernels/optimiser.js';
import { type Program, type Recorder, record, type Tensor } from '../program/graph.js';
import { address, addressBackward, readPartial, softmaxBackward, softmaxForward } from './addressing.js';
import { controllers, linearConstants, type Parameters } from './controller.js';
import { type OptimiserKind, recordOptimiser } from './optimiser.js';
import { type ParameterName, parameterShapes } from './parameters.js';
import { floorTo, headColumns, type ModelShape } from './shapes.js';

const declare = (g: Recorder, shape: ModelShape, prefix: string, role: 'parameter' | 'gradient' | 'other gradient' | 'optimiser'): Parameters =>
  Object.fromEntries(parameterShapes(shape).map(([name, size]) => [name, g.single(`${prefix}${name}`, size, role)])) as Record<ParameterName, Tensor>;

/** The tensors of a forward step that are read again later. */
const forwardStep = (g: Recorder, shape: ModelShape, p: Parameters, x: Tensor) => {
  const { outputs: V, hidden: H, width: M, slots: N } = shape;
  const controller = controllers[shape.controller];
  g.section('initialise');
  const memory0 = g.carryForward(g.apply(initial.blankMemory, [], [M, N]));
  const r0 = g.carryForward(g.apply(initial.vector, [p.r0], [M]));
  const w0 = softmaxForward(g, shape, g.apply(initial.logits, [p.w0], [2, N]));
  const weighting0 = g.carryForward(w0);

  const { h, saved } = controller.forward(g, shape, p, x, r0.previous);
  const head = g.apply(headKernels.activate, [g.apply(linear.forward, [h, p.heads], [headColumns(shape)], linearConstants(H, 0, headColumns(shape)))], [headColumns(shape)], { M });
  const addressing = address(g, shape, head, memory0.previous, weighting0.previous);
  const r = g.apply(foldLanes, [readPartial(g, shape, addressing.w, memory0.previous)], [M]);
  const memory = g.apply(memoryKernels.write, [memory0.previous, addressing.w, head], [M, N], { M });
  r0.bind(r);
  weighting0.bind(addressing.w);
  memory0.bind(memory);
  const logits = g.apply(linear.forwardPair, [h, r, p.output], [V], linearConstants(H, M, V));
  g.expose('y', g.apply(crossEntropy.output, [logits], [V]));
  g.expose('weighting', addressing.w);
  g.expose('memory', memory);
  return { controller: saved, h, r, head, addressing, logits, w0 };
};

type Forward = ReturnType<typeof forwardStep>;

const backwardStep = (g: Recorder, shape: ModelShape, p: Parameters, f: Forward, target: Tensor, weight: Tensor) => {
  const { outputs: V, hidden: H, width: M, slots: N, inputs: I } = shape;
  const controller = controllers[shape.controller];
  const columns = headColumns(shape);
  const { head, addressing } = f;
  const constants = { N, N4: floorTo(N, 4), M };
  g.section('backward');
  const fromNext = g.carryBackward('d[x, r, …]', [controller.inputWidth(shape)]);
  const dMemoryNext = g.carryBackward('dM', [M, N]);
  const dwNext = g.carryBackward('dw', [2, N]);

  const dLogits = g.apply(crossEntropy.backward, [f.logits, target, weight], [V]);
  const fromOutput = g.apply(foldLanes, [g.apply(linear.backwardInput, [p.output, dLogits], [H + M, 4], linearConstants(H, M, V))], [H + M]);
  const dr = g.apply(memoryKernels.backwardRead, [fromOutput, fromNext.next], [M], { H, I });

  const dMemory = dMemoryNext.next;
  const dw = g.apply(memoryKernels.backwardWeighting, [addressing.memory, head, dr, dMemory, dwNext.next], [2, N], { M });
  const d = addressBackward(g, shape, addressing, dw);
  dwNext.bind(d.dPrevious);
  const dErase = g.apply(memoryKernels.backwardErase, [addressing.memory, addressing.w, dMemory], [M, 4], constants);
  const dAdd = g.apply(memoryKernels.backwardAdd, [addressing.w, dMemory], [M, 4], constants);
  dMemoryNext.bind(g.apply(memoryKernels.backwardMemory, [addressing.memory, addressing.w, head, d.alpha, d.mu, dr, dMemory], [M, N], { M }));

  const vectors = g.apply(headKernels.backwardVectors, [head, d.dKeyRead, d.dKeyWrite, d.kappa, dAdd, dErase], [4, M], { M });
  const scalars = g.apply(headKernels.backwardScalars, [head, addressing.s, d.dg, d.dBeta, d.dGamma, d.ds], [6, 2], { M });
  const dHead = g.apply(headKernels.backwardRow, [vectors, scalars], [columns], { M });
  const fromHeads = g.apply(foldLanes, [g.apply(linear.backwardInput, [p.heads, dHead], [H, 4], linearConstants(H, 0, columns))], [H]);
  const { dInput, d: dController } = controller.backward(g, shape, p, f.controller, fromOutput, fromHeads, fromNext.next);
  fromNext.bind(dInput);
  return { dLogits, dHead, dInput, dw: d.dPrevious, controller: dController };
};

const sumGradients = (g: Recorder, shape: ModelShape, into: Parameters, f: Forward, d: ReturnType<typeof backwardStep>): void => {
  const { outputs: V, hidden: H, width: M, inputs: I } = shape;
  g.section('gradients');
  controllers[shape.controller].gradients(g, shape, into, f.controller, d.controller);
  g.sum(linear.backwardWeight, into.heads, [f.h, d.dHead], linearConstants(H, 0, headColumns(shape)));
  g.sum(linear.backwardWeightPair, into.output, [f.h, f.r, d.dLogits], linearConstants(H, M, V));
  g.sum(initial.backwardVector, into.r0, [d.dInput], { AT: I }, 'initial');
  g.sum(initial.backwardLogits, into.w0, [softmaxBackward(g, shape, f.w0, d.dw)], {}, 'initial');
};

/** Forward pass and losses; the tensors that a backward pass needs. */
const recordForward = (g: Recorder, shape: ModelShape) => {
  const p = declare(g, shape, '', 'parameter');
  const losses = g.single('losses', [2], 'gradient');
  const x = g.input('x', [shape.inputs]);
  const target = g.input('target', [shape.outputs]);
  const weight = g.input('weight', [1]);
  const f = forwardStep(g, shape, p, x);
  const rowLosses = g.apply(crossEntropy.losses, [f.logits, target, weight], [2], { V: shape.outputs });
  g.expose('row losses', rowLosses);
  g.section('gradients');
  g.sum(crossEntropy.totalLosses, losses, [rowLosses]);
  return { p, losses, target, weight, f };
};

/**
 * Records the forward pass alone: sections initialise, forward and gradients (the sum of the losses).
 *
 * Set before a run: parameters by name; inputs `x` [I], `target` [V], `weight` [1] (0 off the answer).
 * Readable after it: `y` [V], `weighting` [2, N] (read, write), `memory` [M, N] and `row losses` [2]
 * per row; single `losses` [2] (Σ weight·cross-entropy, wrong bits).
 */
export const recordInference = (shape: ModelShape): Program =>
  record((g) => {
    recordForward(g, shape);
  });

/**
 * Records a whole training iteration. Beside what {@link recordInference} has: `d<parameter>`, the
 * gradients; `other.<parameter>`, those of another part of the batch, which `combine` adds;
 * `v.<parameter>`, `m.<parameter>` and `a.<parameter>`, the optimiser's state; `settings` (src/model/optimiser.ts).
 */
export const recordTraining = (shape: ModelShape, optimiser: OptimiserKind): Program =>
  record((g) => {
    const { p, losses, target, weight, f } = recordForward(g, shape);
    const dp = declare(g, shape, 'd', 'gradient');
    sumGradients(g, shape, dp, f, backwardStep(g, shape, p, f, target, weight));
    g.section('combine');
    const other = declare(g, shape, 'other.', 'other gradient');
    for (const name of Object.keys(dp) as ParameterName[]) g.replace(optimiserKernels.accumulate, dp[name], [dp[name], other[name]]);
    g.replace(optimiserKernels.accumulate, losses, [losses, g.single('other.losses', [2], 'other gradient')]);
    g.section('update');
    recordOptimiser(g, optimiser, p, dp, declare(g, shape, 'v.', 'optimiser'), declare(g, shape, 'm.', 'optimiser'), declare(g, shape, 'a.', 'optimiser'));
  });
