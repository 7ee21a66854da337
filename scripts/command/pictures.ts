/** Pictures of a run: what the model answers, where its heads look, and the loss curve. */
import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { answer, type Cell } from '../../src/evaluation/evaluate.js';
import type { Backend } from '../../src/gpu/backends.js';
import { writeAtomically } from '../../src/io/files.js';
import type { Model } from '../../src/model/inspect.js';
import { hasMemory } from '../../src/model/parts.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { type Canvas, encodePng } from '../../src/pictures/canvas.js';
import { copyFigure, curveFigure, weightingFigure } from '../../src/pictures/figures.js';
import { seededRng } from '../../src/random.js';
import type { Range, Task } from '../../src/tasks/task.js';
import type { Console } from './console.js';
import { type CliError, failure } from './options.js';
import type { Block } from '../../src/run/blocks.js';
import { openEvaluator } from './session.js';

const PICTURE_SEED = 7;

/** The cells that are drawn. */
export const PICTURE_CELLS: Readonly<Record<Task['name'], readonly Cell[]>> = {
  copy: [{ length: 20, repeats: 1 }, { length: 100, repeats: 1 }],
  'repeat-copy': [{ length: 10, repeats: 10 }, { length: 10, repeats: 20 }, { length: 20, repeats: 10 }],
};

export const lossCurve = (blocks: readonly Block[]): Uint8Array =>
  encodePng(curveFigure({ points: blocks.filter(({ loss }) => Number.isFinite(loss)).map(({ sequences, loss }) => ({ x: sequences, y: loss })), title: 'mean cross-entropy of 100 iterations', xLabel: 'sequences', yLabel: 'nats a bit', logY: true }));

/** Of the rows [steps, heads, N] of one sequence those of one head, [steps, N]. */
const headRows = (rows: Float32Array, steps: number, slots: number, head: number): Float32Array => {
  const heads = rows.length / (steps * slots);
  const weighting = new Float32Array(steps * slots);
  for (let t = 0; t < steps; t++) weighting.set(rows.subarray((heads * t + head) * slots, (heads * t + head + 1) * slots), t * slots);
  return weighting;
};

/** Where every head looks; rows [steps, R + W, N] of one sequence. */
const weightingOf = (rows: Float32Array, { slots, readHeads, writeHeads }: ModelShape, steps: number, inputSteps: number): Canvas => {
  const heads = Array.from({ length: readHeads + writeHeads }, (_, head) => headRows(rows, steps, slots, head));
  return weightingFigure({ read: heads.slice(0, readHeads), write: heads.slice(readHeads), steps, slots, inputSteps });
};

const drawCell = (backend: Backend, task: Task, range: Range, model: Model, { length, repeats }: Cell, folder: string): TE.TaskEither<CliError, readonly string[]> => {
  const { shape, parameters } = model;
  const steps = task.steps(length, repeats) + 2;
  const label = task.name === 'copy' ? `${length}` : `${length}x${repeats}`;
  const figure = join(folder, `${task.name}-${label}.png`);
  const heads = join(folder, `${task.name}-${label}-heads.png`);
  return pipe(
    openEvaluator(shape, backend, steps, 1),
    TE.chain((machine) =>
      TE.tryCatch(
        async () => {
          await machine.set('parameters', parameters);
          const [batch] = task.sequences(range, 1, length, repeats)(seededRng(PICTURE_SEED));
          const { outputs } = await answer(machine, task, batch);
          const shown = batch.inputSteps + batch.answerSteps;
          const from = batch.inputSteps * shape.outputs;
          const pictures = [
            encodePng(copyFigure({ target: batch.target.subarray(from), output: outputs.subarray(from, shown * shape.outputs), steps: batch.answerSteps, bits: shape.outputs, lengthLabel: label })),
            ...(hasMemory(shape) ? [encodePng(weightingOf(await machine.rows('weighting', shown), shape, shown, batch.inputSteps))] : []),
          ];
          await machine.dispose();
          return pictures;
        },
        (error) => failure(`drawing ${label} failed: ${String(error)}`),
      ),
    ),
    TE.chain((pictures) =>
      pipe(
        pictures.map((png, i) => [i === 0 ? figure : heads, png] as const),
        TE.traverseSeqArray(([file, png]) => pipe(writeAtomically(file, png), TE.map(() => file))),
        TE.mapLeft(({ message }) => failure(message)),
      ),
    ),
  );
};

/** Draws target, output and error, and the heads' weightings, for the task's usual cells. */
export const drawModel = (out: Console, backend: Backend, task: Task, range: Range, model: Model, folder: string): TE.TaskEither<CliError, void> =>
  pipe(
    PICTURE_CELLS[task.name],
    TE.traverseSeqArray((cell) => drawCell(backend, task, range, model, cell, folder)),
    TE.map((files) => {
      out.say(`pictures: ${files.flat().join(', ')}`);
      out.data({ event: 'pictures', files: files.flat() });
    }),
  );
