/** What curves are drawn on, and what their lines stand for. */
import * as Plot from '@observablehq/plot';
import { AXIS, LEFT, type Look, nameBelow, nameLeft, type Palette, type Panel, panel, RIGHT } from './look.js';

/** 10,000 as 10k, 0.0001 as 1e−4. */
export const short = (value: number): string =>
  value > 0 && value < 1e-3
    ? value.toExponential(0).replace('-', '−')
    : value >= 1e6
      ? `${Number((value / 1e6).toPrecision(3))}M`
      : value >= 1e4
        ? `${Number((value / 1e3).toPrecision(3))}k`
        : AXIS.tickFormat(Number(value.toPrecision(3)));

/** Height of a panel of curves inside its axes. */
export const INSIDE = 84;

/** What a curve is drawn on: grid and axes, the lower one named where it is the last. */
export const ground = (
  { faint }: Palette,
  measure: string,
  yTicks: readonly number[],
  below: string | null,
  show = short,
): Plot.Markish[] => [
  Plot.gridY(yTicks, { stroke: faint, strokeOpacity: 0.6 }),
  Plot.axisY({ ...AXIS, ...nameLeft(measure), ticks: yTicks, tickFormat: show }),
  ...(below === null ? [] : [Plot.axisX({ ...AXIS, ticks: 5, tickFormat: short }), nameBelow(below)]),
  Plot.frame({ anchor: 'bottom', stroke: faint }),
];

/** About the width of a letter. */
const LETTER = 4.4;

/** How far a legend rises to stand beside the name of the axis above. */
const BESIDE_NAME = 13;

/** What lines of one look stand for, at the right end beside the name of the axis above. */
export const legendOf = (
  look: Look,
  entries: ReadonlyArray<{ readonly name: string; readonly colour: string; readonly width: number; readonly opacity?: number; readonly dash?: string }>,
  rise = BESIDE_NAME,
): Panel => {
  const widths = entries.map(({ name }) => 16 + LETTER * name.length + 14);
  const right = look.width - LEFT - RIGHT;
  const at = (i: number): number => right - widths.slice(i).reduce((a, b) => a + b, -14);
  return panel(
    look,
    '',
    14,
    {
      marginTop: 0,
      marginBottom: 0,
      x: { domain: [0, right], axis: null },
      y: { domain: [0, 1], axis: null },
      marks: entries.flatMap(({ name, colour, width, opacity = 1, dash = '' }, i) => [
        Plot.link([0], {
          className: 'legend',
          x1: at(i),
          x2: at(i) + 12,
          y1: 0.5,
          y2: 0.5,
          stroke: colour,
          strokeWidth: width,
          strokeOpacity: opacity,
          strokeDasharray: dash,
        }),
        Plot.text([name], { x: at(i) + 16, y: 0.5, textAnchor: 'start', lineAnchor: 'middle', text: (text: string) => text }),
      ]),
    },
    rise,
  );
};
