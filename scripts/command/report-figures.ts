/** The figures of a study: learning curves setting by setting, and every setting against the outcome. */
import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Curves, learningFigure } from '../../src/pictures/learning.js';
import { studyFigure } from '../../src/pictures/study.js';
import type { Block } from '../../src/run/blocks.js';
import { compareValues, type Group, labelOf, type Run, varied } from '../../src/study/summary.js';
import type { Files } from './plot-tools.js';
import { openDrawing, saveFigure } from './pictures.js';

/** Most settings whose curves make one figure. */
const MOST_PANELS = 12;

const MEASURES: ReadonlyArray<readonly [name: string, measure: string, of: (block: Block) => number]> = [
  ['learning-loss', 'nats per bit', ({ loss }) => loss],
  ['learning-wrong-bits', 'wrong bits', ({ wrongBits }) => wrongBits],
];

const curvesOf = (groups: readonly Group[], measure: string, of: (block: Block) => number): readonly Curves[] =>
  groups
    .map((group) => ({
      title: labelOf(group),
      measure,
      runs: group.runs.filter(({ blocks }) => blocks.length > 0).map(({ blocks }) => blocks.map((block) => ({ x: block.sequences, y: of(block) }))),
    }))
    .filter(({ runs }) => runs.length > 0)
    .slice(0, MOST_PANELS);

export const drawStudy = (folder: string, runs: readonly Run[], groups: readonly Group[]): Files =>
  pipe(
    TE.fromTask(() => openDrawing()),
    TE.chain((drawing) => {
      const text = (value: unknown): string => String(value ?? '–');
      const through = runs.filter(({ outcome }) => outcome !== 'unfinished');
      const axes = varied(runs).map((key) => ({ key, values: [...new Set(runs.map(({ settings }) => settings[key]))].sort(compareValues).map(text) }));
      const trials = through.map(({ settings, solvedAfter }) => ({
        settings: Object.fromEntries(axes.map(({ key }) => [key, text(settings[key])])),
        sequences: solvedAfter?.sequences ?? null,
      }));
      const figures = [
        ...MEASURES.map(([name, measure, of]) => ({ name, curves: curvesOf(groups, measure, of) }))
          .filter(({ curves }) => curves.length > 0)
          .map(({ name, curves }) => ({ name, figure: learningFigure(drawing.look, curves) })),
        ...(axes.length > 0 && trials.length > 0 ? [{ name: 'settings', figure: studyFigure(drawing.look, axes, trials) }] : []),
      ];
      return pipe(
        figures,
        TE.traverseSeqArray(({ name, figure }) => saveFigure(drawing, join(folder, name), figure)),
        TE.map((files) => files.flat()),
      );
    }),
  );
