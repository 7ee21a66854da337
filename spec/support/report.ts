/** Says in the last lines of a test run which backends the specs ran on, and why not on the others. */
import type { Reporter, TestCase } from 'vitest/node';

export class BackendReport implements Reporter {
  private readonly tested = new Set<string>();
  private readonly missing: Set<string>;

  constructor(missing: readonly string[]) {
    this.missing = new Set(missing);
  }

  onTestCaseResult(test: TestCase): void {
    const { tested, missing } = test.meta();
    if (tested) this.tested.add(`${tested} in ${test.project.name}`);
    if (missing) this.missing.add(`${missing} (${test.project.name})`);
  }

  onTestRunEnd(): void {
    console.log(`Backends tested: ${[...this.tested].join(', ') || 'none'}; missing: ${[...this.missing].join('; ') || 'none'}`);
  }
}
