/** exp, log and pow in four lanes, from the polynomials of elementary.ts. */
import { EXP, LOG, POW, SQRT_HALF_BITS } from '../elementary.js';
import type { Node, Nodes } from './nodes.js';

export const functionsOf = (nodes: Nodes) => {
  const { node, numeric, vector, float, test, select } = nodes;
  const k = (value: number): Node => vector(float(value));
  const ints = (value: number): Node => node('ints', 'q', [], [value, value, value, value].join());
  const add = (a: Node, b: Node): Node => numeric('add', a, b);
  const sub = (a: Node, b: Node): Node => numeric('sub', a, b);
  const mul = (a: Node, b: Node): Node => numeric('mul', a, b);
  const asInts = (a: Node): Node => node('same', 'q', [a]);
  const asFloats = (a: Node): Node => node('same', 'v', [a]);
  const shift = (op: 'shl' | 'shr', a: Node, by: number): Node => node(op, 'q', [a, nodes.integer(by)]);
  const polynomial = (x: Node, coefficients: readonly number[]): Node => coefficients.slice(1).reduce((p, c) => add(mul(p, x), k(c)), k(coefficients[0]!));

  /** 2^n·exp(r) with n = round(x/ln 2). Adding 1.5·2²³ leaves n in the lowest bits, where they are shifted into the exponent. */
  const exp = (given: Node): Node => {
    const x = numeric('min', numeric('max', given, k(EXP.lowest)), k(EXP.highest));
    const n = node('nearest', 'v', [mul(x, k(Math.LOG2E))]);
    const r = sub(sub(x, mul(n, k(EXP.ln2High))), mul(n, k(EXP.ln2Low)));
    const y = add(add(mul(polynomial(r, EXP.polynomial), mul(r, r)), r), k(1));
    return asFloats(node('add', 'q', [asInts(y), shift('shl', asInts(add(n, k(12582912))), 23)]));
  };

  /** f³·polynomial(f) − f²/2, what log(1 + f) has beyond f. */
  const beyond = (f: Node): Node => sub(mul(mul(polynomial(f, LOG.polynomial), f), mul(f, f)), mul(mul(f, f), k(0.5)));

  /** x = 2^e·(1 + f), 1 + f in [√½, √2). */
  const parted = (x: Node): { readonly e: Node; readonly f: Node } => {
    const bits = node('add', 'q', [asInts(x), ints(0x3f800000 - SQRT_HALF_BITS)]);
    const e = node('float', 'v', [node('add', 'q', [shift('shr', bits, 23), ints(-127)])]);
    const f = sub(asFloats(node('add', 'q', [node('and', 'q', [bits, ints(0x007fffff)]), ints(SQRT_HALF_BITS)])), k(1));
    return { e, f };
  };

  /** e·ln 2 + log(1 + f). x − x is 0, or NaN where the bits would hide it. */
  const log = (x: Node): Node => {
    const { e, f } = parted(x);
    const small = add(beyond(f), mul(e, k(EXP.ln2Low)));
    return add(add(add(f, small), mul(e, k(EXP.ln2High))), sub(x, x));
  };

  /** The leading twelve bits of a number, so that a product of two is exact. */
  const leading = (x: Node): Node => asFloats(node('and', 'q', [asInts(x), ints(-4096)]));

  /**
   * u^γ for the recurrence of weightings, which multiplies a relative error by γ at every step: log u is
   * a sum of two numbers, l + m, and their product with γ another, p + q, with q so small that its
   * exponential is 1 + q.
   */
  const pow = (given: Node, gamma: Node): Node => {
    const u = numeric('max', given, k(POW.smallest));
    const { e, f } = parted(u);
    const small = add(beyond(f), mul(e, k(EXP.ln2Low)));
    const whole = mul(e, k(EXP.ln2High));
    const sum = add(whole, f);
    const l = add(sum, small);
    const m = add(add(sub(sum, l), small), sub(f, sub(sum, whole)));
    const p = mul(gamma, l);
    const [lHigh, gammaHigh] = [leading(l), leading(gamma)];
    const [lLow, gammaLow] = [sub(l, lHigh), sub(gamma, gammaHigh)];
    const rounding = add(add(add(sub(mul(lHigh, gammaHigh), p), mul(lHigh, gammaLow)), mul(lLow, gammaHigh)), mul(lLow, gammaLow));
    const y = exp(p);
    const power = add(y, mul(y, add(rounding, mul(gamma, m))));
    return select(test('gt', u, k(POW.smallest)), power, k(0));
  };

  /** In the lanes, or for one number in the first of them. */
  const lanewise = (fn: (...args: Node[]) => Node, args: readonly Node[]): Node => (args.some(({ type }) => type === 'v') ? fn(...args.map(vector)) : node('first', 'f', [fn(...args.map(vector))]));

  return { exp: (x: Node) => lanewise(exp, [x]), log: (x: Node) => lanewise(log, [x]), pow: (u: Node, gamma: Node) => lanewise(pow, [u, gamma]) };
};
