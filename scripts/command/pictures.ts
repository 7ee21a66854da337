/** Pictures of models and runs, drawn into files. It loads the plotting library: to be imported when there is something to draw. */
import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { see, shownSequence } from '../../src/evaluation/see.js';
import type { Backend } from '../../src/gpu/backends.js';
import { writeAtomically } from '../../src/io/files.js';
import type { Image } from '../../src/io/tensorboard.js';
import type { Model } from '../../src/model/inspect.js';
import { momentFigure } from '../../src/pictures/answer.js';
import { encodeGif } from '../../src/pictures/gif.js';
import { learningFigure } from '../../src/pictures/learning.js';
import { lengthFigure } from '../../src/pictures/lengths.js';
import { answered, modelFigures } from '../../src/pictures/model.js';
import type { Block } from '../../src/run/blocks.js';
import { type Drawing, openDrawing } from '../../src/run/drawing.js';
import type { Film } from '../../src/run/film.js';
import type { Result } from '../../src/run/results.js';
import { type Cell, cellLabel, cellWords } from '../../src/tasks/cells.js';
import type { Task } from '../../src/tasks/definition.js';
import { phases } from '../../src/tasks/sequences.js';
import { fromIo } from './beginning.js';
import type { Console } from './console.js';
import { type CliError, failure } from './options.js';
import { openEvaluator } from './session.js';

export { openDrawing };

/** Which sequence of a model is drawn, and what of it. */
export interface Scene {
  readonly cell: Cell;
  readonly seed?: number;
  /** The step, from 1, whose stages of addressing are drawn; the first of the answer. */
  readonly step?: number;
  /** The heads that are drawn, from 0, writing ones first; all. */
  readonly heads?: readonly number[];
}

type Figures = Readonly<Record<string, SVGSVGElement>>;

/** The figures of a model on one sequence. */
const figuresOf = (
  { look }: Drawing,
  backend: Backend,
  task: Task,
  model: Model,
  { cell, seed, step, heads }: Scene,
): TE.TaskEither<CliError, Figures> => {
  const batch = shownSequence(task, cell, seed);
  const at = step === undefined ? phases(batch, 0).answer.from : step - 1;
  return pipe(
    openEvaluator(model.shape, backend, task.steps(cell) + task.more, 1, true),
    TE.chain((machine) =>
      TE.tryCatch(
        async () => {
          const seen = await see(machine, task, model, batch, at);
          await machine.dispose();
          return modelFigures(look, task, model.shape, seen, { label: cellWords(cell), step: at, heads: heads ?? null });
        },
        (error) => failure(`drawing ${cellWords(cell)} failed: ${String(error)}`),
      ),
    ),
  );
};

/** Writes a figure; returns the files. */
export const saveFigure = (drawing: Drawing, path: string, figure: SVGSVGElement): TE.TaskEither<CliError, readonly string[]> =>
  pipe(drawing.save(path, figure), TE.mapLeft(fromIo));

/** Draws answer, heads, memory and stages of one sequence into `path` and endings; returns the files and the figures. */
export const drawScene = (
  drawing: Drawing,
  backend: Backend,
  task: Task,
  model: Model,
  path: string,
  scene: Scene,
): TE.TaskEither<CliError, { readonly files: readonly string[]; readonly figures: Figures }> =>
  pipe(
    figuresOf(drawing, backend, task, model, scene),
    TE.chain((figures) =>
      pipe(
        Object.entries(figures),
        TE.traverseSeqArray(([ending, figure]) => saveFigure(drawing, `${path}${ending}`, figure)),
        TE.map((files) => ({ files: files.flat(), figures })),
      ),
    ),
  );

export const sayFiles = (out: Console, files: readonly string[]): void => {
  out.say(`pictures: ${files.join(', ')}`);
  out.data({ event: 'pictures', files });
};

/** Draws a model on the cells that its task has drawn; returns the pictures as TensorBoard takes them. */
export const drawModel = (
  out: Console,
  backend: Backend,
  task: Task,
  model: Model,
  folder: string,
  more: readonly string[] = [],
): TE.TaskEither<CliError, Readonly<Record<string, Image>>> =>
  pipe(
    TE.fromTask(() => openDrawing()),
    TE.chain((drawing) =>
      pipe(
        task.shown.drawn,
        TE.traverseSeqArray((cell) =>
          pipe(
            drawScene(drawing, backend, task, model, join(folder, `${task.name}-${cellLabel(cell, 'x')}`), { cell }),
            TE.map((drawn) => ({ ...drawn, cell })),
          ),
        ),
        TE.map((cells) => {
          sayFiles(out, [...more, ...cells.flatMap(({ files }) => files)]);
          return Object.fromEntries(
            cells.flatMap(({ cell, figures }) =>
              Object.entries(figures).map(
                ([ending, figure]) => [`${ending.slice(1) || 'answer'}/${cellLabel(cell, 'x')}`, drawing.raster(figure)] as const,
              ),
            ),
          );
        }),
      ),
    ),
  );

/** Loss and wrong bits over the sequences, of one run or several. */
export const learningOf = ({ look }: Drawing, runs: ReadonlyArray<readonly Block[]>): SVGSVGElement => {
  const points = (of: (block: Block) => number) =>
    runs.map((blocks) => blocks.map((block) => ({ x: block.sequences, y: of(block) })));
  return learningFigure(look, [
    { title: 'cross-entropy, means of 100 iterations', measure: 'nats per bit', runs: points(({ loss }) => loss) },
    { title: 'wrong bits', measure: 'per sequence', runs: points(({ wrongBits }) => wrongBits) },
  ]);
};

/** Wrong bits against length. */
export const lengthsOf = ({ look }: Drawing, results: readonly Result[]): SVGSVGElement =>
  lengthFigure(
    look,
    results.map(({ cell, wrongMean, wrong95 }) => ({ cell, wrong: wrongMean, wrong95 })),
  );

/** GIFs are drawn for screens: two pixels for one of the figure. */
const GIF_ZOOM = 2;

/** The animation of a film. */
export const drawFilm = (path: string, task: Task, { cell, batch, moments }: Film): TE.TaskEither<CliError, string> =>
  pipe(
    TE.tryCatch(
      async () => {
        const { look, render } = await openDrawing();
        return encodeGif(
          moments().map(({ sequences, outputs }) =>
            render(momentFigure(look, answered(task, { batch, outputs }, cellWords(cell)), sequences).outerHTML, GIF_ZOOM),
          ),
        );
      },
      (error) => failure(`drawing ${path} failed: ${String(error)}`),
    ),
    TE.chain((gif) => pipe(writeAtomically(path, gif), TE.mapLeft(fromIo))),
    TE.map(() => path),
  );
