/** How well a model did when it was evaluated, as the best one's file says it. */
import * as E from 'fp-ts/lib/Either.js';
import { seal } from '../io/checksum.js';
import { asRecord, parseStrictly } from '../io/json.js';
import type { Safetensors } from '../io/safetensors.js';
import type { Judged } from '../training/trainer.js';

export interface Score {
  /** Held-out wrong bits per sequence. */
  readonly heldOut: number | null;
  /** Share of the longest sequences that were entirely right, once the task was solved. */
  readonly longest: number | null;
}

/** The longest sequences decide where they were judged; held-out error does before. */
export const isBetter = (a: Score, b: Score): boolean =>
  (a.longest ?? -1) !== (b.longest ?? -1) ? (a.longest ?? -1) > (b.longest ?? -1) : (a.heldOut ?? Infinity) < (b.heldOut ?? Infinity);

/** Null where nothing was evaluated, or the task came undone. */
export const scoreOf = ({ heldOut, longest, state }: Judged): Score | null => {
  if (heldOut === null && longest === null) return null;
  return longest !== null && state.solvedAt === null ? null : { heldOut, longest };
};

export const withScore = (file: Safetensors, score: Score): Safetensors => seal({ ...file, metadata: { ...file.metadata, score: JSON.stringify(score) } });

const isFigure = (value: unknown): value is number | null => value === null || (typeof value === 'number' && Number.isFinite(value));

export const readScore = ({ metadata }: Safetensors): Score | null => {
  const json = parseStrictly(metadata.score ?? 'null');
  const fields = E.isRight(json) ? asRecord(json.right) : null;
  if (!fields) return null;
  const { heldOut, longest } = fields;
  return isFigure(heldOut) && isFigure(longest) ? { heldOut, longest } : null;
};
