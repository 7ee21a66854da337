/**
 * Which calls of a section must run step by step. A call that reads nothing of the neighbouring step,
 * directly or through others, runs once over the rows of all steps before the loop; one that no later
 * step reads runs once over all rows after it.
 */
import type { Call, Program } from './graph.js';

export interface Schedule {
  readonly before: readonly Call[];
  readonly loop: readonly Call[];
  readonly after: readonly Call[];
}

export const scheduleOf = (program: Program, section: 'forward' | 'backward'): Schedule => {
  const calls = program.calls[section];
  const neighbour = section === 'forward' ? -1 : 1;
  const dependent = new Set<number>();
  for (const { inputs, output } of calls) {
    if (inputs.some(({ id, domain, offset }) => (domain === 'step' && offset === neighbour) || (offset === 0 && dependent.has(id)))) dependent.add(output.id);
  }
  const feeding = new Set(program.carries.filter(({ direction }) => direction === section).map(({ current }) => current.id));
  for (const { inputs, output } of [...calls].reverse()) {
    if (feeding.has(output.id)) inputs.forEach(({ id, offset }) => offset === 0 && feeding.add(id));
  }
  return {
    before: calls.filter(({ output }) => !dependent.has(output.id)),
    loop: calls.filter(({ output }) => dependent.has(output.id) && feeding.has(output.id)),
    after: calls.filter(({ output }) => dependent.has(output.id) && !feeding.has(output.id)),
  };
};
