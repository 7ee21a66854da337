/** What came of a study: every setting against the outcome. */
import * as Plot from '@observablehq/plot';
import { ground, INSIDE, legendOf, short } from './curves.js';
import { AXIS, BOTTOM, type Look, nameBelow, PALETTES, type Panel, panel, stack, TOP } from './look.js';

/** One run that is through. */
export interface Trial {
  /** Its value of each setting, as it is written, by key. */
  readonly settings: Readonly<Record<string, string>>;
  /** Sequences until solved; null where it was not. */
  readonly sequences: number | null;
}

/** A setting and its values, in their order. */
export interface Axis {
  readonly key: string;
  readonly values: readonly string[];
}

const median = (sorted: readonly number[]): number => (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;

/** Runs side by side, so that equal ones do not hide one another: from −0.5 to 0.5. */
const aside = (i: number, of: number): number => (of < 2 ? 0 : i / (of - 1) - 0.5);

/** Half of what lies between two values belongs to one's dots. */
const BREADTH = 0.5;

/** 1, 2, 5 and their tenfolds from the largest at or below `low` to the smallest at or above `high`. */
const roundFrom = (low: number, high: number): readonly number[] => {
  const from = Math.floor(Math.log10(low));
  const all = Array.from({ length: Math.ceil(Math.log10(high)) - from + 1 }, (_, i) => [1, 2, 5].map((step) => step * 10 ** (from + i))).flat();
  const [first, last] = [all.filter((tick) => tick <= low).at(-1) ?? all[0]!, all.find((tick) => tick >= high) ?? all.at(-1)!];
  return all.filter((tick) => tick >= first && tick <= last);
};

/** Sequences until solved against one setting, a dot a run; those not solved above all others. */
const settingPanel = (look: Look, { key, values }: Axis, trials: readonly Trial[]): Panel => {
  const palette = PALETTES[look.scheme];
  const solved = trials.flatMap(({ sequences }) => (sequences === null ? [] : [Math.max(1, sequences)]));
  const ticks = roundFrom(Math.min(...solved, 1e9), Math.max(...solved, 10));
  const [foot, top] = solved.length > 0 ? [ticks[0]!, ticks.at(-1)!] : [1, 10];
  const never = top * (top / foot) ** 0.15;
  const dots = values.flatMap((value, at) => {
    const those = trials.filter(({ settings }) => settings[key] === value);
    return those.map(({ sequences }, i) => ({ x: at + BREADTH * aside(i, those.length), y: sequences === null ? never : Math.max(1, sequences), solved: sequences !== null }));
  });
  const middles = values.flatMap((value, at) => {
    const all = trials.filter(({ settings }) => settings[key] === value).map(({ sequences }) => sequences ?? never).sort((a, b) => a - b);
    return all.length === 0 ? [] : [{ from: at - BREADTH / 2, to: at + BREADTH / 2, y: median(all) }];
  });
  const shown = (solved.length > 0 ? ticks : [1, 10]).filter((tick, _, all) => all.length <= 6 || /^1/.test(tick.toExponential()));
  return panel(look, `sequences until solved, by ${key}`, TOP + INSIDE + BOTTOM, {
    x: { domain: [-0.5, values.length - 0.5], axis: null },
    y: { type: 'log', domain: [foot, never], insetTop: 8, axis: null, clamp: true },
    marks: [
      ...ground(palette, 'sequences', [...shown, never], null, (tick) => (tick === never ? 'never' : short(tick))),
      Plot.axisX({ ...AXIS, ticks: values.map((_, i) => i), tickFormat: (i: number) => values[i] ?? '' }),
      nameBelow(key),
      Plot.link(middles, { className: 'medians', x1: 'from', x2: 'to', y1: 'y', y2: 'y', stroke: palette.orange, strokeWidth: 2 }),
      Plot.dot(dots, { className: 'trials', x: 'x', y: 'y', r: 2, stroke: palette.blue, fill: (dot: { solved: boolean }) => (dot.solved ? palette.blue : palette.paper) }),
    ],
  });
};

/** Every setting that varies against the outcome of the runs that are through. */
export const studyFigure = (look: Look, axes: readonly Axis[], trials: readonly Trial[]): SVGSVGElement => {
  const { blue, orange } = PALETTES[look.scheme];
  const entries = [
    { name: 'a run', colour: blue, width: 4 },
    { name: 'median', colour: orange, width: 2 },
  ];
  return stack(look, `Sequences until solved of ${trials.length} runs, by ${axes.map(({ key }) => key).join(', ')}`, [
    ...axes.map((axis) => settingPanel(look, axis, trials)),
    legendOf(look, entries),
  ]);
};
