/** Time by kernel, for machines that are asked to profile. */
import type { Section } from '../program/graph.js';
import type { Profile } from '../program/machine.js';

export interface Profiler {
  readonly add: (section: Section, kernel: string, milliseconds: number) => void;
  /** What was added since the last call. */
  readonly take: () => readonly Profile[];
}

export const profiler = (): Profiler => {
  const times = new Map<string, Profile>();
  return {
    add: (section, kernel, milliseconds) => {
      const key = `${section} ${kernel}`;
      const before = times.get(key);
      times.set(key, { kernel, section, calls: (before?.calls ?? 0) + 1, milliseconds: (before?.milliseconds ?? 0) + milliseconds });
    },
    take: () => {
      const list = [...times.values()];
      times.clear();
      return list;
    },
  };
};
