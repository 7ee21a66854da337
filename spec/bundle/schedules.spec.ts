/** A minified library is as fast: its kernels get the schedules that they get as they were written. */
import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../kernels/kernel.js';
import { link } from '../../src/gpu/wasm/link.js';
import { describe as inWords } from '../../src/gpu/wasm/plan.js';
import { recordTraining, SEED_SIZES } from '../../src/core.js';
import type { Program } from '../../src/program/graph.js';
import { MINIFIERS } from '../gpu/source/minifiers.js';
import { KERNELS } from '../support/kernels.js';

const PROGRAM = recordTraining({ ...SEED_SIZES, inputs: 9, outputs: 8, readHeads: 2 }, 'adam');

const schedulesOf = (program: Program): string[] => {
  const { linked, dispose } = link(program, 4, 2);
  dispose();
  return [...linked.values()].flat().map(({ name, foreign, schedule }) => `${name}: ${foreign ?? schedule.map(({ plan }) => inWords(plan)).join('; ')}`);
};

const withSources = (program: Program, sources: ReadonlyMap<string, string>): Program => {
  const kernels = new Map(KERNELS.map((kernel) => [kernel.name, { ...kernel, source: { toString: () => sources.get(kernel.name)!, name: kernel.name } as unknown as Kernel['source'] }]));
  const sections = Object.entries(program.calls).map(([section, calls]) => [section, calls.map((call) => (call.kind === 'join' ? call : { ...call, kernel: kernels.get(call.kernel.name)! }))]);
  return { ...program, calls: Object.fromEntries(sections) as unknown as Program['calls'] };
};

describe('schedules of a training iteration', () => {
  const expected = schedulesOf(PROGRAM);
  it.each(MINIFIERS)('%s', async (_, minify) => {
    const sources = new Map<string, string>();
    for (const { name, source } of KERNELS) sources.set(name, await minify(source.toString()));
    expect(schedulesOf(withSources(PROGRAM, sources))).toEqual(expected);
  });
});
