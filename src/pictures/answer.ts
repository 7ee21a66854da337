/** The answer to one sequence beside its target, and where the heads looked meanwhile. */
import * as Plot from '@observablehq/plot';
import { colourBar, heatMap, heightFor, UNIT } from './heatmap.js';
import { caption, type Look, PALETTES, type Panel, panel, stack } from './look.js';

/** Steps `from` to below `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface AnswerFigure {
  /** [steps, channels]. */
  readonly target: ArrayLike<number>;
  /** [steps, channels], sigmoid outputs. */
  readonly output: ArrayLike<number>;
  /** [steps]: 1 where the answer counts, else 0. */
  readonly mask: ArrayLike<number>;
  /** The best answer that anybody could give, [steps, channels]; null where it is the target. */
  readonly reference: ArrayLike<number> | null;
  readonly steps: number;
  readonly channels: number;
  /** What is answered. */
  readonly label: string;
}

/** Target, best answer, output and error below one another; steps of the answer to the right, channels upwards, both from 1. */
export const answerFigure = (look: Look, { target, output, mask, reference, steps, channels, label }: AnswerFigure): SVGSVGElement => {
  const at = (values: ArrayLike<number>) => (row: number, column: number): number => values[(column - 1) * channels + row - 1]!;
  const error = (row: number, column: number): number => mask[column - 1]! * Math.abs(at(target)(row, column) - at(output)(row, column));
  const maps = [
    { title: `target: ${label}`, value: at(target) },
    ...(reference ? [{ title: 'the best there is', value: at(reference) }] : []),
    { title: 'output', value: at(output) },
    { title: 'error, |target − output|', value: error },
  ];
  const shared = { rows: [1, channels], columns: [1, steps], rowsAre: 'channel', shades: UNIT, height: heightFor(look, channels, steps, 24, 56) } as const;
  return stack(look, `Target, output and error of ${label}`, [
    ...maps.map((map, i) => heatMap(look, { ...shared, ...map, columnsAre: i === maps.length - 1 ? 'step of the answer' : null })),
    colourBar(look, UNIT, 'value'),
  ]);
};

/** Weightings of a sequence. */
export interface Heads {
  /** Of each head [steps, slots]. */
  readonly read: readonly ArrayLike<number>[];
  readonly write: readonly ArrayLike<number>[];
  readonly steps: number;
  readonly slots: number;
}

export interface WeightingFigure extends Heads {
  readonly input: Span;
  readonly answer: Span;
}

/** A weight that is seen. */
const SEEN = 0.02;

/** First and last slot that any head gives more than 2% at some step, with a margin of one. */
export const usedSlots = ({ read, write, slots }: Pick<Heads, 'read' | 'write' | 'slots'>): readonly [number, number] => {
  let [first, last] = [slots, -1];
  for (const values of [...read, ...write]) {
    for (let i = 0; i < values.length; i++) {
      if (values[i]! <= SEEN) continue;
      first = Math.min(first, i % slots);
      last = Math.max(last, i % slots);
    }
  }
  return last < 0 ? [0, slots - 1] : [Math.max(0, first - 1), Math.min(slots - 1, last + 1)];
};

/** Names of heads: numbered where there are several of a kind. */
export const headNames = (kind: 'read' | 'write', count: number): readonly string[] => Array.from({ length: count }, (_, i) => `${kind} head${count > 1 ? ` ${i + 1}` : ''}`);

/** Above the panels: from where to where the input and the answer go. */
const phaseBar = (look: Look, { input, answer, steps }: WeightingFigure): Panel => {
  const { blue, orange } = PALETTES[look.scheme];
  const spans = [
    { ...input, name: 'input', colour: blue },
    { ...answer, name: 'answer', colour: orange },
  ];
  return panel(look, '', 16, {
    marginTop: 10,
    marginBottom: 3,
    x: { domain: [0.5, steps + 0.5], axis: null },
    y: { domain: [0, 2], axis: null },
    marks: spans.flatMap(({ from, to, name, colour }, i) => [
      Plot.rect([0], { x1: from + 0.5, x2: to + 0.5, y1: 1 - i, y2: 2 - i, fill: colour, className: 'phase' }),
      caption(name, { x: (from + to + 1) / 2, frameAnchor: 'top', dy: -1, fill: colour }),
    ]),
  });
};

/** Where the heads look over time (the paper's figure 6): steps to the right, the slots in use upwards. */
export const weightingFigure = (look: Look, figure: WeightingFigure): SVGSVGElement => {
  const { read, write, steps, slots, answer } = figure;
  const rows = usedSlots(figure);
  const height = heightFor(look, rows[1] - rows[0] + 1, steps, 26, read.length + write.length > 2 ? 56 : 84);
  const named = (kind: 'read' | 'write', heads: readonly ArrayLike<number>[]) => headNames(kind, heads.length).map((name, i) => ({ title: i === 0 ? `${name}, slots ${rows[0]}–${rows[1]} of ${slots}` : name, values: heads[i]! }));
  const heads = [...named('write', write), ...named('read', read)];
  const begins = Plot.ruleX([answer.from + 0.5], { stroke: '#ffffff', strokeDasharray: '2,2', strokeWidth: 0.8 });
  return stack(look, 'Weightings of every head over the steps of a sequence', [
    phaseBar(look, figure),
    ...heads.map(({ title, values }, i) =>
      heatMap(look, {
        title,
        value: (slot, step) => values[(step - 1) * slots + slot]!,
        rows,
        columns: [1, steps],
        rowsAre: 'slot',
        columnsAre: i === heads.length - 1 ? 'step' : null,
        shades: UNIT,
        height,
        marks: answer.from > 0 ? [begins] : [],
      }),
    ),
    colourBar(look, UNIT, 'weight'),
  ]);
};
