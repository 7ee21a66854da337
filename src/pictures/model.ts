/** The figures of one sequence on its way through a model. */
import type { Seen, Stages } from '../evaluation/see.js';
import { hasMemory } from '../model/parts.js';
import type { ModelShape } from '../model/shapes.js';
import type { Task } from '../tasks/definition.js';
import { phases, type Span } from '../tasks/sequences.js';
import { type AnswerFigure, answerFigure, headNames, weightingFigure } from './answer.js';
import type { Look } from './look.js';
import { memoryFigure } from './memory.js';
import { seenRange } from './slots.js';
import { type HeadStages, stagesFigure } from './stages.js';

/** What is answered of a sequence that was seen, as {@link answerFigure} takes it. */
export const answered = (
  task: Pick<Task, 'outputs' | 'reference'>,
  { batch, outputs }: Pick<Seen, 'batch' | 'outputs'>,
  label: string,
): AnswerFigure => {
  const V = task.outputs;
  const { from, to } = phases(batch, 0).answer;
  const part = (values: Float32Array, width = V): Float32Array => values.subarray(from * width, to * width);
  const best = task.reference?.(batch, 0) ?? null;
  return {
    target: part(batch.target),
    output: part(outputs),
    mask: part(batch.mask, 1),
    reference: best && part(best),
    steps: to - from,
    channels: V,
    label,
  };
};

/** Head `head` of rows [steps, heads, N]. */
const headRows = (rows: Float32Array, steps: number, slots: number, head: number): Float32Array => {
  const heads = rows.length / (steps * slots);
  const weighting = new Float32Array(steps * slots);
  for (let t = 0; t < steps; t++)
    weighting.set(rows.subarray((heads * t + head) * slots, (heads * t + head + 1) * slots), t * slots);
  return weighting;
};

/** Steps, from 1, at which the memory is worth a look: in the middle of the input, at its end, and at the end. */
const chosenSteps = (input: Span, steps: number): readonly number[] => [
  ...new Set([Math.max(1, Math.ceil(input.to / 2)), input.to, steps]),
];

/** Head `head`, of those of both kinds, at one step. */
const stagesOf = (
  { slots: N, taps: S }: ModelShape,
  stages: Stages,
  weighting: Float32Array,
  head: number,
  name: string,
): HeadStages => {
  const ofHead = (values: Float32Array, size: number): Float32Array => values.subarray(head * size, (head + 1) * size);
  return {
    name,
    content: ofHead(stages.w_c, N),
    gated: ofHead(stages.w_g, N),
    shifted: ofHead(stages['w̃'], N),
    weighting: ofHead(weighting, N),
    beta: stages.beta[head]!,
    g: stages.g[head]!,
    gamma: stages.gamma[head]!,
    s: ofHead(stages.s, S),
  };
};

export interface Chosen {
  /** What the sequence is. */
  readonly label: string;
  /** The step, from 0, whose stages were seen. */
  readonly step: number | null;
  /** The heads to draw, from 0, the writing ones first; null: all. */
  readonly heads: readonly number[] | null;
}

/** The figures by the ends of their files' names: the answer, and of a model with memory its heads, memory and stages. */
export const modelFigures = (
  look: Look,
  task: Pick<Task, 'outputs' | 'reference'>,
  shape: ModelShape,
  seen: Seen,
  { label, step, heads }: Chosen,
): Readonly<Record<string, SVGSVGElement>> => {
  const answer = answerFigure(look, answered(task, seen, label));
  if (!hasMemory(shape)) return { '': answer };
  const { slots, width, readHeads: R, writeHeads: W } = shape;
  const { steps } = seen.batch;
  const { input, answer: asked } = phases(seen.batch, 0);
  const [writing, reading] = [headNames('write', W), headNames('read', R)];
  const all = [...writing.map((name, i) => ({ name, row: R + i })), ...reading.map((name, i) => ({ name, row: i }))].map(
    (head) => ({ ...head, values: headRows(seen.weighting, steps, slots, head.row) }),
  );
  const drawn = all.filter((_, i) => heads === null || heads.includes(i));
  const range = seenRange(
    drawn.map(({ values }) => values),
    slots,
  );
  const figures = {
    '': answer,
    '-heads': weightingFigure(look, { heads: drawn, steps, slots, input, answer: asked }),
    '-memory': memoryFigure(look, { memory: seen.memory, steps, width, range, chosen: chosenSteps(input, steps) }),
  };
  if (seen.stages === null || step === null) return figures;
  const { stages } = seen;
  const weighting = seen.weighting.subarray(step * (R + W) * slots, (step + 1) * (R + W) * slots);
  return {
    ...figures,
    '-stages': stagesFigure(look, {
      heads: drawn.map(({ name, row }) => stagesOf(shape, stages, weighting, row, name)),
      slots,
      step: step + 1,
    }),
  };
};
