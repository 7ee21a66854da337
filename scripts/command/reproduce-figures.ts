/** The figures of a reproduction: learning curves, bits on longer sequences, and what the heads do. */
import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { comparisonFigure } from '../../src/pictures/comparison.js';
import { USUAL_STYLE } from '../../src/pictures/style.js';
import { generalisationSeries, type Kind, learningSeries, middleRun } from '../../src/study/reproduction.js';
import { proveWritable } from '../../src/io/files.js';
import type { Result } from '../../src/run/results.js';
import type { Task } from '../../src/tasks/definition.js';
import { fromIo } from './beginning.js';
import type { Console } from './console.js';
import { drawModelFile } from './plot-models.js';
import { readPlotArguments } from './plot-options.js';
import { type Files, loadTools } from './plot-tools.js';

/** The measure that says what the best answers cost, where a task has one; as the runs' evaluations found it. */
const OPTIMUM = 'optimum';

const leastOf = (task: Task, kinds: readonly Kind[]): { readonly name: string; readonly y: number } | undefined => {
  const own = kinds.flatMap(({ runs }) => runs.flatMap(({ results }) => results)).flatMap(({ own: measured }: Result) => measured?.[OPTIMUM] ?? []);
  return task.reference && own.length > 0 ? { name: OPTIMUM, y: own.reduce((a, b) => a + b, 0) / own.length } : undefined;
};

/** Draws them into a folder; `source` is the task's name or file. */
export const drawReproduction = (folder: string, source: string, task: Task, kinds: readonly Kind[], out: Console): Files =>
  pipe(
    TE.fromTask(() => loadTools({ ...USUAL_STYLE, format: 'both' })),
    TE.chain((tools) => {
      const { look } = tools.drawing;
      const least = leastOf(task, kinds);
      const { across, series, stated } = generalisationSeries(task, kinds);
      const figures = [
        { name: 'learning', figure: comparisonFigure(look, { title: 'learning, in bits per sequence', across: 'sequences', up: 'bits', series: learningSeries(kinds), ...(least && { least }) }) },
        ...(series.some(({ runs }) => runs.some((points) => points.length > 1))
          ? [{ name: 'generalisation', figure: comparisonFigure(look, { title: 'after training, in bits per sequence', across, up: 'bits', series, stated, dots: true }) }]
          : []),
      ];
      const models = kinds.filter(({ controller }) => controller !== 'none').map((kind) => ({ kind, run: middleRun(kind) }));
      return pipe(
        figures,
        TE.traverseSeqArray(({ name, figure }) => tools.saveFigure(tools.drawing, join(folder, name), figure)),
        TE.chain((drawn) =>
          pipe(
            models,
            TE.traverseSeqArray(({ kind, run }) => {
              const [model, into] = [join(run.folder, 'model.safetensors'), join(folder, `heads-${kind.controller}`)];
              return pipe(
                proveWritable(into),
                TE.mapLeft(fromIo),
                TE.chainEitherK(() => readPlotArguments([model], [])),
                TE.chain((given) => drawModelFile(tools, into, model, source, given, out)),
              );
            }),
            TE.map((heads) => [...drawn.flat(), ...heads.flat()]),
          ),
        ),
      );
    }),
  );
