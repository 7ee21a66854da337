/** A model with more memory slots than it was trained with. */
import * as E from 'fp-ts/lib/Either.js';
import type { Model } from './inspect.js';
import { hasMemory } from './parts.js';
import { packParameters, unpackParameters } from './state-dict.js';

/** exp(−100) is 0 beside any weighting's largest. */
const NEVER = -100;

const softmax = (logits: readonly number[]): readonly number[] => {
  const top = Math.max(...logits);
  const p = logits.map((z) => Math.exp(z - top));
  const sum = p.reduce((a, b) => a + b, 0);
  return p.map((value) => value / sum);
};

/** The slot before which new ones stand furthest from where the heads begin; the end where they begin evenly. */
const furthest = (weighting: readonly number[]): number => {
  const N = weighting.length;
  const distance = (at: number): number => weighting.reduce((sum, w, n) => sum + w * Math.min(Math.abs(at - 0.5 - n), N - Math.abs(at - 0.5 - n)), 0);
  return Array.from({ length: N }, (_, i) => N - i).reduce((best, at) => (distance(at) > distance(best) + 1e-3 ? at : best), N);
};

/**
 * The model with `slots` slots, at least as many as it has. No head begins at a new slot, and they stand
 * in the ring as far as can be from where heads begin, so that the weightings are as before until a head
 * is shifted there. New slots hold what blank memory holds (the mean slot, where memory starts otherwise).
 * Left: why not so many.
 */
export const withSlots = (model: Model, slots: number): E.Either<string, Model> => {
  const { shape, parameters } = model;
  const { slots: N, width: M } = shape;
  if (!hasMemory(shape)) return E.left('this model has no memory');
  if (slots < N) return E.left(`this model was trained with ${N} slots, of which ${slots} would leave some out`);
  if (slots === N) return E.right(model);
  const tensors = unpackParameters(shape, parameters);
  const logits = [...tensors].filter(([name]) => name.endsWith('._initial_state')).map(([, { data }]) => Array.from(data));
  const weightings = logits.map(softmax);
  const at = furthest(weightings[0]!.map((_, n) => weightings.reduce((sum, w) => sum + w[n]!, 0) / weightings.length));
  const insert = (values: ArrayLike<number>, size: number, fill: (i: number) => number): readonly number[] => {
    const all = Array.from(values);
    return [...all.slice(0, at * size), ...Array.from({ length: (slots - N) * size }, (_, i) => fill(i % size)), ...all.slice(at * size)];
  };
  const larger = { ...shape, slots };
  return E.right({
    shape: larger,
    parameters: packParameters(larger, ({ name }) => {
      const { data } = tensors.get(name)!;
      if (name.endsWith('._initial_state')) return insert(data, 1, () => NEVER + Math.max(...data));
      if (name === 'memory.initial_state') return insert(data, M, (m) => data.reduce((sum, value, i) => (i % M === m ? sum + value : sum), 0) / N);
      return data;
    }),
  });
};
