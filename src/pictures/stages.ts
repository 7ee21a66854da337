/** How a head comes from content to its weighting at one step (the paper's figure 2): w_c, w_g, w̃, w. */
import * as Plot from '@observablehq/plot';
import {
  AXIS,
  BOTTOM,
  caption,
  GAP,
  LEFT,
  type Look,
  nameBelow,
  nameLeft,
  PALETTES,
  type Panel,
  panel,
  RIGHT,
  stack,
  TOP,
  wholeTicks,
} from './look.js';
import { rangeWords, type SlotRange, slotOf, usedRange } from './slots.js';

export interface HeadStages {
  readonly name: string;
  /** [slots] each. */
  readonly content: ArrayLike<number>;
  readonly gated: ArrayLike<number>;
  readonly shifted: ArrayLike<number>;
  readonly weighting: ArrayLike<number>;
  readonly beta: number;
  readonly g: number;
  readonly gamma: number;
  /** [taps], the middle one staying. */
  readonly s: ArrayLike<number>;
}

export interface StagesFigure {
  readonly heads: readonly HeadStages[];
  readonly slots: number;
  /** From 1. */
  readonly step: number;
}

const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/** What has room above a narrow plot: three taps, or of more the strongest, by where it goes. */
const shiftWords = (s: ArrayLike<number>): string => {
  const taps = Array.from(s);
  if (taps.length <= 3) return `s = ${taps.map((each) => each.toFixed(2)).join(' ')}`;
  const strongest = taps.indexOf(Math.max(...taps));
  const by = strongest - (taps.length - 1) / 2;
  return `s(${by > 0 ? '+' : by < 0 ? '−' : ''}${Math.abs(by)}) = ${taps[strongest]!.toFixed(2)}`;
};

/** The stages in their order, each with the parameter that makes it. */
const stagesOf = ({ content, gated, shifted, weighting, beta, g, gamma, s }: HeadStages) =>
  [
    { name: 'content w_c', values: content, by: `β = ${number(beta)}` },
    { name: 'gated w_g', values: gated, by: `g = ${number(g)}` },
    { name: 'shifted w̃', values: shifted, by: shiftWords(s) },
    { name: 'sharpened w', values: weighting, by: `γ = ${number(gamma)}` },
  ] as const;

/** A weight that is seen as a bar. */
const SEEN = 0.05;

/** The slots that any stage of any head gives a weight that is seen. */
const rangeOf = ({ heads, slots }: StagesFigure): SlotRange => {
  const values = heads.flatMap((head) => stagesOf(head).map((stage) => stage.values));
  return usedRange((slot) => values.some((weights) => weights[slot]! > SEEN), slots, 2);
};

const INSIDE = 36;

const headPanel = (look: Look, head: HeadStages, title: string, range: SlotRange, lowest: boolean): Panel => {
  const { blue, orange, faint } = PALETTES[look.scheme];
  const stages = stagesOf(head);
  const names = stages.map(({ name }) => name);
  const bars = stages.flatMap(({ name, values }) =>
    Array.from({ length: range.to - range.from + 1 }, (_, i) => ({
      name,
      row: range.from + i,
      weight: values[slotOf(range.from + i, range)]!,
    })),
  );
  const slot = (row: number): number => slotOf(row, range);
  const above = TOP + 24;
  const below = lowest ? BOTTOM : GAP;
  return panel(look, '', above + INSIDE + below, {
    marginTop: above,
    marginBottom: below,
    x: { domain: [range.from - 0.5, range.to + 0.5], axis: null },
    y: { domain: [0, 1], axis: null, clamp: true },
    fx: { domain: names, padding: 0.12, axis: null },
    marks: [
      Plot.rect(bars, {
        className: 'bars',
        fx: 'name',
        x1: ({ row }: { row: number }) => row - 0.5,
        x2: ({ row }: { row: number }) => row + 0.5,
        y1: 0,
        y2: 'weight',
        fill: blue,
        shapeRendering: 'crispEdges',
      } as Plot.RectOptions),
      Plot.frame({ anchor: 'bottom', stroke: faint }),
      Plot.axisY({ ...AXIS, ...nameLeft('weight'), ticks: [0, 0.5, 1] }),
      ...(lowest
        ? [
            Plot.axisX({
              ...AXIS,
              ticks: wholeTicks(range.from, range.to, (look.width - LEFT - RIGHT) / 4.5, 20, slot),
              tickFormat: (row: number) => String(slot(row)),
            }),
            nameBelow('slot', { fx: () => names[0] }),
          ]
        : []),
      ...stages.flatMap(({ name, by }) => [
        caption(name, { fx: () => name, dy: -14 }),
        caption(by, { fx: () => name, dy: -3, fill: orange }),
      ]),
      caption(title, { fx: () => names[0], dy: -26, fontWeight: 600 }),
    ],
  });
};

/** A row a head, a column a stage; the parameter in force above each. */
export const stagesFigure = (look: Look, figure: StagesFigure): SVGSVGElement => {
  const range = rangeOf(figure);
  const { heads, step } = figure;
  return stack(
    look,
    `The stages of addressing of every head at step ${step}`,
    heads.map((head, i) =>
      headPanel(
        look,
        head,
        i === 0 ? `${head.name} at step ${step}, ${rangeWords(range)}` : head.name,
        range,
        i === heads.length - 1,
      ),
    ),
  );
};
