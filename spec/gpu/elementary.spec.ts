/** exp, log and pow in kernels, on every backend, against JavaScript's double precision. */
import { expect, it } from 'vitest';
import { type Array2, kernel, type Thread } from '../../kernels/kernel.js';
import { eachBackend } from '../support/backends.js';
import { runProgram } from '../support/program.js';
import { SMALLEST_NORMAL } from '../support/tolerances.js';

const exponential = kernel('exponential', 'x [B, X] -> [B, X]', function (this: Thread, x: Array2): number {
  return Math.exp(x[this.thread.y][this.thread.x]);
});
const logarithm = kernel('logarithm', 'x [B, X] -> [B, X]', function (this: Thread, x: Array2): number {
  return Math.log(x[this.thread.y][this.thread.x]);
});
const power = kernel('power', 'u [B, X], gamma [B, X] -> [B, X]', function (this: Thread, u: Array2, gamma: Array2): number {
  return Math.pow(u[this.thread.y][this.thread.x], gamma[this.thread.y][this.thread.x]);
});

/** From `low` to `high` in equal ratios. */
const ratios = (low: number, high: number, count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => low * (high / low) ** (i / (count - 1)));
const steps = (low: number, high: number, count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

/** The distance of two numbers in units of the last place of the second. */
const units = (found: number, wanted: number): number => Math.abs(found - wanted) / 2 ** (Math.floor(Math.log2(Math.max(Math.abs(wanted), SMALLEST_NORMAL))) - 23);
const worst = (found: Float32Array, wanted: (i: number) => number): number => found.reduce((most, v, i) => Math.max(most, units(v, wanted(i))), 0);

eachBackend('elementary functions', (backend) => {
  it('exp is exact to 1 unit in the last place, log to 2', async () => {
    const [x, u] = [steps(-87, 88, 4001), ratios(1e-37, 1e38, 4001)];
    const { e, l } = await runProgram(
      backend,
      (g) => {
        const [a, b] = [g.input('x', [x.length]), g.input('u', [u.length])];
        g.section('forward');
        g.expose('e', g.apply(exponential, { x: a }));
        g.expose('l', g.apply(logarithm, { x: b }));
      },
      { batch: 1, inputs: { x, u } },
    );
    expect(worst(e!, (i) => Math.exp(x[i]!))).toBeLessThan(1);
    expect(worst(l!, (i) => Math.log(u[i]!))).toBeLessThan(2);
  });

  it('pow of a weighting relative to the largest: to 4½ units, and γ times the roundings of log u beyond its leading terms', async () => {
    const gammas = [1, 1.5, 2.3, 7, 20.17, 100.3];
    const u = Float32Array.from(gammas.flatMap((gamma) => [...ratios(1e-28 ** (1 / gamma), 1, 500)]));
    const gamma = Float32Array.from(u, (_, i) => gammas[Math.floor(i / 500)]!);
    const { p } = await runProgram(
      backend,
      (g) => {
        const inputs = { u: g.input('u', [u.length]), gamma: g.input('gamma', [u.length]) };
        g.section('forward');
        g.expose('p', g.apply(power, inputs));
      },
      { batch: 1, inputs: { u, gamma } },
    );
    // Two exponentials, each to 2 units, and their product; and log(1 + f) − f, u = 2^e·(1 + f), to three roundings of half a unit.
    const beyond = (v: number): number => {
      const f = v / 2 ** Math.round(Math.log2(v)) - 1;
      return Math.abs(Math.log1p(f) - f);
    };
    const allowed = (i: number): number => 4.5 + 1.5 * gamma[i]! * beyond(u[i]!);
    expect(p!.reduce((most, v, i) => Math.max(most, (Math.abs(v / u[i]! ** gamma[i]! - 1) * 2 ** 23) / allowed(i)), 0)).toBeLessThan(1);
  });

  it('pow of any number', async () => {
    const cases = [[0, 1], [0, 3.5], [1e-20, 1], [2, 10], [10, -2.5], [1.2, 40], [0.3, 60], [1e4, 7], [3, 0], [1, 55]] as const;
    const [u, gamma] = [Float32Array.from(cases, ([v]) => v), Float32Array.from(cases, ([, v]) => v)];
    const { p } = await runProgram(
      backend,
      (g) => {
        const inputs = { u: g.input('u', [u.length]), gamma: g.input('gamma', [u.length]) };
        g.section('forward');
        g.expose('p', g.apply(power, inputs));
      },
      { batch: 1, inputs: { u, gamma } },
    );
    cases.forEach(([base, exponent], i) => expect(Math.abs(p![i]! / (u[i]! ** gamma[i]! || 1) - (base === 0 ? 0 : 1)), `${base}^${exponent} = ${p![i]}`).toBeLessThan(1e-5));
  });
});
