/**
 * PyTorch's outputs, weightings, memory, loss and every named gradient for given weights, on every
 * backend, with the architecture read off the weights. Some fixtures lie in spec/fixtures, more beside
 * the repository.
 */
import * as E from 'fp-ts/lib/Either.js';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/gpu/backends.js';
import { inspectShape, type NamedArrays } from '../../src/model/inspect.js';
import { stateEntries } from '../../src/model/state-dict.js';
import { compare } from '../oracle/differences.js';
import { caseOf, loadFixtures } from '../oracle/fixtures.js';
import { casesFor, eachBackend } from '../support/backends.js';
import { type ModelRun, runModel } from '../support/model.js';

/** Float32 rounding, amplified by the recurrence of the weightings: storage alone gives 6e-6 on these. */
const FORWARD = 2e-5;

/** PyTorch in float32 reaches 5e-4 of a tensor's largest gradient; near zero, 1e-8. */
const gradientTolerance = (largest: number): number => 1e-3 * largest + 1e-8;

/** All in Node and on webgl2; of the other backends in pages, a part (NTM_WHOLE: all). */
const inPart = (backend: Backend): boolean => typeof document !== 'undefined' && backend !== 'webgl2';

const fixtures = await loadFixtures();

eachBackend('PyTorch fixtures', (backend) => {
  describe.each(inPart(backend) ? casesFor(backend, fixtures) : fixtures)('%s', (_, fixture) => {
    const given = caseOf(fixture);
    const { legacyWriteAddressing, finalMemory, outputs, readWeighting, writeWeighting } = given;
    const found = inspectShape(given.weights as NamedArrays, { legacyWriteAddressing });
    if (E.isLeft(found)) throw new Error(found.left);
    const shape = found.right;
    let result: ModelRun;
    beforeAll(async () => {
      result = await runModel(backend, { shape, ...given });
    }, 60_000);

    it('the architecture is that of the fixture', () => {
      const { controller, read_heads = '1', write_heads = '1', taps = '3', layers = '1', width = '20', slots = '128', hidden = '100' } = fixture.metadata;
      const sizes = { hidden: +hidden, layers: +layers };
      if (read_heads === '0') expect(shape).toMatchObject({ controller: 'none', ...sizes });
      else expect(shape).toMatchObject({ controller: controller ?? 'lstm', ...sizes, readHeads: +read_heads, writeHeads: +write_heads, taps: +taps, width: +width, slots: +slots, memoryInit: 'constant' });
    });

    it('outputs and loss', () => {
      expect(compare(result.outputs.subarray(result.outputs.length - outputs.length), outputs).largest).toBeLessThan(FORWARD);
      expect(compare([result.loss], given.loss).largest).toBeLessThan(FORWARD);
    });

    it.runIf(finalMemory)('weightings and final memory', () => {
      expect(compare(result.readWeighting, readWeighting!).largest, 'read weightings').toBeLessThan(FORWARD);
      expect(compare(result.writeWeighting, writeWeighting!).largest, 'write weightings').toBeLessThan(FORWARD);
      const { largest, scale } = compare(result.memory, finalMemory!);
      expect(largest, 'memory').toBeLessThan(FORWARD * Math.max(1, scale));
    });

    it('every gradient', () => {
      expect([...given.gradients.keys()].sort()).toEqual(stateEntries(shape).map(({ name }) => name).sort());
      const wrong = [...given.gradients].filter(([name, gradient]) => {
        const { largest, scale } = compare(result.gradients.get(name)!.data, gradient);
        return !(largest < gradientTolerance(scale));
      });
      expect(wrong.map(([name]) => name)).toEqual([]);
    });
  });
});
