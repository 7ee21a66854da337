/** Kinds of models beside one another: how they learn, and how they do on sequences of many sizes. */
import * as Plot from '@observablehq/plot';
import { ground, INSIDE, legendOf, short } from './curves.js';
import { bandOf, type Point } from './learning.js';
import { AXIS, BOTTOM, type Look, nameBelow, type Palette, PALETTES, panel, stack, TOP } from './look.js';

/** Several runs of one kind. */
export interface Series {
  readonly name: string;
  /** Of every run, x rising. */
  readonly runs: ReadonlyArray<readonly Point[]>;
}

/** A value that somebody states. */
export interface Stated extends Point {
  readonly name: string;
}

export interface Comparison {
  readonly title: string;
  /** Names of the axes, with units. */
  readonly across: string;
  readonly up: string;
  /** At most four. */
  readonly series: readonly Series[];
  /** Points of others' results. */
  readonly stated?: readonly Stated[];
  /** Below which nobody comes. */
  readonly least?: { readonly name: string; readonly y: number };
  /** Whether each run's points are its own few, to be seen one by one. */
  readonly dots?: boolean;
}

/** A look for each series, told apart by colour and by stroke. */
const strokesOf = ({ blue, orange, ink }: Palette) =>
  [
    { stroke: blue, dash: '' },
    { stroke: orange, dash: '5,2' },
    { stroke: ink, dash: '1.5,2' },
    { stroke: blue, dash: '1,1.5' },
  ] as const;

const isShown = ({ x, y }: Point): boolean => Number.isFinite(x) && Number.isFinite(y);

/** Median and range of every kind of model. */
export const comparisonFigure = (look: Look, { title, across, up, series: given, stated = [], least, dots = false }: Comparison): SVGSVGElement => {
  const palette = PALETTES[look.scheme];
  const strokes = strokesOf(palette);
  const series = given.map(({ name, runs }) => ({ name, runs: runs.map((points) => points.filter(isShown)).filter((points) => points.length > 0) }));
  const all = [...series.flatMap(({ runs }) => runs.flat()), ...stated];
  const [left, right] = [Math.min(...all.map(({ x }) => x)), Math.max(...all.map(({ x }) => x))];
  const top = Math.max(1, ...all.map(({ y }) => y), least?.y ?? 0);
  const places = dots ? [...new Set(all.map(({ x }) => x))].sort((a, b) => a - b) : null;
  const plot = panel(look, title, TOP + INSIDE * 1.4 + BOTTOM, {
    x: { domain: left < right ? [left, right] : [left - 1, right + 1], inset: dots ? 6 : 0, axis: null },
    y: { domain: [0, top * 1.03], axis: null },
    marks: [
      ...ground(palette, up, roundTicks(top), null),
      Plot.axisX({ ...AXIS, ticks: places && places.length <= 12 ? places : 5, tickFormat: short }),
      nameBelow(across),
      ...series.flatMap(({ runs }, i) => {
        const band = bandOf(runs);
        const { stroke, dash } = strokes[i % strokes.length]!;
        return [
          Plot.areaY(band, { className: `range-${i}`, x: 'x', y1: 'low', y2: 'high', fill: stroke, fillOpacity: 0.2 }),
          Plot.line(band, { className: `median-${i}`, x: 'x', y: 'median', stroke, strokeWidth: 1.5, strokeDasharray: dash }),
          ...(dots ? [Plot.dot(band, { className: `dots-${i}`, x: 'x', y: 'median', fill: stroke, r: 2 })] : []),
        ];
      }),
      ...(least ? [Plot.ruleY([least.y], { className: 'least', stroke: palette.ink, strokeWidth: 0.7, strokeDasharray: '2,2' })] : []),
      Plot.dot(stated, { className: 'stated', x: 'x', y: 'y', symbol: 'times', stroke: palette.ink, strokeWidth: 1.5, r: 3.5 }),
    ],
  });
  const entry = (name: string, i: number) => ({ name, colour: strokes[i % strokes.length]!.stroke, width: 1.5, dash: strokes[i % strokes.length]!.dash });
  const others = [
    ...(least ? [{ name: least.name, colour: palette.ink, width: 0.7, dash: '2,2' }] : []),
    ...[...new Set(stated.map(({ name }) => name))].map((name) => ({ name: `× ${name}`, colour: 'none', width: 0 })),
  ];
  return stack(look, `${title}: ${series.map(({ name }) => name).join(', ')}`, [
    plot,
    legendOf(look, series.map(({ name }, i) => entry(name, i)), 0),
    ...(others.length > 0 ? [legendOf(look, others, 0)] : []),
  ]);
};

/** 0 and up to five round numbers to `top`. */
const roundTicks = (top: number): readonly number[] => {
  const step = [1, 2, 5].flatMap((digit) => [-2, -1, 0, 1, 2, 3, 4, 5].map((power) => digit * 10 ** power)).sort((a, b) => a - b).find((each) => top / each <= 5) ?? top;
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
};
