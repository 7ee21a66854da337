/**
 * What kernels get on shading languages beyond GPU.js's translation. These leave the precision of exp
 * and log to the driver (Mesa's software renderer is off by 1e-6 near log 1, which γ multiplies), so
 * here are the polynomials of lanes.ts under those two names.
 */
import { WebGPUKernel } from '../gpujs.js';

const EXP_POLYNOMIAL = '((((1.9875691500e-4 * r + 1.3981999507e-3) * r + 8.3334519073e-3) * r + 4.1665795894e-2) * r + 1.6666665459e-1) * r + 5.0000001201e-1';
const LOG_POLYNOMIAL =
  '(((((((7.0376836292e-2 * f - 1.1514610310e-1) * f + 1.1676998740e-1) * f - 1.2420140846e-1) * f + 1.4249322787e-1) * f - 1.6668057665e-1) * f + 2.0000714765e-1) * f - 2.4999993993e-1) * f + 3.3333331174e-1';

/** exp2 of an integer is exact. */
export const PRECISE_GLSL = `
float preciseExp(float v) {
  float x = clamp(v, -87.3, 88.3);
  float n = floor(x * 1.44269504 + 0.5);
  float r = (x - n * 0.693359375) + n * 2.12194440e-4;
  float p = ${EXP_POLYNOMIAL};
  return ((p * r * r + r) + 1.0) * exp2(n);
}
float preciseLog(float x) {
  float e = floor(log2(x));
  float m = x * exp2(-e);
  if (m > 1.41421356) { m = m * 0.5; e = e + 1.0; }
  float f = m - 1.0;
  float p = ${LOG_POLYNOMIAL};
  return ((f * f * f * p - 2.12194440e-4 * e) - 0.5 * f * f + f) + 0.693359375 * e;
}
#define exp preciseExp
#define log preciseLog
`;

/** A function of a WGSL module hides the built-in one of its name. */
const PRECISE_WGSL = `
fn exp(v : f32) -> f32 {
  let x = clamp(v, -87.3, 88.3);
  let n = floor(x * 1.44269504 + 0.5);
  let r = (x - n * 0.693359375) + n * 2.12194440e-4;
  let p = ${EXP_POLYNOMIAL};
  return ((p * r * r + r) + 1.0) * bitcast<f32>((i32(n) + 127) << 23u);
}
fn log(x : f32) -> f32 {
  let bits = bitcast<i32>(x) + (0x3f800000 - 0x3f3504f3);
  let e = f32((bits >> 23u) - 127);
  let f = bitcast<f32>((bits & 0x007fffff) + 0x3f3504f3) - 1.0;
  let p = ${LOG_POLYNOMIAL};
  return ((f * f * f * p - 2.12194440e-4 * e) - 0.5 * f * f + f) + 0.693359375 * e;
}
`;

/** GPU.js's WebGPU kernel with these functions, and with counters that WGSL accepts: it has ++ for integers only, and GPU.js counts in floats. */
export class PreciseWebGPUKernel extends WebGPUKernel {
  override assembleWGSL(): string {
    return super.assembleWGSL().replace(/(\w+)\+\+/g, '$1 += 1') + PRECISE_WGSL;
  }
}
