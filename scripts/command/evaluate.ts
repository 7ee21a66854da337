/** The evaluation table, its cells and its hints. */
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type CellResult, evaluateCell } from '../../src/evaluation/evaluate.js';
import { EVALUATION_SEED } from '../../src/evaluation/machines.js';
import type { Backend } from '../../src/gpu/backends.js';
import { writeAtomically } from '../../src/io/files.js';
import type { Model } from '../../src/model/inspect.js';
import { hasMemory } from '../../src/model/parts.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { seededRng } from '../../src/random.js';
import { encodeResult, EVALUATION } from '../../src/run/results.js';
import { type Cell, cellLabel, cellsOf as cellsGiven, cellWords, longest } from '../../src/tasks/cells.js';
import type { Task } from '../../src/tasks/definition.js';
import type { Measure } from '../../src/tasks/judge.js';
import { phases } from '../../src/tasks/sequences.js';
import { optionOf } from '../../src/training/configuration.js';
import { fromIo } from './beginning.js';
import { type Arguments, type CliError, failure, usage } from './options.js';
import type { Console } from './console.js';
import { openEvaluator } from './session.js';

/** The cells asked for: every value of a size with every one of the others; where none are given, those that the task reports. */
export const cellsOf = (task: Task, { sizes }: Pick<Arguments, 'sizes'>): E.Either<CliError, readonly Cell[]> =>
  Object.keys(sizes).length === 0
    ? E.right(task.shown.reported)
    : pipe(cellsGiven(longest(task.distribution), task.least, sizes), E.mapLeft((fault) => usage(fault.replace(/^\w+/, optionOf))));

type Column = readonly [heading: string, show: (r: CellResult) => string];

const showBits = (bits: number): string => (bits >= 0 && bits < 0.001 ? bits.toExponential(1) : bits.toFixed(3));

const showMeasure = ({ name, unit }: Measure): Column => [name, ({ own }) => (unit === 'share' ? `${(100 * own[name]!).toFixed(1)}%` : showBits(own[name]!))];

const columnsOf = ({ least, measures }: Task): readonly Column[] => [
  [Object.keys(least).join(' × '), ({ cell }) => cellLabel(cell)],
  ['sequences', (r) => `${r.sequences}`],
  ['perfect', (r) => `${(100 * r.perfect).toFixed(1)}%`],
  ['wrong bits: mean', (r) => r.wrongMean.toFixed(3)],
  ['median', (r) => `${r.wrongMedian}`],
  ['p95', (r) => `${r.wrong95}`],
  ['cross-entropy (bits)', (r) => showBits(r.crossEntropy)],
  ...measures.map(showMeasure),
];

/** `end mark` as `endMark`. */
const camelCase = (name: string): string => name.replace(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase());

/** A result as a line for programs. */
const recordOf = ({ name }: Task, { cell, own, ...figures }: CellResult) => ({
  event: 'evaluation',
  task: name,
  ...cell,
  ...figures,
  ...Object.fromEntries(Object.entries(own).map(([measure, value]) => [camelCase(measure), value])),
});

/** The results beside the pictures: what `ntm plot` draws wrong bits against length from. */
export const saveResults = (folder: string, { name }: Task, results: readonly CellResult[]): TE.TaskEither<CliError, void> =>
  pipe(writeAtomically(join(folder, EVALUATION), new TextEncoder().encode(results.map((result) => `${JSON.stringify(encodeResult(name, result))}\n`).join(''))), TE.mapLeft(fromIo));

/** Says which cells show more steps than the memory has slots. */
export const sayWhatFits = (out: Console, shape: ModelShape, task: Task, cells: readonly Cell[]): void => {
  if (!hasMemory(shape)) return;
  const large = cells.filter((cell) => {
    const [batch] = task.heldOut(cell, 1)(seededRng(EVALUATION_SEED));
    const { input, answer } = phases(batch, 0);
    return input.to <= answer.from && input.to > shape.slots;
  });
  if (large.length > 0) out.say(`${large.map((cell) => cellLabel(cell)).join(', ')}: more steps of input than the ${shape.slots} slots of memory, in which a model that keeps a vector a slot may not hold them`);
};

/** Scores a model cell by cell, printing a row as soon as it is known. */
export const evaluateModel = (out: Console, backend: Backend, task: Task, { shape, parameters }: Model, cells: readonly Cell[], sequences: number): TE.TaskEither<CliError, readonly CellResult[]> => {
  const columns = columnsOf(task);
  const widths = columns.map(([heading], i) => Math.max(heading.length, ...(i === 0 ? cells.map((cell) => cellLabel(cell).length) : [])));
  const row = (texts: readonly string[]): string => texts.map((text, i) => text.padStart(widths[i]!)).join('  ');
  out.say(row(columns.map(([heading]) => heading)));
  return pipe(
    cells,
    TE.traverseSeqArray((cell) =>
      pipe(
        openEvaluator(shape, backend, task.steps(cell) + task.more),
        TE.chain((machine) =>
          TE.tryCatch(
            async () => {
              await machine.set('parameters', parameters);
              const result = await evaluateCell(machine, task, cell, sequences, seededRng(EVALUATION_SEED));
              await machine.dispose();
              out.say(row(columns.map(([, show]) => show(result))));
              out.data(recordOf(task, result));
              return result;
            },
            (error) => failure(`evaluation of ${cellWords(cell)} failed: ${String(error)}`),
          ),
        ),
      ),
    ),
  );
};

const sameCell = (a: Cell, b: Cell): boolean => Object.keys(a).every((size) => a[size] === b[size]);

/**
 * Whether a model that gets nearly everything that it was trained on wrong gets it right with the other
 * write addressing: the seed's published weights do, and nothing in a bare file says so.
 */
export const legacyHint = (backend: Backend, task: Task, model: Model, results: readonly CellResult[]): TE.TaskEither<CliError, string | null> => {
  const { readHeads, writeHeads } = model.shape;
  const trained = results.find(({ cell, perfect }) => perfect < 0.01 && task.heldOutCells.some((each) => sameCell(each, cell)));
  if (!trained || readHeads !== 1 || writeHeads !== 1) return TE.right(null);
  const shape = { ...model.shape, legacyWriteAddressing: !model.shape.legacyWriteAddressing };
  const { cell } = trained;
  return pipe(
    openEvaluator(shape, backend, task.steps(cell) + task.more, 10),
    TE.chain((machine) =>
      TE.tryCatch(
        async () => {
          await machine.set('parameters', model.parameters);
          const { perfect } = await evaluateCell(machine, task, cell, 20, seededRng(EVALUATION_SEED));
          await machine.dispose();
          if (perfect < 0.5) return null;
          const right = `${(100 * perfect).toFixed(0)}% of 20 sequences of ${cellWords(cell)} are right`;
          return shape.legacyWriteAddressing
            ? `these weights probably need --legacy-write-addressing: with it ${right}`
            : `these weights probably need --no-legacy-write-addressing: without legacy addressing ${right}`;
        },
        (error) => failure(`evaluation failed: ${String(error)}`),
      ),
    ),
  );
};
