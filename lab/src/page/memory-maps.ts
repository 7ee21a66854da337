/** What is drawn of the machine's inside at one step, by slot. */
import type { Detail } from '../worker/messages.js';
import { brief } from './hover.js';
import { type HeatMapOf, heightOf, reach } from './map.js';

const bySlot = ({ memory }: Detail, at: HeatMapOf['at']): Omit<HeatMapOf, 'title' | 'note'> => {
  const [columns, rows] = [memory.length, memory[0]!.length];
  let most = 0;
  for (let n = 0; n < columns; n++) for (let m = 0; m < rows; m++) most = Math.max(most, Math.abs(at(m, n)));
  most ||= 1;
  return { rows, columns, at, ramp: 'signed', low: -most, high: most, height: heightOf(rows), names: ['place', 'slot'] };
};

export const memoryMap = (detail: Detail): HeatMapOf => {
  const map = bySlot(detail, (m, n) => detail.memory[n]![m]!);
  return { ...map, title: 'Memory', note: `after the step, slot 0 at the left; from −${brief(map.high)} (orange) to ${brief(map.high)} (violet)` };
};

/** In the memory's own colours, so that a change of nothing to speak of looks like nothing. */
export const changeMap = (detail: Detail): HeatMapOf => {
  const { before, memory } = detail;
  const map = bySlot(detail, (m, n) => memory[n]![m]! - before[n]![m]!);
  const most = Math.max(map.high, memoryMap(detail).high);
  return { ...map, low: -most, high: most, title: 'Its change', note: `in this step, at most ${brief(map.high)}` };
};

export const vectorMap = (title: string, values: Float32Array, signed: boolean): HeatMapOf => {
  const most = signed ? reach(values) : 1;
  return { title, rows: 1, columns: values.length, at: (_, m) => values[m]!, ramp: signed ? 'signed' : 'amount', low: signed ? -most : 0, high: most, height: 16, names: ['row', 'place'] };
};

/** The stages of addressing: the field of a head, its symbol and index, and what it is. */
export const STAGES = [
  ['wc', 'w', 'c', 'by content: slots that are like the key'],
  ['wg', 'w', 'g', 'gated: mixed with where it looked before'],
  ['shifted', 'w̃', '', 'shifted: moved along by s'],
  ['w', 'w', '', 'sharpened: what the head uses'],
] as const;

export const stageMaps = (head: Detail['heads'][number]): readonly HeatMapOf[] =>
  STAGES.map(([key, symbol, index, note]) => ({ ...vectorMap(index ? `${symbol}_${index}` : symbol, head[key], false), note, height: 24, names: ['row', 'slot'] }));
