/** The training state out of a file: every number has its range. */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { asRecord } from '../io/json.js';
import { isRng, type Rng } from '../random.js';
import type { TrainingState } from './trainer.js';

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isMean = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;

const RANGES: { readonly [K in keyof TrainingState]: readonly [accept: (value: unknown) => boolean, range: string] } = {
  step: [isCount, 'an integer of at least 0'],
  sequences: [isCount, 'an integer of at least 0'],
  rng: [(value) => isRng(value), 'four integers of 32 bits, not all 0'],
  runningLoss: [isMean, 'a finite number of at least 0'],
  runningExcess: [isMean, 'a finite number of at least 0'],
  runningWrong: [isMean, 'a finite number of at least 0'],
  evaluations: [isCount, 'an integer of at least 0'],
  good: [isCount, 'an integer of at least 0'],
  reach: [(value) => isCount(value) && value > 0, 'an integer of at least 1'],
  solvedAt: [(value) => value === null || isCount(value), 'an integer of at least 0, or null'],
  flawless: [isCount, 'an integer of at least 0'],
  skipped: [isCount, 'an integer of at least 0'],
  pending: [(value) => typeof value === 'boolean', 'true or false'],
};

/** What files of earlier versions lack. */
const earlier = ({ runningLoss }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({ pending: false, runningExcess: runningLoss });

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};

/** A state whose fields all lie in their ranges; the first that does not is named. */
export const decodeState = (json: unknown): E.Either<string, TrainingState> => {
  const given = asRecord(json);
  if (!given) return E.left('its training state is incomplete');
  // In the file's order: a resumed run writes the bytes of one that was never stopped.
  const fields: Readonly<Record<string, unknown>> = { ...given, ...Object.fromEntries(Object.entries(earlier(given)).filter(([name]) => !Object.hasOwn(given, name))) };
  const fault = Object.entries(RANGES).flatMap(([name, [accept, range]]) => {
    if (!Object.hasOwn(fields, name)) return [`its training state is incomplete: ${name} is missing`];
    return accept(fields[name]) ? [] : [`its training state: ${name} wants ${range}, got ${typeof fields[name] === 'number' ? String(fields[name]) : show(fields[name])}`];
  })[0];
  const unknown = Object.keys(fields).find((name) => !Object.hasOwn(RANGES, name));
  if (fault ?? unknown !== undefined) return E.left(fault ?? `its training state: unknown field ${show(unknown)}`);
  const state = fields as unknown as TrainingState;
  return pipe(
    E.right(state),
    E.filterOrElse(({ solvedAt, sequences }) => solvedAt === null || solvedAt <= sequences, () => `its training state: solvedAt ${state.solvedAt} is beyond its ${state.sequences} sequences`),
    E.map((decoded) => ({ ...decoded, rng: decoded.rng.map((word) => word) as Rng })),
  );
};
