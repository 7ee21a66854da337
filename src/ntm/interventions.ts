/** What an intervention may set, checked: what is wrong is a thrown `wrong-shape` or `wrong-number`. */
import type { HeadParameter } from '../model/heads.js';
import { fail } from './errors.js';
import { wholeOf } from './sequences.js';
import { show } from './text.js';

/** `length` finite numbers; one alone may stand for itself. */
export const numbersOf = (name: string, values: ArrayLike<number> | number, length: number): Float32Array => {
  const given = typeof values === 'number' ? [values] : values;
  if (typeof given !== 'object' || given === null || given.length !== length) return fail('wrong-shape', `${name} wants ${length} numbers, got ${typeof given === 'object' && given !== null ? given.length : show(given)}`);
  const bad = Array.from(given).findIndex((value) => typeof value !== 'number' || !Number.isFinite(Math.fround(value)));
  return bad < 0 ? Float32Array.from(given) : fail('wrong-number', `${name}[${bad}] is ${show(given[bad])}: wanted a finite number`);
};

/** A weighting's sum may be off by what float32 rounds. */
const SUM_TOLERANCE = 1e-3;

const ofSum1 = (name: string, values: Float32Array): Float32Array => {
  const sum = values.reduce((total, value) => total + value, 0);
  if (values.some((value) => value < 0) || Math.abs(sum - 1) > SUM_TOLERANCE) return fail('wrong-number', `${name} wants numbers of at least 0 whose sum is 1, got a sum of ${sum}`);
  return values;
};

/** A weighting of all slots, or of one. */
export const weightingOf = (given: ArrayLike<number> | number, slots: number): Float32Array => {
  if (typeof given === 'number') {
    const slot = wholeOf('slot', given, 0, slots - 1);
    return Float32Array.from({ length: slots }, (_, n) => (n === slot ? 1 : 0));
  }
  return ofSum1('weighting', numbersOf('weighting', given, slots));
};

/** What a head's parameter can be. */
const RANGES: { readonly [P in HeadParameter]?: readonly [least: number, most: number] } = { beta: [0, Infinity], g: [0, 1], gamma: [1, Infinity], e: [0, 1] };

/** A parameter that a head is to have: `size` numbers in its range. */
export const parameterOf = (name: HeadParameter, given: ArrayLike<number> | number, size: number): Float32Array => {
  const values = numbersOf(name, given, size);
  if (name === 's') return ofSum1(name, values);
  const [least, most] = RANGES[name] ?? [-Infinity, Infinity];
  const bad = values.find((value) => value < least || value > most);
  return bad === undefined ? values : fail('wrong-number', `${name} wants ${most === Infinity ? `at least ${least}` : `from ${least} to ${most}`}, got ${bad}`);
};
