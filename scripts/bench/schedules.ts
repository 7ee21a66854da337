/** What every call of a training iteration got from the compiler, and why. */
import { recordTraining } from '../../src/model/ntm.js';
import type { ModelShape } from '../../src/model/shapes.js';
import { link } from '../../src/gpu/wasm/link.js';

export interface Scheduled {
  readonly kernel: string;
  /** Of a row, or of a single array. */
  readonly shape: readonly number[];
  readonly calls: number;
  readonly schedule: readonly string[];
}

/** Calls that got the same are one line. */
export const schedulesOf = (shape: ModelShape): readonly Scheduled[] => {
  const { linked, dispose } = link(recordTraining(shape, 'adam'), 4, 2);
  dispose();
  const lines = new Map<string, Scheduled>();
  for (const { name, call, schedule } of [...linked.values()].flat()) {
    const key = `${name} ${call.output.shape.join()} ${schedule.join()}`;
    lines.set(key, { kernel: name, shape: call.output.shape, calls: (lines.get(key)?.calls ?? 0) + 1, schedule });
  }
  return [...lines.values()].sort((a, b) => a.kernel.localeCompare(b.kernel));
};
