/** An evaluation's results as a file of lines, one a cell. */
import * as E from 'fp-ts/lib/Either.js';
import type { CellResult } from '../evaluation/evaluate.js';
import { asRecord, parseStrictly } from '../io/json.js';

export const EVALUATION = 'evaluation.jsonl';

/** What a line says: the task, and its result for one cell. */
export type Result = Pick<CellResult, 'cell' | 'sequences' | 'wrongMean' | 'wrong95'> & Partial<Pick<CellResult, 'perfect' | 'crossEntropy' | 'own'>> & { readonly task: string };

export const encodeResult = (task: string, result: CellResult): CellResult & { readonly task: string } => ({ task, ...result });

const isFigure = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** The result of a line; null for one that is torn or not of the format. */
export const readResult = (line: string): Result | null => {
  const json = parseStrictly(line);
  const fields = E.isRight(json) ? asRecord(json.right) : null;
  const cell = fields && asRecord(fields.cell);
  if (!fields || !cell) return null;
  const { task, sequences, wrongMean, wrong95, perfect, crossEntropy } = fields;
  const own = asRecord(fields.own);
  const sizes = Object.values(cell);
  if (
    typeof task !== 'string' ||
    !isFigure(sequences) ||
    !isFigure(wrongMean) ||
    !isFigure(wrong95) ||
    sizes.length === 0 ||
    !sizes.every(isFigure)
  )
    return null;
  return { task, cell: cell as Result['cell'], sequences, wrongMean, wrong95, ...(isFigure(perfect) && { perfect }), ...(isFigure(crossEntropy) && { crossEntropy }), ...(own && Object.values(own).every(Number.isFinite) && { own: own as CellResult['own'] }) };
};
