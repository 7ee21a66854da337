/**
 * Addressing (§3.3) of all heads, which look at the same memory M_{t−1}: K = R + W heads, the reading
 * ones first. Reads as the paper: w_c → w_g → w̃ → w, and back.
 */
import { content } from '../../kernels/content.js';
import { interpolation } from '../../kernels/interpolation.js';
import { rows } from '../../kernels/rows.js';
import { sharpening } from '../../kernels/sharpening.js';
import { shift } from '../../kernels/shift.js';
import { softmax } from '../../kernels/softmax.js';
import type { Recorder, Tensor } from '../program/graph.js';
import type { HeadTensors } from './heads.js';
import { sumOf, view } from './linear.js';

/** p / Σ p over the slots; p [K, N]. */
const normalise = (recorder: Recorder, p: Tensor): Tensor => recorder.apply(softmax.normalise, { p, sum: recorder.apply(softmax.total, { p }) });

/** w = softmax_n z, [K, N]; saved: w. */
export const softmaxForward = (recorder: Recorder, z: Tensor): { readonly out: Tensor; readonly saved: Tensor } => {
  const top = recorder.apply(softmax.largest, { z });
  const out = normalise(recorder, recorder.apply(softmax.exponential, { z, top }));
  return { out, saved: out };
};

/** dz [K, N]. */
export const softmaxBackward = (recorder: Recorder, w: Tensor, dw: Tensor): Tensor => recorder.apply(softmax.backward, { w, dw, average: recorder.apply(softmax.mean, { w, dw }) });

// ---------------------------------------------------------------- content (§3.3.1)

export interface ContentSaved {
  readonly k: Tensor;
  readonly beta: Tensor;
  readonly memory: Tensor;
  readonly keyNorms: Tensor;
  readonly memoryNorms: Tensor;
  readonly c: Tensor;
  readonly wc: Tensor;
}

/** w_c [K, N] from k [K, M], beta [K] and the memory [M, N]. */
export const contentForward = (recorder: Recorder, { k, beta, memory }: Pick<ContentSaved, 'k' | 'beta' | 'memory'>): { readonly out: Tensor; readonly saved: ContentSaved } => {
  const memoryNorms = recorder.apply(content.memoryNorm, { memory });
  const keyNorms = recorder.apply(content.keyNorm, { k });
  const c = recorder.apply(content.similarity, { k, memory, keyNorms, memoryNorms });
  const { out: wc } = softmaxForward(recorder, recorder.apply(content.strengthen, { beta, c }));
  return { out: wc, saved: { k, beta, memory, keyNorms, memoryNorms, c, wc } };
};

/** dk [K, M], dbeta [K], and what gives dmemory = Σ_heads α·k − μ·memory (`memoryGradient`): alpha [K, N], mu [N]. */
export const contentBackward = (recorder: Recorder, { k, beta, memory, keyNorms, memoryNorms, c, wc }: ContentSaved, dwc: Tensor) => {
  const dz = softmaxBackward(recorder, wc, dwc);
  const alpha = recorder.apply(content.backwardAlpha, { beta, keyNorms, memoryNorms, dz });
  const kappa = recorder.apply(content.backwardKappa, { c, alpha, keyNorms, memoryNorms });
  return {
    dk: recorder.apply(content.backwardKey, { k, memory, alpha, kappa }),
    dbeta: recorder.apply(content.backwardStrength, { c, dz }),
    alpha,
    mu: recorder.apply(content.backwardMu, { c, alpha, keyNorms, memoryNorms }),
  };
};

// ---------------------------------------------------------------- location (§3.3.2)

export interface InterpolationSaved {
  readonly g: Tensor;
  readonly wc: Tensor;
  readonly previous: Tensor;
}

/** w_g [K, N] from g [K], w_c and w_{t−1} [K, N]. */
export const interpolationForward = (recorder: Recorder, saved: InterpolationSaved): { readonly out: Tensor; readonly saved: InterpolationSaved } => ({
  out: recorder.apply(interpolation.forward, { ...saved }),
  saved,
});

export const interpolationBackward = (recorder: Recorder, { g, wc, previous }: InterpolationSaved, dwg: Tensor) => ({
  dg: recorder.apply(interpolation.backwardGate, { wc, previous, dwg }),
  dwc: recorder.apply(interpolation.backwardContent, { g, dwg }),
  dprevious: recorder.apply(interpolation.backwardPrevious, { g, dwg }),
});

export interface ShiftSaved {
  readonly wg: Tensor;
  readonly s: Tensor;
}

/** w̃ [K, N] from w_g [K, N] and s [K, S]. */
export const shiftForward = (recorder: Recorder, saved: ShiftSaved): { readonly out: Tensor; readonly saved: ShiftSaved } => ({ out: recorder.apply(shift.forward, { ...saved }), saved });

export const shiftBackward = (recorder: Recorder, { wg, s }: ShiftSaved, d: Tensor) => {
  const [, S] = s.shape as readonly [number, number];
  return { dwg: recorder.apply(shift.backwardGated, { s, d }), ds: recorder.apply(shift.backwardTaps, { wg, d }, { C: (S - 1) / 2 }) };
};

export interface SharpeningSaved {
  readonly shifted: Tensor;
  readonly gamma: Tensor;
  readonly top: Tensor;
  readonly w: Tensor;
}

/** w [K, N] from w̃ [K, N] and gamma [K]. */
export const sharpeningForward = (recorder: Recorder, { shifted, gamma }: Pick<SharpeningSaved, 'shifted' | 'gamma'>): { readonly out: Tensor; readonly saved: SharpeningSaved } => {
  const top = recorder.apply(softmax.largest, { z: shifted });
  const w = normalise(recorder, recorder.apply(sharpening.power, { shifted, top, gamma }));
  return { out: w, saved: { shifted, gamma, top, w } };
};

export const sharpeningBackward = (recorder: Recorder, { shifted, gamma, top, w }: SharpeningSaved, dw: Tensor) => {
  const average = recorder.apply(softmax.mean, { w, dw });
  return {
    dshifted: recorder.apply(sharpening.backwardShifted, { shifted, gamma, w, dw, average }),
    dgamma: recorder.apply(sharpening.backwardGamma, { shifted, top, w, dw, average }),
  };
};

// ---------------------------------------------------------------- all of it

/**
 * The weightings that the heads start from [2, N], where the write head starts from the *read* head's
 * previous weighting, as it did in the seed before its fix of June 2021.
 */
const legacyForward = (recorder: Recorder, previous: Tensor): Tensor => {
  const [, N] = previous.shape as readonly [number, number];
  const reading = recorder.slice(previous, 0, [N]);
  return view(recorder, recorder.join([reading, reading]), previous.shape);
};

const legacyBackward = (recorder: Recorder, d: Tensor): Tensor => {
  const [, N] = d.shape as readonly [number, number];
  const both = sumOf(recorder, [recorder.slice(d, 0, [N]), recorder.slice(d, N, [N])]);
  return view(recorder, recorder.join([both, recorder.apply(rows.zero, {}, { X: N })]), d.shape);
};

export interface AddressingSaved {
  readonly legacy: boolean;
  readonly content: ContentSaved;
  readonly interpolation: InterpolationSaved;
  readonly shift: ShiftSaved;
  readonly sharpening: SharpeningSaved;
}

type Addressing = Omit<HeadTensors, 'e' | 'a'>;

/** w_t [K, N] from the heads' parameters, M_{t−1} [M, N] and w_{t−1} [K, N]. */
export const addressingForward = (
  recorder: Recorder,
  { k, beta, g, s, gamma }: Addressing,
  memory: Tensor,
  previous: Tensor,
  legacy: boolean,
): { readonly out: Tensor; readonly saved: AddressingSaved } => {
  const { out: wc, saved: contentSaved } = contentForward(recorder, { k, beta, memory });
  const { out: wg, saved: interpolationSaved } = interpolationForward(recorder, { g, wc, previous: legacy ? legacyForward(recorder, previous) : previous });
  const { out: shifted, saved: shiftSaved } = shiftForward(recorder, { wg, s });
  const { out, saved: sharpeningSaved } = sharpeningForward(recorder, { shifted, gamma });
  return { out, saved: { legacy, content: contentSaved, interpolation: interpolationSaved, shift: shiftSaved, sharpening: sharpeningSaved } };
};

/** From dw_t [K, N] back to the heads' parameters, w_{t−1} and the memory (alpha, mu: `contentBackward`). */
export const addressingBackward = (recorder: Recorder, saved: AddressingSaved, dw: Tensor) => {
  const { dshifted, dgamma } = sharpeningBackward(recorder, saved.sharpening, dw);
  const { dwg, ds } = shiftBackward(recorder, saved.shift, dshifted);
  const { dg, dwc, dprevious } = interpolationBackward(recorder, saved.interpolation, dwg);
  const { dk, dbeta, alpha, mu } = contentBackward(recorder, saved.content, dwc);
  return { dk, dbeta, dg, ds, dgamma, dprevious: saved.legacy ? legacyBackward(recorder, dprevious) : dprevious, alpha, mu };
};
