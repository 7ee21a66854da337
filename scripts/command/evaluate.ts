/** The evaluation table, its cells and its hints. */
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Cell, type CellResult, evaluateCell } from '../../src/evaluation/evaluate.js';
import type { Backend } from '../../src/gpu/backends.js';
import type { Model } from '../../src/model/inspect.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { seededRng } from '../../src/random.js';
import type { Range, Task } from '../../src/tasks/task.js';
import type { Arguments, CliError } from './options.js';
import { failure } from './options.js';
import type { Console } from './console.js';
import { openEvaluator } from './session.js';

const EVALUATION_SEED = 2014;

const DEFAULT_CELLS: Readonly<Record<Task['name'], readonly Cell[]>> = {
  copy: [20, 40, 80, 100, 120].map((length) => ({ length, repeats: 1 })),
  'repeat-copy': [[10, 10], [10, 20], [20, 10]].map(([length, repeats]) => ({ length: length!, repeats: repeats! })),
};

/** The cells asked for: every length with every number of repeats; without either, the usual ones. */
export const cellsOf = (task: Task, { lengths, repeats }: Pick<Arguments, 'lengths' | 'repeats'>): readonly Cell[] => {
  if (!lengths && !repeats) return DEFAULT_CELLS[task.name];
  const counts = task.name === 'copy' ? [1] : (repeats ?? [10]);
  return (lengths ?? [task.name === 'copy' ? 20 : 10]).flatMap((length) => counts.map((count) => ({ length, repeats: count })));
};

const COLUMNS: ReadonlyArray<readonly [string, (r: CellResult, task: Task['name']) => string]> = [
  ['length', (r, task) => (task === 'copy' ? `${r.length}` : `${r.length} × ${r.repeats}`)],
  ['sequences', (r) => `${r.sequences}`],
  ['perfect', (r) => `${(100 * r.perfect).toFixed(1)}%`],
  ['wrong bits: mean', (r) => r.wrongMean.toFixed(3)],
  ['median', (r) => `${r.wrongMedian}`],
  ['p95', (r) => `${r.wrong95}`],
  ['cross-entropy (bits)', (r) => (r.crossEntropy < 0.001 ? r.crossEntropy.toExponential(1) : r.crossEntropy.toFixed(3))],
  ['end mark', (r) => (r.endMark === null ? '–' : `${(100 * r.endMark).toFixed(1)}%`)],
];

/** Says which cells have more vectors to remember than the memory has slots. */
export const sayWhatFits = (out: Console, { slots }: ModelShape, cells: readonly Cell[]): void => {
  const beyond = [...new Set(cells.map(({ length }) => length))].filter((length) => length > slots);
  if (beyond.length > 0) out.say(`length ${beyond.join(', ')}: more vectors than the ${slots} slots of memory, in which a model that keeps one vector a slot cannot hold them`);
};

const formatRow = (cells: readonly string[]): string => cells.map((text, i) => text.padStart(COLUMNS[i]![0].length)).join('  ');


/** Scores a model cell by cell, printing a row as soon as it is known. */
export const evaluateModel = (out: Console, backend: Backend, task: Task, range: Range, { shape, parameters }: Model, cells: readonly Cell[], sequences: number): TE.TaskEither<CliError, readonly CellResult[]> => {
  const columns = COLUMNS.filter(([name]) => task.name !== 'copy' || name !== 'end mark');
  out.say(formatRow(columns.map(([name]) => name)));
  return pipe(
    cells,
    TE.traverseSeqArray((cell) =>
      pipe(
        openEvaluator(shape, backend, task.steps(cell.length, cell.repeats) + 2),
        TE.chain((machine) =>
          TE.tryCatch(
            async () => {
              await machine.set('parameters', parameters);
              const result = await evaluateCell(machine, task, range, cell, sequences, seededRng(EVALUATION_SEED));
              await machine.dispose();
              out.say(formatRow(columns.map(([, show]) => show(result, task.name))));
              out.data({ event: 'evaluation', task: task.name, ...result });
              return result;
            },
            (error) => failure(`evaluation of length ${cell.length} failed: ${String(error)}`),
          ),
        ),
      ),
    ),
  );
};

/**
 * Whether a model that gets nearly everything wrong gets it right with the other write addressing: the
 * seed's published weights do, and nothing in a bare file says so.
 */
export const legacyHint = (backend: Backend, task: Task, range: Range, model: Model, results: readonly CellResult[]): TE.TaskEither<CliError, string | null> => {
  const within = results.find((r) => r.length <= 20 && r.perfect < 0.01);
  if (!within) return TE.right(null);
  const shape = { ...model.shape, legacyWriteAddressing: !model.shape.legacyWriteAddressing };
  const cell = { length: within.length, repeats: within.repeats };
  return pipe(
    openEvaluator(shape, backend, task.steps(cell.length, cell.repeats) + 2, 10),
    TE.chain((machine) =>
      TE.tryCatch(
        async () => {
          await machine.set('parameters', model.parameters);
          const result = await evaluateCell(machine, task, range, cell, 20, seededRng(EVALUATION_SEED));
          await machine.dispose();
          if (result.perfect < 0.5) return null;
          return shape.legacyWriteAddressing
            ? `these weights probably need --legacy-write-addressing: with it ${(100 * result.perfect).toFixed(0)}% of 20 sequences of length ${cell.length} are right`
            : `these weights probably need --no-legacy-write-addressing: without legacy addressing ${(100 * result.perfect).toFixed(0)}% of 20 sequences of length ${cell.length} are right`;
        },
        (error) => failure(`evaluation failed: ${String(error)}`),
      ),
    ),
  );
};
