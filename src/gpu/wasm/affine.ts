/**
 * Integers of a kernel – indices, bounds, what is compared with them – as affine forms
 * c + Σ k·v (+ l·lane) in the variables of the loops around them. From the variables' ranges follow the
 * form's, and with it which conditions are known, and where a loop must be split to make them known.
 */

/** A loop's variable: from, from + step, … below `to`; null where the bound is not known beforehand. */
export interface Variable {
  readonly name: string;
  readonly from: number;
  readonly to: number | null;
  readonly step: number;
}

export interface Affine {
  readonly constant: number;
  readonly terms: ReadonlyMap<Variable, number>;
  /** Added once for each lane, 0 … 3. */
  readonly lane: number;
}

export const LANES = 4;

export const constant = (value: number): Affine => ({ constant: value, terms: new Map(), lane: 0 });

export const variable = (v: Variable, offset = 0, lane = 0): Affine => ({ constant: offset, terms: new Map([[v, 1]]), lane });

export const isConstant = ({ terms, lane }: Affine): boolean => terms.size === 0 && lane === 0;

/** a + s·b. */
export const addScaled = (a: Affine, b: Affine, s: number): Affine => {
  const terms = new Map(a.terms);
  for (const [v, k] of b.terms) {
    const sum = (terms.get(v) ?? 0) + s * k;
    if (sum === 0) terms.delete(v);
    else terms.set(v, sum);
  }
  return { constant: a.constant + s * b.constant, terms, lane: a.lane + s * b.lane };
};

export const scaled = (a: Affine, s: number): Affine => addScaled(constant(0), a, s);

const lastOf = ({ from, to, step }: Variable): number => (to === null ? Infinity : from + Math.floor((to - 1 - from) / step) * step);

/** Smallest and largest value over all lanes and iterations. */
export const rangeOf = ({ constant: c, terms, lane }: Affine): readonly [lowest: number, highest: number] => {
  let low = c + Math.min(0, (LANES - 1) * lane);
  let high = c + Math.max(0, (LANES - 1) * lane);
  for (const [v, k] of terms) {
    low += Math.min(k * v.from, k * lastOf(v));
    high += Math.max(k * v.from, k * lastOf(v));
  }
  return [low, high];
};

/** Thrown where a condition is known on neither side: the loop over `variable` is to be split before `point`. */
export class Split extends Error {
  constructor(
    readonly variable: Variable,
    readonly point: number,
  ) {
    super(`${variable.name} is to be split at ${point}`);
  }
}

/** What no rule covers. */
export class Unsupported extends Error {}

/** Values that a variable is split into one by one, where a condition depends on others too. */
const FEW = 16;

/** Whether the form is negative; throws a {@link Split} where that depends on one variable's value. */
export const isNegative = (form: Affine): boolean => {
  const [low, high] = rangeOf(form);
  if (high < 0) return true;
  if (low >= 0) return false;
  if (form.lane !== 0) throw new Unsupported('a condition that differs from lane to lane');
  const open = [...form.terms].filter(([v]) => lastOf(v) > v.from);
  const [[v, k]] = open.sort(([a], [b]) => lastOf(a) - a.from - (lastOf(b) - b.from)) as [[Variable, number]];
  if (open.length > 1) {
    if (lastOf(v) - v.from >= FEW) throw new Unsupported('a condition on several indices');
    throw new Split(v, v.from + 1);
  }
  if (v.to === null) throw new Unsupported('a condition on the number of rows');
  const rest = form.constant + [...form.terms].reduce((sum, [u, factor]) => (u === v ? sum : sum + factor * u.from), 0);
  const zero = -rest / k;
  throw new Split(v, k > 0 ? Math.ceil(zero) : Math.floor(zero) + 1);
};

export type Comparison = '<' | '>' | '<=' | '>=' | '===' | '!==';

/** Whether `a operator b` holds, for all lanes and iterations. */
export const compare = (operator: Comparison, a: Affine, b: Affine): boolean => {
  const difference = addScaled(a, b, -1);
  const opposite = addScaled(b, a, -1);
  switch (operator) {
    case '<':
      return isNegative(difference);
    case '>':
      return isNegative(opposite);
    case '<=':
      return !isNegative(opposite);
    case '>=':
      return !isNegative(difference);
    case '===':
      return !isNegative(difference) && !isNegative(opposite);
    case '!==':
      return isNegative(difference) || isNegative(opposite);
  }
};
