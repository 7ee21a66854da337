/**
 * PyTorch's outputs, weightings, memory, loss and every named gradient for given weights, on every
 * backend. The fixtures lie beside the repository; where they are missing this is said, not passed over.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/gpu/backends.js';
import { stateEntries } from '../../src/model/state-dict.js';
import { compare } from '../oracle/differences.js';
import { type Fixture, loadFixtures } from '../oracle/fixtures.js';
import { eachBackend } from '../support/backends.js';
import { type ModelRun, runModel } from '../support/model.js';

/** Float32 rounding, amplified by the recurrence of the weightings: storage alone gives 9e-6 on these. */
const FORWARD = 2e-5;
/** PyTorch in float32 reaches 5e-4 of a tensor's largest gradient; near zero, 1e-8. */
const gradientTolerance = (largest: number): number => 1e-3 * largest + 1e-8;

const caseOf = ({ metadata, tensors }: Fixture) => {
  const of = (name: string) => tensors.get(name)!;
  const [inputSteps, batch, inputs] = of('io/input').shape as [number, number, number];
  const [answerSteps, , outputs] = of('io/target').shape as [number, number, number];
  return {
    of,
    run: (backend: Backend): Promise<ModelRun> =>
      runModel(backend, {
        shape: { controller: 'lstm', inputs, outputs, hidden: 100, slots: 128, width: 20, legacyWriteAddressing: metadata.legacy_write_addressing === 'true' },
        weights: (name) => of(`weights/${name}`).data,
        input: of('io/input').data,
        target: of('io/target').data,
        batch,
        inputSteps,
        answerSteps,
      }),
  };
};

const fixtures = await loadFixtures();

if (fixtures.length === 0) it.skip('fixtures: not beside this repository (../shared/fixtures)', () => undefined);
else eachBackend('PyTorch fixtures', (backend) => {
  describe.each(fixtures)('%s', (_, fixture) => {
    const { of, run } = caseOf(fixture);
    let result: ModelRun;
    beforeAll(async () => {
      result = await run(backend);
    }, 60_000);

    it.each([
      ['outputs', 'io/output', (r: ModelRun) => r.outputs],
      ['read weightings', 'trace/read_weighting', (r: ModelRun) => r.readWeighting],
      ['write weightings', 'trace/write_weighting', (r: ModelRun) => r.writeWeighting],
      ['loss', 'io/loss', (r: ModelRun) => [r.loss]],
    ] as const)('%s', (_name, tensor, actual) => {
      expect(compare(actual(result), of(tensor).data).largest).toBeLessThan(FORWARD);
    });

    it('final memory', () => {
      const { largest, scale } = compare(result.memory, of('trace/final_memory').data);
      expect(largest).toBeLessThan(FORWARD * Math.max(1, scale));
    });

    it.each(stateEntries({ controller: 'lstm', inputs: 9, outputs: 8, hidden: 100, slots: 128, width: 20, legacyWriteAddressing: false }).map(({ name }) => name))('gradient of %s', (name) => {
      const { largest, scale } = compare(result.gradients.get(name)!.data, of(`grad/${name}`).data);
      expect(largest).toBeLessThan(gradientTolerance(scale));
    });
  });
});
