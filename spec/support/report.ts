/** Says what the laws of a test run are drawn from, and in its last lines which backends the specs ran on, and why not on the others. */
import type { Reporter, TestCase } from 'vitest/node';

export class BackendReport implements Reporter {
  private readonly tested = new Set<string>();
  private readonly missing: Set<string>;

  private readonly seed: number;

  constructor(seed: number, missing: readonly string[]) {
    this.seed = seed;
    this.missing = new Set(missing);
  }

  onTestCaseResult(test: TestCase): void {
    const { tested, missing } = test.meta();
    if (tested) this.tested.add(`${tested} in ${test.project.name}`);
    if (missing) this.missing.add(`${missing} (${test.project.name})`);
  }

  onTestRunStart(): void {
    console.log(`Laws are drawn from NTM_SEED=${this.seed}`);
  }

  onTestRunEnd(): void {
    console.log(`Backends tested: ${[...this.tested].join(', ') || 'none'}; missing: ${[...this.missing].join('; ') || 'none'}`);
  }
}
