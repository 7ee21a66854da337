/**
 * Addressing (§3.3) of the read and the write head, which look at the same memory M_{t−1}: every
 * array holds both, [2, …]. Reads as the paper: w_c → w_g → w̃ → w, and back.
 */
import { content } from '../../kernels/content.js';
import { heads } from '../../kernels/heads.js';
import { interpolation } from '../../kernels/interpolation.js';
import { memory as memoryKernels } from '../../kernels/memory.js';
import { sharpening } from '../../kernels/sharpening.js';
import { shift } from '../../kernels/shift.js';
import { softmax } from '../../kernels/softmax.js';
import type { Recorder, Tensor } from '../program/graph.js';
import { floorTo, type ModelShape } from './shapes.js';

const constantsOf = ({ slots: N, width: M, legacyWriteAddressing }: ModelShape) => ({ N, N4: floorTo(N, 4), M, LEGACY: legacyWriteAddressing ? 1 : 0 });

/** w = softmax_n z, [2, N]. */
export const softmaxForward = (g: Recorder, shape: ModelShape, z: Tensor): Tensor => {
  const constants = constantsOf(shape);
  const top = g.apply(softmax.largest, [z], [2], constants);
  const p = g.apply(softmax.exponential, [z, top], [2, shape.slots]);
  return g.apply(softmax.normalise, [p, g.apply(softmax.total, [p], [2], constants)], [2, shape.slots]);
};

/** dz of {@link softmaxForward}. */
export const softmaxBackward = (g: Recorder, shape: ModelShape, w: Tensor, dw: Tensor): Tensor => {
  const average = g.apply(softmax.mean, [w, dw], [2], constantsOf(shape));
  return g.apply(softmax.backward, [w, dw, average], [2, shape.slots]);
};

/** What the forward pass keeps for the backward pass. */
export interface AddressingSaved {
  readonly head: Tensor;
  readonly memory: Tensor;
  readonly previous: Tensor;
  readonly keyNorms: Tensor;
  readonly memoryNorms: Tensor;
  readonly c: Tensor;
  readonly wc: Tensor;
  readonly wg: Tensor;
  readonly s: Tensor;
  readonly shifted: Tensor;
  readonly top: Tensor;
  readonly w: Tensor;
}

/** From the head row [4M+12], M_{t−1} [M, N] and w_{t−1} [2, N] to w_t [2, N]. */
export const address = (g: Recorder, shape: ModelShape, head: Tensor, memory: Tensor, previous: Tensor): AddressingSaved => {
  const weighting = [2, shape.slots];
  const constants = constantsOf(shape);
  const memoryNorms = g.apply(content.memoryNorm, [memory], [shape.slots], constants);
  const keyNorms = g.apply(content.keyNorm, [head], [2], constants);
  const c = g.apply(content.similarity, [head, memory, keyNorms, memoryNorms], weighting, constants);
  const wc = softmaxForward(g, shape, g.apply(content.strengthen, [c, head], weighting, constants));
  const wg = g.apply(interpolation.forward, [head, wc, previous], weighting, constants);
  const s = g.apply(heads.shiftWeighting, [head], [2, 3], constants);
  const shifted = g.apply(shift.forward, [wg, s], weighting, constants);
  const top = g.apply(softmax.largest, [shifted], [2], constants);
  const power = g.apply(sharpening.power, [shifted, top, head], weighting, constants);
  const w = g.apply(softmax.normalise, [power, g.apply(softmax.total, [power], [2], constants)], weighting);
  return { head, memory, previous, keyNorms, memoryNorms, c, wc, wg, s, shifted, top, w };
};

export interface AddressingGradients {
  readonly dPrevious: Tensor;
  readonly dg: Tensor;
  readonly dBeta: Tensor;
  readonly dGamma: Tensor;
  readonly ds: Tensor;
  /** dk = Σ α·m − κ·k (kernels/content.ts), per head as partial sums. */
  readonly dKeyRead: Tensor;
  readonly dKeyWrite: Tensor;
  readonly kappa: Tensor;
  readonly alpha: Tensor;
  readonly mu: Tensor;
}

/** From dw_t [2, N] back to everything that {@link address} read. */
export const addressBackward = (g: Recorder, shape: ModelShape, saved: AddressingSaved, dw: Tensor): AddressingGradients => {
  const { slots: N, width: M } = shape;
  const weighting = [2, N];
  const constants = constantsOf(shape);
  const { head, memory, previous, keyNorms, memoryNorms, c, wc, wg, s, shifted, top, w } = saved;

  const average = g.apply(softmax.mean, [w, dw], [2], constants);
  const dShifted = g.apply(sharpening.backwardShifted, [shifted, w, head, dw, average], weighting, constants);
  const logarithms = g.apply(sharpening.logarithm, [shifted, top, w], weighting);
  const dGamma = g.apply(sharpening.backwardGamma, [logarithms, dw, average], [2], constants);

  const dwg = g.apply(shift.backwardGated, [s, dShifted], weighting, constants);
  const ds = g.apply(shift.backwardTaps, [wg, dShifted], [2, 3], constants);

  const dwc = g.apply(interpolation.backwardContent, [head, dwg], weighting, constants);
  const dg = g.apply(interpolation.backwardGate, [wc, previous, dwg], [2], constants);
  const dPrevious = g.apply(interpolation.backwardPrevious, [head, dwg], weighting, constants);

  const dz = softmaxBackward(g, shape, wc, dwc);
  const dBeta = g.apply(content.backwardStrength, [c, dz], [2], constants);
  const alpha = g.apply(content.backwardAlpha, [head, keyNorms, memoryNorms, dz], weighting, constants);
  const mu = g.apply(content.backwardMu, [c, alpha, keyNorms, memoryNorms], [N]);
  const kappa = g.apply(content.backwardKappa, [c, alpha, keyNorms, memoryNorms], [2], constants);
  const dKey = (HEAD: number): Tensor => g.apply(content.backwardKey, [alpha, memory], [M, 4], { N, N4: constants.N4, HEAD });
  return { dPrevious, dg, dBeta, dGamma, ds, dKeyRead: dKey(0), dKeyWrite: dKey(1), kappa, alpha, mu };
};

/** The read vector r_t = Σ_n w_r[n]·M_{t−1}[n], as partial sums [M, 4]. */
export const readPartial = (g: Recorder, shape: ModelShape, w: Tensor, memory: Tensor): Tensor => g.apply(memoryKernels.read, [w, memory], [shape.width, 4], constantsOf(shape));
