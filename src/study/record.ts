/** run.json: what a run was given and what came of it, beside its metrics. */
import * as E from 'fp-ts/lib/Either.js';
import { asRecord, parseStrictly } from '../io/json.js';
import type { Settings, Value } from './job.js';

export const RECORD = 'run.json';

/** `unfinished` from the beginning on, also where a run was interrupted or killed. */
export const OUTCOMES = ['unfinished', 'solved', 'not solved', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface RunRecord {
  readonly settings: Settings;
  readonly outcome: Outcome;
  /** Why it failed. */
  readonly reason?: string;
  readonly iterations?: number;
  readonly sequences?: number;
  /** Sequences seen when the task was solved. */
  readonly solvedAt?: number;
  /** Running means at the end over about 100 iterations: nats per bit, wrong bits per sequence. */
  readonly loss?: number;
  readonly wrongBits?: number;
}

const isValue = (value: unknown): value is Value => ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isMean = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0;

export const encodeRecord = (record: RunRecord): Uint8Array => new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`);

/** The record of a file's text; null for one that is torn or not of the format. */
export const readRecord = (text: string): RunRecord | null => {
  const json = parseStrictly(text);
  const fields = E.isRight(json) ? asRecord(json.right) : null;
  const settings = fields && asRecord(fields.settings);
  if (!fields || !settings || !Object.values(settings).every(isValue) || typeof settings.task !== 'string') return null;
  const { outcome, reason, iterations, sequences, solvedAt, loss, wrongBits } = fields;
  const known = OUTCOMES.find((each) => each === outcome);
  if (!known || ![iterations, sequences, solvedAt].every((count) => count === undefined || isCount(count))) return null;
  return {
    settings: settings as Settings,
    outcome: known,
    ...(typeof reason === 'string' && { reason }),
    ...(isCount(iterations) && { iterations }),
    ...(isCount(sequences) && { sequences }),
    ...(isCount(solvedAt) && { solvedAt }),
    ...(isMean(loss) && { loss }),
    ...(isMean(wrongBits) && { wrongBits }),
  };
};

export const hasEnded = ({ outcome }: Pick<RunRecord, 'outcome'>): boolean => outcome === 'solved' || outcome === 'not solved';

/** Whether two runs have the same settings, in whatever order. */
export const sameSettings = (a: Settings, b: Settings): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, value]) => b[key] === value);
