/** A study's outcome as text: a table for people, CSV and JSON for programs. */
import type { Value } from './job.js';
import { compareValues, type Group, labelOf, type Run, type Spread } from './summary.js';

/** A number, "∞" for one that was not reached; thousands apart. */
const figure = (value: number, digits: number): string => {
  if (Number.isNaN(value)) return '–';
  return Number.isFinite(value) ? value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }) : '∞';
};

const spread = ({ median, quartiles: [low, high], worst }: Spread, digits: number): readonly string[] => [
  figure(median, digits),
  `${figure(low, digits)}–${figure(high, digits)}`,
  figure(worst, digits),
];

const HEAD = ['setting', 'runs', 'solved', 'sequences: median', 'quartiles', 'worst', 'seconds: median', 'quartiles', 'worst', 'failed', 'unfinished'];

const rowOf = (group: Group): readonly string[] => {
  const through = group.runs.length - group.unfinished;
  const share = through === 0 ? '–' : `${group.solved} of ${through}`;
  return [labelOf(group), String(group.runs.length), share, ...spread(group.sequences, 0), ...spread(group.seconds, 1), String(group.failed), String(group.unfinished)];
};

/** Columns below one another, the first to the left, numbers to the right. */
export const tableOf = (groups: readonly Group[]): string => {
  const rows = [HEAD, ...groups.map(rowOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ').trimEnd()).join('\n');
};

/** A run for programs; what was not reached is left out. */
export const objectOf = (run: Run): Readonly<Record<string, unknown>> => ({
  folder: run.folder,
  settings: run.settings,
  outcome: run.outcome,
  iterations: run.iterations,
  sequences: run.sequences,
  seconds: run.seconds,
  ...(run.solvedAfter && { solved_after: run.solvedAfter }),
  ...(run.loss !== null && { loss: run.loss, wrong_bits: run.wrongBits }),
  ...(run.results.length > 0 && { evaluation: run.results }),
  ...(run.outcome === 'failed' && { reason: run.reason ?? 'unknown' }),
});

const csvCell = (value: Value | null | undefined): string => {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** One line a run (RFC 4180): folder, outcome, figures, then all settings. */
export const csvOf = (runs: readonly Run[]): string => {
  const keys = [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))];
  const head = ['folder', 'outcome', 'reason', 'iterations', 'sequences', 'seconds', 'solved_sequences', 'solved_seconds', ...keys];
  const lines = [...runs]
    .sort((a, b) => compareValues(a.folder, b.folder))
    .map(({ folder, outcome, reason, iterations, sequences, seconds, solvedAfter, settings }) => [
      folder, outcome, reason, iterations, sequences, seconds, solvedAfter?.sequences, solvedAfter?.seconds, ...keys.map((key) => settings[key]),
    ]);
  return [head, ...lines].map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
};
