/** The two controllers: forward from [x_t, r_{t−1}] to h_t, backward, and their parameters' gradients. */
import { rectifier } from '../../kernels/feed-forward.js';
import { initial } from '../../kernels/initial.js';
import { foldLanes, linear } from '../../kernels/linear.js';
import { lstm } from '../../kernels/lstm.js';
import type { Recorder, Tensor } from '../program/graph.js';
import type { ParameterName } from './parameters.js';
import { type ControllerKind, floorTo, type ModelShape } from './shapes.js';

export type Parameters = Readonly<Record<ParameterName, Tensor>>;
export type Saved = Readonly<Record<string, Tensor>>;

export interface Controller {
  /** Width of d[x, r, …], the part of its input gradient that a step hands to the one before it. */
  readonly inputWidth: (shape: ModelShape) => number;
  readonly forward: (g: Recorder, shape: ModelShape, p: Parameters, x: Tensor, r: Tensor) => { readonly h: Tensor; readonly saved: Saved };
  /** `fromOutput` d[h, r] and `fromHeads` dh of this step, `fromNext` d[x, r, …] of the next. */
  readonly backward: (g: Recorder, shape: ModelShape, p: Parameters, saved: Saved, fromOutput: Tensor, fromHeads: Tensor, fromNext: Tensor) => { readonly dInput: Tensor; readonly d: Saved };
  readonly gradients: (g: Recorder, shape: ModelShape, into: Parameters, saved: Saved, d: Saved) => void;
}

/** Constants of the linear kernels for inputs of A (and B) values and X results. */
export const linearConstants = (A: number, B: number, X: number) => ({ A, A4: floorTo(A, 4), B, B4: floorTo(B, 4), X, X4: floorTo(X, 4), X16: floorTo(X, 16) });

const lstmConstants = ({ inputs: I, hidden: H, width: M }: ModelShape) => ({ I, I4: floorTo(I, 4), M, M4: floorTo(M, 4), H, H4: floorTo(H, 4), H8: floorTo(H, 8) });

const lstmController: Controller = {
  inputWidth: ({ inputs, hidden, width }) => inputs + width + hidden,

  forward: (g, shape, p, x, r) => {
    const H = shape.hidden;
    g.section('initialise');
    const hidden = g.carryForward(g.apply(initial.vector, [p.h0], [H]));
    const cell = g.carryForward(g.apply(initial.vector, [p.c0], [H]));
    g.section('forward');
    const gates = g.apply(lstm.gates, [x, r, hidden.previous, p.controller], [4, H], lstmConstants(shape));
    const c = g.apply(lstm.cell, [gates, cell.previous], [H]);
    const h = g.apply(lstm.hidden, [gates, c], [H]);
    hidden.bind(h);
    cell.bind(c);
    return { h, saved: { x, r, gates, c, previousH: hidden.previous, previousC: cell.previous } };
  },

  backward: (g, shape, p, { gates, c, previousC }, fromOutput, fromHeads, fromNext) => {
    const H = shape.hidden;
    const constants = lstmConstants(shape);
    const K = lstmController.inputWidth(shape);
    const forgetting = g.carryBackward('forgotten dc', [H]);
    const dh = g.apply(lstm.backwardHidden, [fromOutput, fromHeads, fromNext], [H], constants);
    const dc = g.apply(lstm.backwardCell, [gates, c, dh, forgetting.next], [H]);
    const forgotten = g.apply(lstm.backwardForget, [gates, dc], [H]);
    forgetting.bind(forgotten);
    const dz = g.apply(lstm.backwardGates, [gates, previousC, c, dh, dc], [4, H]);
    const dInput = g.apply(foldLanes, [g.apply(lstm.backwardInput, [p.controller, dz], [K, 4], constants)], [K]);
    return { dInput, d: { dz, dInput, forgotten } };
  },

  gradients: (g, shape, into, { x, r, previousH }, { dz, dInput, forgotten }) => {
    g.sum(lstm.backwardWeight, into.controller, [x, r, previousH, dz], lstmConstants(shape));
    g.sum(initial.backwardVector, into.h0, [dInput], { AT: shape.inputs + shape.width }, 'initial');
    g.sum(initial.backwardVector, into.c0, [forgotten], { AT: 0 }, 'initial');
  },
};

const feedForwardController: Controller = {
  inputWidth: ({ inputs, width }) => inputs + width,

  forward: (g, { inputs: I, hidden: H, width: M }, p, x, r) => {
    g.section('forward');
    const h1 = g.apply(rectifier.forward, [g.apply(linear.forwardPair, [x, r, p.controller], [H], linearConstants(I, M, H))], [H]);
    const h = g.apply(rectifier.forward, [g.apply(linear.forward, [h1, p.controller2], [H], linearConstants(H, 0, H))], [H]);
    return { h, saved: { x, r, h1, h } };
  },

  backward: (g, { inputs: I, hidden: H, width: M }, p, { h1, h }, fromOutput, fromHeads) => {
    const dz2 = g.apply(rectifier.backwardOutput, [h, fromOutput, fromHeads], [H]);
    const dh1 = g.apply(foldLanes, [g.apply(linear.backwardInput, [p.controller2, dz2], [H, 4], linearConstants(H, 0, H))], [H]);
    const dz1 = g.apply(rectifier.backward, [h1, dh1], [H]);
    const partial = g.apply(linear.backwardInput, [p.controller, dz1], [I + M, 4], linearConstants(I, M, H));
    return { dInput: g.apply(foldLanes, [partial], [I + M]), d: { dz1, dz2 } };
  },

  gradients: (g, { inputs: I, hidden: H, width: M }, into, { x, r, h1 }, { dz1, dz2 }) => {
    g.sum(linear.backwardWeightPair, into.controller, [x, r, dz1], linearConstants(I, M, H));
    g.sum(linear.backwardWeight, into.controller2, [h1, dz2], linearConstants(H, 0, H));
  },
};

export const controllers: Readonly<Record<ControllerKind, Controller>> = { lstm: lstmController, 'feed-forward': feedForwardController };
