/**
 * What kernels get on shading languages beyond GPU.js's translation. These leave the precision of exp,
 * log and pow to the driver (Mesa's software renderer is off by 1e-6 near log 1, which γ multiplies), so
 * here they are from the constants of elementary.ts, as WebAssembly has them (wasm/functions.ts).
 */
import { EXP, LOG, POW, SQRT_HALF_BITS } from '../elementary.js';
import { WebGPUKernel } from '../gpujs.js';

/** A number with a point, without which GLSL takes it for an integer. */
const float = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));
const horner = (coefficients: readonly number[], x: string): string => coefficients.slice(1).reduce((sum, c) => `(${sum} * ${x} + ${float(c)})`, float(coefficients[0]!));

/**
 * A sum as it is. Shader compilers take sums for associative (Mesa makes (p + r) + 1 into p + (r + 1), and
 * (w − h) + f into (w + f) − h), which costs what the order is to save; through a maximum none adds.
 * `least` is below all that the sum can be.
 */
const kept = (sum: string, least: number): string => `max(${sum}, ${float(least)})`;

const EXP_RANGE = `clamp(v, ${EXP.lowest}, ${EXP.highest})`;
const EXP_WHOLE = `floor(x * ${Math.LOG2E} + 0.5)`;
const EXP_REST = `(x - n * ${EXP.ln2High}) - n * (${EXP.ln2Low})`;
const EXP_OF_REST = `${kept(`${horner(EXP.polynomial, 'r')} * r * r + r`, -1)} + 1.0`;
/** What log(1 + f) has beyond f. */
const BEYOND = `f * f * (f * ${horner(LOG.polynomial, 'f')} - 0.5)`;
const LOG_SUM = `${kept(`f + (beyond + e * (${EXP.ln2Low}))`, -1)} + e * ${EXP.ln2High}`;

/**
 * u^γ for the recurrence of weightings, which multiplies a relative error by γ at every step: γ·log u is
 * not rounded as one product. With u = 2^e·(1 + f), log u is e·ln 2 + f, split by rounding down into a
 * leading part and a rest, both exact, and what log(1 + f) has beyond f; γ is split likewise, so that the
 * leading product is exact. Rounding down, since shader compilers may simplify a sum that only
 * compensates for rounding ({@link kept}).
 */
const power = (exp: string, type: (name: string) => string): string => `
  ${type('beyond')} = ${BEYOND};
  ${type('small')} = beyond + e * (${EXP.ln2Low});
  ${type('whole')} = e * ${EXP.ln2High};
  ${type('high')} = floor((whole + f) * ${float(POW.splitLogarithm)}) * ${1 / POW.splitLogarithm};
  ${type('rest')} = ${kept('whole - high', -128)} + f;
  ${type('gHigh')} = floor(g * ${float(POW.splitExponent)}) * ${1 / POW.splitExponent};
  ${type('y')} = ${exp}(gHigh * high) * ${exp}((gHigh * rest + (g - gHigh) * (high + rest)) + g * small);`;

/** exp2 of a whole number is exact. */
export const PRECISE_GLSL = `
float preciseExp(float v) {
  float x = ${EXP_RANGE};
  float n = ${EXP_WHOLE};
  float r = ${EXP_REST};
  return (${EXP_OF_REST}) * exp2(n);
}
void parted(float x, out float e, out float f) {
  e = floor(log2(x));
  float m = x * exp2(-e);
  if (m > ${Math.SQRT2}) { m = m * 0.5; e = e + 1.0; }
  f = m - 1.0;
}
float preciseLog(float x) {
  float e;
  float f;
  parted(x, e, f);
  float beyond = ${BEYOND};
  return ${LOG_SUM};
}
float precisePow(float v, float g) {
  if (g == 0.0) { return 1.0; }
  float u = abs(v);
  if (u <= ${POW.smallest}) { return 0.0; }
  float e;
  float f;
  parted(u, e, f);${power('preciseExp', (name) => `float ${name}`)}
  return v < 0.0 && floor(g * 0.5) * 2.0 != g ? -y : y;
}
#define exp preciseExp
#define log preciseLog
#define _pow precisePow
`;

/** A function of a WGSL module hides the built-in one of its name. */
const PRECISE_WGSL = `
fn exp(v : f32) -> f32 {
  let x = ${EXP_RANGE};
  let n = ${EXP_WHOLE};
  let r = ${EXP_REST};
  return (${EXP_OF_REST}) * bitcast<f32>((i32(n) + 127) << 23u);
}
fn parted(x : f32) -> vec2<f32> {
  let bits = bitcast<i32>(x) + ${0x3f800000 - SQRT_HALF_BITS};
  return vec2<f32>(f32((bits >> 23u) - 127), bitcast<f32>((bits & 0x007fffff) + ${SQRT_HALF_BITS}) - 1.0);
}
fn log(x : f32) -> f32 {
  let ef = parted(x);
  let e = ef.x;
  let f = ef.y;
  let beyond = ${BEYOND};
  return ${LOG_SUM};
}
fn precisePow(v : f32, g : f32) -> f32 {
  if (g == 0.0) { return 1.0; }
  let u = abs(v);
  if (u <= ${POW.smallest}) { return 0.0; }
  let ef = parted(u);
  let e = ef.x;
  let f = ef.y;${power('exp', (name) => `let ${name}`)}
  if (v < 0.0 && floor(g * 0.5) * 2.0 != g) { return -y; }
  return y;
}
`;

/**
 * GPU.js's WebGPU kernel with these functions, and with counters that WGSL accepts: it has ++ for
 * integers only, and GPU.js counts in floats.
 */
export class PreciseWebGPUKernel extends WebGPUKernel {
  override assembleWGSL(): string {
    return super.assembleWGSL().replace(/(\w+)\+\+/g, '$1 += 1').replace(/(?<!fn )\b_pow\(/g, 'precisePow(') + PRECISE_WGSL;
  }
}
