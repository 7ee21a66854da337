/** What every call of a training iteration got from the compiler, and why. */
import { recordTraining } from '../../src/model/ntm.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { AXES, type Box } from '../../src/gpu/wasm/analyse.js';
import type { Scheduled as Part } from '../../src/gpu/wasm/compile.js';
import { link } from '../../src/gpu/wasm/link.js';
import { describe } from '../../src/gpu/wasm/plan.js';

export interface Scheduled {
  readonly kernel: string;
  /** Of a row, or of a single array. */
  readonly shape: readonly number[];
  readonly calls: number;
  readonly schedule: readonly string[];
}

const cellsOf = (box: Box): string => AXES.filter((axis) => box[axis][1] - box[axis][0] > 1 || box[axis][0] > 0).map((axis) => `${axis} ${box[axis][0]}…${box[axis][1]}`).join(' ');

const linesOf = (parts: readonly Part[]): readonly string[] => parts.map(({ box, plan }) => `${parts.length > 1 ? `${cellsOf(box)}: ` : ''}${describe(plan)}`);

/** Calls that got the same are one line. */
export const schedulesOf = (shape: ModelShape): readonly Scheduled[] => {
  const { linked, dispose } = link(recordTraining(shape, 'adam'), 4, 2);
  dispose();
  const lines = new Map<string, Scheduled>();
  for (const { name, call, schedule: parts, foreign } of [...linked.values()].flat()) {
    const schedule = foreign === null ? linesOf(parts) : [`compiled by GPU.js: ${foreign}`];
    const key = `${name} ${call.output.shape.join()} ${schedule.join()}`;
    lines.set(key, { kernel: name, shape: call.output.shape, calls: (lines.get(key)?.calls ?? 0) + 1, schedule });
  }
  return [...lines.values()].sort((a, b) => a.kernel.localeCompare(b.kernel));
};
