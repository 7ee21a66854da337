/** The answer to one sequence beside its target, and where the heads looked meanwhile. */
import * as Plot from '@observablehq/plot';
import { colourBar, type HeatMap, heatMap, heightFor, UNIT } from './heatmap.js';
import { caption, type Look, PALETTES, type Panel, panel, stack } from './look.js';
import { rangeWords, seenRange, slotOf } from './slots.js';

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

const heatMaps = (
  look: Look,
  { steps, channels }: AnswerFigure,
  maps: ReadonlyArray<Pick<HeatMap, 'title' | 'value'>>,
): readonly Panel[] => {
  const shared = {
    rows: [1, channels],
    columns: [1, steps],
    rowsAre: 'channel',
    shades: UNIT,
    height: heightFor(look, channels, steps, channels > 2 ? 36 : 24, 56),
  } as const;
  return [
    ...maps.map((map, i) =>
      heatMap(look, { ...shared, ...map, columnsAre: i === maps.length - 1 ? 'step of the answer' : null }),
    ),
    colourBar(look, UNIT, 'value'),
  ];
};

/** The value at a channel and a step, both from 1. */
const at =
  (values: ArrayLike<number>, { channels }: AnswerFigure) =>
  (channel: number, step: number): number =>
    values[(step - 1) * channels + channel - 1]!;

/** Target, best answer, output and error below one another; steps of the answer to the right, channels upwards, both from 1. */
export const answerFigure = (look: Look, figure: AnswerFigure): SVGSVGElement => {
  const { label, mask, reference } = figure;
  const [target, output] = [at(figure.target, figure), at(figure.output, figure)];
  return stack(
    look,
    `Target, output and error of ${label}`,
    heatMaps(look, figure, [
      { title: `target: ${label}`, value: target },
      ...(reference ? [{ title: 'the best there is', value: at(reference, figure) }] : []),
      { title: 'output', value: output },
      {
        title: 'error, |target − output|',
        value: (channel, step) => mask[step - 1]! * Math.abs(target(channel, step) - output(channel, step)),
      },
    ]),
  );
};

/** Bits that count and whose output lies on the other side of ½ than their target. */
export const wrongBits = ({ target, output, mask, steps, channels }: AnswerFigure): number => {
  let wrong = 0;
  for (let i = 0; i < steps * channels; i++)
    wrong += mask[Math.floor(i / channels)] === 1 && target[i]! >= 0.5 !== output[i]! >= 0.5 ? 1 : 0;
  return wrong;
};

/** One moment of learning: the target above what the model answers after so many sequences. */
export const momentFigure = (look: Look, figure: AnswerFigure, sequences: number): SVGSVGElement => {
  const wrong = wrongBits(figure);
  return stack(
    look,
    `Target and output after ${sequences} sequences`,
    heatMaps(look, figure, [
      { title: `target: ${figure.label}`, value: at(figure.target, figure) },
      {
        title: `output after ${sequences.toLocaleString('en')} sequences: ${wrong} wrong bit${wrong === 1 ? '' : 's'}`,
        value: at(figure.output, figure),
      },
    ]),
  );
};

export interface WeightingFigure {
  /** In the order of their panels, each [steps, slots]. */
  readonly heads: ReadonlyArray<{ readonly name: string; readonly values: ArrayLike<number> }>;
  readonly steps: number;
  readonly slots: number;
  readonly input: Span;
  readonly answer: Span;
}

/** Names of heads: numbered where there are several of a kind. */
export const headNames = (kind: 'read' | 'write', count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${kind} head${count > 1 ? ` ${i + 1}` : ''}`);

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
  const { heads, steps, slots, answer } = figure;
  const range = seenRange(
    heads.map(({ values }) => values),
    slots,
  );
  const height = heightFor(look, range.to - range.from + 1, steps, 26, heads.length > 2 ? 56 : 84);
  const begins = Plot.ruleX([answer.from + 0.5], { stroke: '#ffffff', strokeDasharray: '2,2', strokeWidth: 0.8 });
  return stack(look, 'Weightings of every head over the steps of a sequence', [
    phaseBar(look, figure),
    ...heads.map(({ name, values }, i) =>
      heatMap(look, {
        title: i === 0 ? `${name}, ${rangeWords(range)}` : name,
        value: (row, step) => values[(step - 1) * slots + slotOf(row, range)]!,
        rows: [range.from, range.to],
        rowName: (row) => slotOf(row, range),
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
