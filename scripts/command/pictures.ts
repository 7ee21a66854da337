/** Pictures of a run: what the model answers, where its heads look, and the loss curve. */
import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { answer } from '../../src/evaluation/evaluate.js';
import type { Backend } from '../../src/gpu/backends.js';
import { writeAtomically } from '../../src/io/files.js';
import type { Model } from '../../src/model/inspect.js';
import { hasMemory } from '../../src/model/parts.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { encodePng } from '../../src/pictures/canvas.js';
import { answerFigure, curveFigure, weightingFigure } from '../../src/pictures/figures.js';
import type { Machine } from '../../src/program/machine.js';
import { seededRng } from '../../src/random.js';
import { type Cell, cellLabel } from '../../src/tasks/cells.js';
import type { Task } from '../../src/tasks/definition.js';
import { type Batch, phases } from '../../src/tasks/sequences.js';
import type { Console } from './console.js';
import { type CliError, failure } from './options.js';
import type { Block } from '../../src/run/blocks.js';
import { openEvaluator } from './session.js';

const PICTURE_SEED = 7;

export const lossCurve = (blocks: readonly Block[]): Uint8Array =>
  encodePng(curveFigure({ points: blocks.filter(({ loss }) => Number.isFinite(loss)).map(({ sequences, loss }) => ({ x: sequences, y: loss })), title: 'mean cross-entropy of 100 iterations', xLabel: 'sequences', yLabel: 'nats a bit', logY: true }));

/** Head `head` of the rows [steps, heads, N] of one sequence. */
const headRows = (rows: Float32Array, steps: number, slots: number, head: number): Float32Array => {
  const heads = rows.length / (steps * slots);
  const weighting = new Float32Array(steps * slots);
  for (let t = 0; t < steps; t++) weighting.set(rows.subarray((heads * t + head) * slots, (heads * t + head + 1) * slots), t * slots);
  return weighting;
};

/** A model's answer to one sequence, and where its heads looked. */
interface Seen {
  readonly batch: Batch;
  readonly outputs: Float32Array;
  /** [steps, R+W, N], reading heads first; empty without memory. */
  readonly weighting: Float32Array;
}

const see = async (machine: Machine, task: Task, { shape, parameters }: Model, cell: Cell): Promise<Seen> => {
  const { slots: N, readHeads: R, writeHeads: W } = shape;
  const [batch] = task.heldOut(cell, 1)(seededRng(PICTURE_SEED));
  const width = hasMemory(shape) ? (R + W) * N : 0;
  const weighting = new Float32Array((batch.steps + task.more) * width);
  await machine.set('parameters', parameters);
  const { outputs } = await answer(machine, task, batch, async (from, count) => {
    if (width > 0) weighting.set(await machine.rows('weighting', count), from * width);
  });
  return { batch, outputs, weighting: weighting.subarray(0, batch.steps * width) };
};

/** `length 10, repeats 20`. */
const words = (cell: Cell): string => Object.entries(cell).map(([size, value]) => `${size} ${value}`).join(', ');

const answerPng = (task: Task, cell: Cell, { batch, outputs }: Seen): Uint8Array => {
  const V = task.outputs;
  const { from, to } = phases(batch, 0).answer;
  const part = (values: Float32Array, width = V): Float32Array => values.subarray(from * width, to * width);
  const best = task.reference?.(batch, 0) ?? null;
  return encodePng(
    answerFigure({
      target: part(batch.target),
      output: part(outputs),
      mask: part(batch.mask, 1),
      reference: best && part(best),
      steps: to - from,
      channels: V,
      label: words(cell),
    }),
  );
};

const headsPng = ({ slots, readHeads: R, writeHeads: W }: ModelShape, { batch, weighting }: Seen): Uint8Array => {
  const { steps } = batch;
  const heads = (first: number, count: number): readonly Float32Array[] => Array.from({ length: count }, (_, i) => headRows(weighting, steps, slots, first + i));
  return encodePng(weightingFigure({ read: heads(0, R), write: heads(R, W), steps, slots, answerFrom: phases(batch, 0).answer.from }));
};

/** The pictures of a cell, by the ends of their files' names. */
const drawCell = (backend: Backend, task: Task, model: Model, cell: Cell): TE.TaskEither<CliError, ReadonlyArray<readonly [string, Uint8Array]>> =>
  pipe(
    openEvaluator(model.shape, backend, task.steps(cell) + task.more, 1),
    TE.chain((machine) =>
      TE.tryCatch(
        async () => {
          const seen = await see(machine, task, model, cell);
          await machine.dispose();
          const answered = ['', answerPng(task, cell, seen)] as const;
          return hasMemory(model.shape) ? [answered, ['-heads', headsPng(model.shape, seen)] as const] : [answered];
        },
        (error) => failure(`drawing ${cellLabel(cell)} failed: ${String(error)}`),
      ),
    ),
  );

/** Draws target, output and error, and the heads' weightings, for the cells that the task has drawn. */
export const drawModel = (out: Console, backend: Backend, task: Task, model: Model, folder: string): TE.TaskEither<CliError, void> =>
  pipe(
    task.shown.drawn,
    TE.traverseSeqArray((cell) =>
      pipe(
        drawCell(backend, task, model, cell),
        TE.chain(
          TE.traverseSeqArray(([ending, png]) => {
            const path = join(folder, `${task.name}-${cellLabel(cell, 'x')}${ending}.png`);
            return pipe(writeAtomically(path, png), TE.bimap(({ message }) => failure(message), () => path));
          }),
        ),
      ),
    ),
    TE.map((files) => {
      out.say(`pictures: ${files.flat().join(', ')}`);
      out.data({ event: 'pictures', files: files.flat() });
    }),
  );
