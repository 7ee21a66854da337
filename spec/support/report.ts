/** Says what the laws of a test run are drawn from and how long it takes, and in its last lines which backends the specs ran on, and why not on the others. */
import * as E from 'fp-ts/lib/Either.js';
import type { Reporter, TestCase, TestSpecification } from 'vitest/node';
import { probe } from '../../src/gpu/backends.js';
import { chromium, CHROMIUM_MISSING, IN_CHROMIUM } from './chromium.js';
import { minutesOf } from './schedule.js';

/** So many files and more are not a choice of some. */
const ALL = 50;

export class BackendReport implements Reporter {
  private readonly tested = new Set<string>();
  private readonly missing = new Set<string>(chromium ? [] : [`${IN_CHROMIUM.join(', ')}: ${CHROMIUM_MISSING}`]);

  private readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  onTestCaseResult(test: TestCase): void {
    const { tested, missing } = test.meta();
    if (tested) this.tested.add(`${tested} in ${test.project.name}`);
    if (missing) this.missing.add(`${missing} (${test.project.name})`);
  }

  async onTestRunStart(files: readonly TestSpecification[]): Promise<void> {
    console.log(`Laws are drawn from NTM_SEED=${this.seed}`);
    if (files.length < ALL) return;
    const headlessgl = E.isRight(await probe('headlessgl')());
    console.log(`About ${minutesOf({ headlessgl, chromium: chromium !== undefined })} minutes, where nothing else runs here (${headlessgl ? 'with' : 'without'} headlessgl, ${chromium ? 'with' : 'without'} Chromium)`);
  }

  onTestRunEnd(): void {
    console.log(`Backends tested: ${[...this.tested].join(', ') || 'none'}; missing: ${[...this.missing].join('; ') || 'none'}`);
  }
}
