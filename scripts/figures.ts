/**
 * Every figure as it is printed in a column, light and dark, and as it looks with deuteranopia, on sheets to
 * look at:
 *
 *   npx tsx scripts/figures.ts [DIR] [RUN…]
 *
 * DIR is where to (runs/figures); RUN are folders of runs whose learning curves are drawn too.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { recordInference } from '../src/model/ntm.js';
import { openMachine } from '../src/gpu/backends.js';
import { see, shownSequence } from '../src/evaluation/see.js';
import { decodeSafetensors } from '../src/io/safetensors.js';
import { learningFigure } from '../src/pictures/learning.js';
import { lengthFigure } from '../src/pictures/lengths.js';
import { deuteranopia, sheet } from '../src/pictures/sheet.js';
import { modelFigures } from '../src/pictures/model.js';
import { stagesFigure } from '../src/pictures/stages.js';
import { studyFigure } from '../src/pictures/study.js';
import type { Look } from '../src/pictures/look.js';
import { COLUMN_WIDTH, SCHEMES } from '../src/pictures/style.js';
import { createDocument, loadRenderer } from '../src/run/drawing.js';
import { readBlocks } from '../src/run/logs.js';
import { type Cell, cellWords } from '../src/tasks/cells.js';
import type { Task } from '../src/tasks/definition.js';
import { builtIn } from '../src/tasks/index.js';
import { phases } from '../src/tasks/sequences.js';
import { decodeModel } from '../src/training/checkpoint.js';

const right = <A>(result: E.Either<unknown, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left));
  return result.right;
};

const [folder = 'runs/figures', ...runs] = process.argv.slice(2);
const document = createDocument();
const render = await loadRenderer();

const ofModel = async (file: string, task: Task, cell: Cell): Promise<(look: Look) => readonly SVGSVGElement[]> => {
  const model = right(decodeModel(right(decodeSafetensors(new Uint8Array(await readFile(file))))));
  const batch = shownSequence(task, cell);
  const step = phases(batch, 0).answer.from;
  const machine = right(
    await openMachine('webasm', recordInference(model.shape, { stages: true }), {
      batch: 1,
      capacity: batch.steps + task.more,
    })(),
  );
  const seen = await see(machine, task, model, batch, step);
  await machine.dispose();
  return (look) => Object.values(modelFigures(look, task, model.shape, seen, { label: cellWords(cell), step, heads: null }));
};

const copy = await ofModel('trained-models/copy.safetensors', builtIn.copy, { length: 20 });
const repeat = await ofModel('trained-models/repeat-feed-forward.safetensors', builtIn.repeatCopy, { length: 20, repeats: 10 });
const blocks = await Promise.all(runs.map(async (run) => right(await readBlocks(join(run, 'metrics.jsonl'))())));

/** Numbers of a made-up model: only their look matters. */
const scored = [20, 40, 60, 80, 100, 120].map((length, i) => ({
  cell: { length },
  wrong: 0.3 * Math.max(0, i - 1) ** 3,
  wrong95: Math.max(0, i - 1) ** 3,
}));
const scoredBoth = [10, 20, 30].flatMap((length, i) =>
  [10, 20].map((repeats, j) => ({ cell: { length, repeats }, wrong: 3.14 * i * j, wrong95: 0 })),
);

/** Curves of made-up runs, and outcomes of a made-up study. */
const madeUp = [1, 2, 3].map((run) => Array.from({ length: 40 }, (_, i) => ({ x: 100 * (i + 1), y: 40 / (1 + (i / (4 + 2 * run)) ** 4) + 0.001 * run })));
const trials = ['0.003', '0.01'].flatMap((learningRate, i) =>
  ['1', '4', '16'].flatMap((batch, j) => [0, 1, 2].map((k) => ({ settings: { learningRate, batch }, sequences: i === 1 && j === 2 && k > 0 ? null : 2000 * (i + 1) * (j + 1) + 700 * k }))),
);
const axes = [
  { key: 'learningRate', values: ['0.003', '0.01'] },
  { key: 'batch', values: ['1', '4', '16'] },
];
const slotsAt = (...weights: ReadonlyArray<readonly [slot: number, weight: number]>): Float32Array => {
  const all = new Float32Array(128);
  for (const [slot, weight] of weights) all[slot] = weight;
  return all;
};
const fiveTaps = { heads: [{ name: 'read head', content: slotsAt([3, 0.4], [9, 0.6]), gated: slotsAt([3, 0.3], [9, 0.7]), shifted: slotsAt([5, 0.3], [11, 0.7]), weighting: slotsAt([11, 1]), beta: 12.34, g: 0.95, gamma: 103.2, s: [0, 0.01, 0.02, 0.05, 0.92] }], slots: 128, step: 7 };

const learningOf = (look: Look, title: string, all: ReadonlyArray<ReadonlyArray<{ readonly x: number; readonly y: number }>>): SVGSVGElement =>
  learningFigure(look, [{ title, measure: 'per sequence', runs: all }]);

const ofRuns = (look: Look): readonly SVGSVGElement[] => [
  stagesFigure(look, fiveTaps),
  learningOf(look, 'wrong bits of three runs', madeUp),
  learningOf(look, 'wrong bits of one run', madeUp.slice(0, 1)),
  studyFigure(look, axes, trials),
  ...(blocks.length === 0 ? [] : [learningOf(look, 'wrong bits', blocks.map((each) => each.map(({ sequences, wrongBits }) => ({ x: sequences, y: wrongBits }))))]),
];

await mkdir(folder, { recursive: true });
for (const scheme of SCHEMES) {
  const look: Look = { document, scheme, width: COLUMN_WIDTH };
  const figures = [...copy(look), ...repeat(look), lengthFigure(look, scored), lengthFigure(look, scoredBoth), ...ofRuns(look)];
  const all = sheet(figures, 2);
  await writeFile(join(folder, `${scheme}.png`), render(all, 2).png);
  await writeFile(join(folder, `${scheme}-column.png`), render(all, 1).png);
  await writeFile(join(folder, `${scheme}-deuteranopia.png`), render(deuteranopia(all), 2).png);
  process.stdout.write(`${scheme}: ${figures.length} figures in ${folder}\n`);
}
