/** The longest files of specs begin first, so that none is left over at the end; and about how long a run takes. */
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that take longest, in Node and in pages, longest first. */
const LONGEST = ['soak/interruptions', 'lab/lab', 'study/sweep', 'package/package', 'bundle/bundle', 'laws/operations', 'laws/model', 'edges/extremes', 'edges/indices', 'edges/sizes', 'laws/machines', 'parity/parity', 'model/fixtures', 'model/gradients', 'commands/durable', 'commands/ntm', 'commands/train', 'commands/plot', 'docs/code', 'docs/commands', 'mutants/mutants', 'front-door/exact'].map((name) => `spec/${name}.spec.ts`);

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = LONGEST.indexOf(relative('.', moduleId));
  return place < 0 ? LONGEST.length : place;
};

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [...(await super.sort(files))].sort((a, b) => placeOf(a) - placeOf(b));
  }
}

/** Minutes of one core that all specs take: in Node alone, and what a display with headlessgl and what Chromium add. */
const MINUTES = { node: 11, headlessgl: 4, chromium: 8 };

/** About how many minutes all specs take here, with quiet cores, of which more than four are of no use. */
export const minutesOf = (present: { readonly headlessgl: boolean; readonly chromium: boolean }): number =>
  Math.ceil((MINUTES.node + (present.headlessgl ? MINUTES.headlessgl : 0) + (present.chromium ? MINUTES.chromium : 0)) / Math.min(4, availableParallelism()));
