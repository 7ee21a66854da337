/**
 * How the calls of a section are launched. Calls that need no order (src/program/schedule.ts) and read no
 * step but their own run over the rows of all steps, before or after the loop over steps; calls that do
 * not wait for each other run in one launch (fuse.ts).
 */
import type { Call, Program, Tensor } from '../../program/graph.js';
import { scheduleOf } from '../../program/schedule.js';
import { sizeOf } from '../../program/signature.js';
import { FEWEST_ARRAYS } from './device.js';

/** Calls of one launch. */
export type Group = readonly Call[];

export interface Plan {
  readonly before: readonly Group[];
  readonly loop: readonly Group[];
  readonly after: readonly Group[];
}

/** Whole numbers below this are exact in the floats in which a fused kernel computes places. */
const EXACT = 2 ** 24;

/** Numbers a row of a texture that every GL has; what a group gives lies in one row. */
const TEXTURE_ROW = 4096;

/** Reads rows of its own step alone, so that all steps' rows can be one array. */
export const readsOwnRows = ({ inputs }: Call): boolean => inputs.every(({ domain, offset }) => domain === 'single' || (domain === 'step' && offset === 0));

/**
 * Calls into groups, none of which waits for one of its own. `rows`: the most that an array has. A state
 * that steps hand on forwards has an array of its own, as it has before the first step.
 */
const groupsOf = (program: Program, calls: readonly Call[], rows: number): Group[] => {
  const states = new Set(program.carries.filter(({ direction }) => direction === 'forward').map(({ current }) => current.id));
  const levels = new Map<number, number>();
  const levelOf = ({ inputs }: Call): number => 1 + Math.max(-1, ...inputs.map(({ id, offset }) => (offset === 0 ? (levels.get(id) ?? -1) : -1)));
  const byLevel: Call[][] = [];
  for (const call of calls) {
    const level = levelOf(call);
    levels.set(call.output.id, level);
    (byLevel[level] ??= []).push(call);
  }
  /** Results of one group lie in one array. */
  const arrayOf = new Map<number, string>();
  const key = ({ id, offset }: Tensor): string => (offset === 0 ? (arrayOf.get(id) ?? `${id}`) : `${id} ${offset}`);
  const fits = ({ output, inputs }: Call): boolean => output.domain !== 'single' && !states.has(output.id) && inputs.every(({ id, domain }) => sizeOf(program.tensors[id]!.shape) * (domain === 'single' ? 1 : rows) < EXACT);
  const groups: Call[][] = [];
  for (const level of byLevel) {
    const open: Array<{ readonly calls: Call[]; readonly arrays: Set<string> }> = [];
    const widthOf = (list: readonly Call[]): number => list.reduce((sum, { output }) => sum + sizeOf(output.shape), 0);
    for (const call of level) {
      const arrays = call.inputs.map(key);
      const group = fits(call) ? open.find((each) => new Set([...each.arrays, ...arrays]).size <= FEWEST_ARRAYS && widthOf([...each.calls, call]) <= TEXTURE_ROW) : undefined;
      group?.calls.push(call);
      arrays.forEach((array) => group?.arrays.add(array));
      if (group) continue;
      groups.push([call]);
      if (fits(call)) open.push({ calls: groups.at(-1)!, arrays: new Set(arrays) });
    }
    groups.forEach((group, i) => group.forEach(({ output }) => arrayOf.set(output.id, `group ${i}`)));
  }
  return groups;
};

export const planOf = (program: Program, section: 'forward' | 'backward', rows: number): Plan => {
  const { before, loop, after } = scheduleOf(program, section);
  const carried = new Set(program.carries.map(({ current }) => current.id));
  const inLoop = new Set(loop.map(({ output }) => output.id));
  for (const call of before) {
    if (!readsOwnRows(call) || carried.has(call.output.id) || call.inputs.some(({ id }) => inLoop.has(id))) inLoop.add(call.output.id);
  }
  for (const call of [...after].reverse()) {
    if (inLoop.has(call.output.id) || !readsOwnRows(call)) call.inputs.concat(call.output).forEach(({ id }) => inLoop.add(id));
  }
  const group = (calls: readonly Call[]): Group[] => groupsOf(program, calls, rows);
  const isInLoop = ({ output }: Call): boolean => inLoop.has(output.id);
  return { before: group(before.filter((call) => !isInLoop(call))), loop: group(program.calls[section].filter(isInLoop)), after: group(after.filter((call) => !isInLoop(call))) };
};
