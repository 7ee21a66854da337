/**
 * exp, log and pow in single precision: the constants of every backend that computes them itself
 * (WebAssembly, GLSL, WGSL). Polynomials are those of Cephes (Moshier), highest power first.
 */

/** exp(x) = 2^n·(1 + r + r²·polynomial(r)), n = round(x/ln 2), r = x − n·ln 2 with ln 2 in two parts. */
export const EXP = {
  polynomial: [1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1],
  ln2High: 0.693359375,
  ln2Low: -2.12194440e-4,
  lowest: -87.3,
  highest: 88.3,
} as const;

/** log(1 + f) = f − f²/2 + f³·polynomial(f), 1 + f in [√½, √2). */
export const LOG = {
  polynomial: [7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1],
} as const;

/** √½ as the bits of a float. */
export const SQRT_HALF_BITS = 0x3f3504f3;

/** u^γ by a product in two parts (see the users): below `smallest` it is 0; shaders split log u and γ at these fractions. */
export const POW = { smallest: 1e-30, splitLogarithm: 1024, splitExponent: 16 } as const;
