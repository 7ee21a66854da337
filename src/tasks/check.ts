/**
 * Whether a value, such as the default export of a user's module, is a task: what it says of itself,
 * and a few batches drawn. What is wrong is one line that names what and where.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { seededRng } from '../random.js';
import { type Cell, cellLabel, spread } from './cells.js';
import { type ByBatch, type BySequence, type Definition, defineTask, type Task, WRONG_BITS } from './definition.js';
import { judge, type Judgement } from './judge.js';
import type { Batch } from './sequences.js';

/** What values of an array [T, B, channels] may be. */
interface Expected {
  readonly what: string;
  readonly values: Float32Array;
  readonly channels: number;
  readonly passes: (value: number) => boolean;
  readonly wanted: string;
}

/** The first value that does not pass, by its place. */
const valueFault = ({ batch }: Batch, { what, values, channels, passes, wanted }: Expected): string | null => {
  const at = values.findIndex((value) => !passes(value));
  if (at < 0) return null;
  const row = Math.floor(at / channels);
  const channel = channels > 1 ? `, channel ${at % channels}` : '';
  return `sequence ${row % batch}: its ${what} at step ${Math.floor(row / batch)}${channel} is ${values[at]}, wanted ${wanted}`;
};

/** What is wrong with a batch, if anything is. */
export const batchFault = (given: Batch, inputs: number, outputs: number): string | null => {
  const { steps, batch, x, target, mask } = given;
  const sizes = [['x', x, inputs], ['target', target, outputs], ['mask', mask, 1]] as const;
  for (const [name, values, channels] of sizes) {
    if (!(values instanceof Float32Array)) return `${name} is not a Float32Array`;
    if (values.length !== steps * batch * channels) return `${name} has ${values.length} numbers, wanted ${steps} steps × ${batch} sequences × ${channels} channels`;
  }
  const unmasked = Array.from({ length: batch }, (_, b) => b).find((b) => mask.every((value, i) => i % batch !== b || value === 0));
  const expected: readonly Expected[] = [
    { what: 'input', values: x, channels: inputs, passes: Number.isFinite, wanted: 'a finite number' },
    { what: 'target', values: target, channels: outputs, passes: (value) => value >= 0 && value <= 1, wanted: 'a number from 0 to 1' },
    { what: 'mask', values: mask, channels: 1, passes: (value) => value === 0 || value === 1, wanted: '0 or 1' },
  ];
  const fault = expected.map((each) => valueFault(given, each)).find((found) => found !== null);
  return fault ?? (unmasked === undefined ? null : `sequence ${unmasked}: its mask is 1 at no step, so that no answer counts`);
};

const isWhole = (value: unknown, least: number): value is number => Number.isSafeInteger(value) && (value as number) >= least;

const isRange = (value: unknown): boolean => Array.isArray(value) && value.length === 2 && isWhole(value[0], 0) && isWhole(value[1], value[0]);

const show = (value: unknown): string => JSON.stringify(value) ?? String(value);

/** The fields of a definition; one that is missing here does not compile. */
const FIELD: Readonly<Record<keyof BySequence | keyof ByBatch, true>> = {
  name: true, inputs: true, outputs: true, cells: true, sequence: true, sequences: true, least: true, distribution: true, more: true,
  measures: true, solved: true, shown: true, reference: true, reproduction: true, controller: true, training: true, heldOut: true, heldOutCells: true, steps: true,
};

const FORM = 'a task is { name, inputs, outputs, cells, sequence }';

const nameFault = ({ name }: { readonly name?: unknown }): string | null =>
  typeof name === 'string' && /^[\w-]+$/.test(name) ? null : `name wants letters, digits, - and _ (files are called by it), got ${show(name)}`;

const channelsFault = (value: { readonly inputs?: unknown; readonly outputs?: unknown }): string | null => {
  const wrong = (['inputs', 'outputs'] as const).find((field) => !isWhole(value[field], 1));
  return wrong ? `${wrong} wants how many channels there are, an integer of at least 1, got ${show(value[wrong])}` : null;
};

const cellsFault = (cells: unknown): string | null => {
  const given = typeof cells === 'object' && cells !== null && Object.keys(cells).length > 0;
  if (!given) return `cells wants the sizes trained on, such as { length: [1, 20] }, got ${show(cells)}`;
  const wrong = Object.entries(cells).find(([, range]) => !isRange(range));
  return wrong ? `cells.${wrong[0]} wants [from, to], integers of which the second is not below the first, got ${show(wrong[1])}` : null;
};

/** What is wrong with the fields of a definition. */
const fieldsFault = (value: Readonly<Record<string, unknown>>): string | null => {
  const unknown = Object.keys(value).find((field) => !(field in FIELD));
  if (unknown) return `${unknown} is not a field of a task; there are ${Object.keys(FIELD).join(', ')}`;
  const fault = nameFault(value) ?? channelsFault(value) ?? cellsFault(value.cells);
  if (fault) return fault;
  return typeof value.sequence === 'function' || typeof value.sequences === 'function' ? null : 'sequence wants a function (cell, draw) => ({ input, answer })';
};

/** What is wrong with the measures and the reference of a batch, given answers of 0. */
const judgementFault = ({ measures, more, outputs, reference, solved }: Task, batch: Batch): string | null => {
  const names = [WRONG_BITS, ...measures.map(({ name }) => name)];
  if (!names.includes(solved.measure)) return `solved.measure is ${show(solved.measure)}, wanted one of ${names.join(', ')}`;
  const [{ own }] = judge(measures, { batch, outputs: new Float32Array((batch.steps + more) * batch.batch * outputs) }) as [Judgement];
  const wrong = Object.entries(own).find(([, value]) => !Number.isFinite(value));
  if (wrong) return `its measure ${show(wrong[0])} is ${wrong[1]} for an answer of zeros, wanted a finite number`;
  const best = reference?.(batch, 0);
  return best && best.length !== batch.steps * outputs ? `its reference has ${best.length} numbers, wanted ${batch.steps} steps × ${outputs} channels` : null;
};

const equal = (a: Float32Array, b: Float32Array): boolean => a.length === b.length && a.every((value, i) => value === b[i]);

const RANDOM_ELSEWHERE =
  'two draws from the same random state differ: draw with the numbers given (draw.integer, draw.uniform, draw.normal), not with Math.random';

/** A cell's sequences have one length, and not more than is promised. */
const stepsFault = (promised: number, ...seen: readonly number[]): string | null => {
  const [fewest, most] = [Math.min(promised, ...seen), Math.max(promised, ...seen)];
  const alike = promised === most && seen.every((steps) => steps === seen[0]);
  return alike ? null : `its sequences have ${fewest} and ${most} steps: those of one cell have one length; name what differs in cells, or pad with mask 0`;
};

/** Draws batches of a cell twice from one random state, and one more from another. */
const drawFault = (task: Task, sequences: Task['sequences'], cell: Cell): string | null => {
  const [first] = sequences(cell, 2)(seededRng(1));
  const fault = batchFault(first, task.inputs, task.outputs);
  if (fault) return fault;
  const [again] = sequences(cell, 2)(seededRng(1));
  if (!equal(first.x, again.x) || !equal(first.target, again.target)) return RANDOM_ELSEWHERE;
  const [other] = sequences(cell, 3)(seededRng(2));
  return stepsFault(task.steps(cell), first.steps, other.steps) ?? batchFault(other, task.inputs, task.outputs) ?? judgementFault(task, first);
};

/** How many cells of a distribution are tried. */
const TRIED = 8;

const lineOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!;

/** Tries a task out. */
const triedFault = (task: Task): string | null => {
  const trained = spread(task.distribution.cells(task.distribution.whole), TRIED).map((cell) => ({ cell, sequences: task.sequences }));
  const evaluated = [...spread(task.heldOutCells, TRIED), ...Object.values(task.shown).flat()].map((cell) => ({ cell, sequences: task.heldOut }));
  for (const { cell, sequences } of [...trained, ...evaluated]) {
    const message = pipe(E.tryCatch(() => drawFault(task, sequences, cell), lineOf), E.toUnion);
    if (message) return message.startsWith(`task ${task.name}, cell`) ? message : `task ${task.name}, cell ${cellLabel(cell)}: ${message}`;
  }
  return null;
};

const tried = (task: Task): E.Either<string, Task> =>
  pipe(
    E.tryCatch(() => nameFault(task) ?? channelsFault(task) ?? triedFault(task), lineOf),
    E.chain((fault) => (fault ? E.left(fault) : E.right(task))),
  );

/** A task from a definition or a task of unknown origin, such as a module's default export. Left: the field that is wrong, and how. */
export const checkTask = (value: unknown): E.Either<string, Task> => {
  if (typeof value !== 'object' || value === null) return E.left(`${FORM}, got ${show(value)}`);
  if ('configure' in value) return tried(value as Task);
  const fault = fieldsFault(value as Readonly<Record<string, unknown>>);
  return fault ? E.left(fault) : tried(defineTask(value as Definition));
};
