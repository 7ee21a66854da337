/** What came of the runs of a study, setting by setting. */
import type { Block } from '../run/blocks.js';
import type { Result } from '../run/results.js';
import type { Settings, Value } from './job.js';
import { hasEnded, type Outcome, type RunRecord } from './record.js';

/** What it took until the task was solved. */
export interface Cost {
  readonly sequences: number;
  readonly seconds: number;
}

export interface Run {
  readonly folder: string;
  readonly settings: Settings;
  readonly outcome: Outcome;
  /** Why it failed. */
  readonly reason: string | null;
  readonly iterations: number;
  readonly sequences: number;
  readonly seconds: number;
  readonly solvedAfter: Cost | null;
  /** Running means at its end; null before. */
  readonly loss: number | null;
  readonly wrongBits: number | null;
  readonly blocks: readonly Block[];
  readonly results: readonly Result[];
}

/** A run from its files, as far as they are whole. */
export const runOf = (folder: string, record: RunRecord, blocks: readonly Block[], results: readonly Result[]): Run => {
  const { settings, outcome, reason = null, solvedAt } = record;
  const last = blocks.at(-1);
  const solving = solvedAt === undefined ? undefined : (blocks.find(({ sequences }) => sequences >= solvedAt) ?? last);
  return {
    folder,
    settings,
    outcome,
    reason,
    iterations: record.iterations ?? last?.step ?? 0,
    sequences: record.sequences ?? last?.sequences ?? 0,
    seconds: last?.seconds ?? 0,
    solvedAfter: outcome === 'solved' && solvedAt !== undefined ? { sequences: solvedAt, seconds: solving?.seconds ?? NaN } : null,
    loss: record.loss ?? null,
    wrongBits: record.wrongBits ?? null,
    blocks,
    results,
  };
};

const keyOf = (settings: Settings): string => JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Ended before failed before unfinished; of two unfinished ones the one that is further on. */
const further = (a: Run, b: Run): boolean => {
  const rank = ({ outcome }: Run): number => (hasEnded({ outcome }) ? 2 : outcome === 'failed' ? 1 : 0);
  return rank(a) !== rank(b) ? rank(a) > rank(b) : a.iterations > b.iterations;
};

/** Of runs that are there twice, as folders of several machines may have them, the one that is further on. */
export const withoutCopies = (runs: readonly Run[]): readonly Run[] => {
  const kept = new Map<string, Run>();
  for (const run of runs) {
    const other = kept.get(keyOf(run.settings));
    if (!other || further(run, other)) kept.set(keyOf(run.settings), run);
  }
  return [...kept.values()];
};

/** The settings, but for the seed, that not all runs have alike. */
export const varied = (runs: readonly Run[]): readonly string[] =>
  [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))].filter((key) => key !== 'seed' && new Set(runs.map(({ settings }) => settings[key])).size > 1);

/** Numbers by size before words by letters. */
export const compareValues = (a: Value | undefined, b: Value | undefined): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a ?? '') < String(b ?? '') ? -1 : String(a ?? '') > String(b ?? '') ? 1 : 0;

/** Of values of which some may be infinite; NaN of none. By straight lines between the sorted ones. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => (a === b ? 0 : a - b));
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return below === above ? below : below + (above - below) * (at % 1);
};

export interface Spread {
  readonly median: number;
  readonly quartiles: readonly [number, number];
  readonly worst: number;
}

const spreadOf = (values: readonly number[]): Spread => ({ median: quantile(values, 0.5), quartiles: [quantile(values, 0.25), quantile(values, 0.75)], worst: quantile(values, 1) });

/** Runs that differ in their seed alone. */
export interface Group {
  /** What they have otherwise than others, by key. */
  readonly settings: Readonly<Record<string, Value | undefined>>;
  readonly runs: readonly Run[];
  readonly solved: number;
  readonly failed: number;
  readonly unfinished: number;
  /** Until solved, of the runs that are through; infinite for those that were not solved or failed. */
  readonly sequences: Spread;
  readonly seconds: Spread;
}

const summarise = (settings: Group['settings'], runs: readonly Run[]): Group => {
  const through = runs.filter(({ outcome }) => outcome !== 'unfinished');
  const count = (which: Outcome): number => runs.filter(({ outcome }) => outcome === which).length;
  const costs = through.map(({ solvedAfter }) => solvedAfter ?? { sequences: Infinity, seconds: Infinity });
  return {
    settings,
    runs,
    solved: count('solved'),
    failed: count('failed'),
    unfinished: count('unfinished'),
    sequences: spreadOf(costs.map(({ sequences }) => sequences)),
    seconds: spreadOf(costs.map(({ seconds }) => seconds).filter((value) => !Number.isNaN(value))),
  };
};

/** The groups of runs by the settings that vary, in the order of their values; each group's runs in that of their seeds. */
export const groupsOf = (runs: readonly Run[]): readonly Group[] => {
  const keys = varied(runs);
  const groups = new Map<string, { readonly settings: Group['settings']; readonly runs: Run[] }>();
  for (const run of runs) {
    const settings = Object.fromEntries(keys.map((key) => [key, run.settings[key]]));
    const name = JSON.stringify(keys.map((key) => run.settings[key] ?? null));
    const group = groups.get(name);
    if (group) group.runs.push(run);
    else groups.set(name, { settings, runs: [run] });
  }
  return [...groups.values()]
    .map((group) => summarise(group.settings, [...group.runs].sort((a, b) => compareValues(a.settings.seed, b.settings.seed))))
    .sort((a, b) => keys.map((key) => compareValues(a.settings[key], b.settings[key])).find((order) => order !== 0) ?? 0);
};

/** `controller lstm, learningRate 0.004`; "all" where nothing varies. */
export const labelOf = ({ settings }: Pick<Group, 'settings'>): string =>
  Object.entries(settings).map(([key, value]) => `${key} ${value ?? '–'}`).join(', ') || 'all';
