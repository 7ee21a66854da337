/**
 * Which calls of a section run in one launch over the rows of all steps, before or after the loop over
 * steps: those that need no order (src/program/schedule.ts) and read no step but their own.
 */
import type { Call, Program } from '../../program/graph.js';
import { type Schedule, scheduleOf } from '../../program/schedule.js';

/** Reads rows of its own step alone, so that all steps' rows can be one array. */
export const readsOwnRows = ({ inputs }: Call): boolean => inputs.every(({ domain, offset }) => domain === 'single' || (domain === 'step' && offset === 0));

export const planOf = (program: Program, section: 'forward' | 'backward'): Schedule => {
  const { before, loop, after } = scheduleOf(program, section);
  const carried = new Set(program.carries.map(({ current }) => current.id));
  const inLoop = new Set(loop.map(({ output }) => output.id));
  for (const call of before) {
    if (!readsOwnRows(call) || carried.has(call.output.id) || call.inputs.some(({ id }) => inLoop.has(id))) inLoop.add(call.output.id);
  }
  for (const call of [...after].reverse()) {
    if (inLoop.has(call.output.id) || !readsOwnRows(call)) call.inputs.concat(call.output).forEach(({ id }) => inLoop.add(id));
  }
  const isInLoop = ({ output }: Call): boolean => inLoop.has(output.id);
  return { before: before.filter((call) => !isInLoop(call)), loop: program.calls[section].filter(isInLoop), after: after.filter((call) => !isInLoop(call)) };
};
