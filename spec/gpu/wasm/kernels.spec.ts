/** Every kernel, compiled for drawn sizes, gives what JavaScript gives when it calls the kernel's source. */
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import type { Kernel } from '../../../kernels/kernel.js';
import { wasmMachine } from '../../../src/gpu/wasm/machine.js';
import { record, sizeOf, type Tensor } from '../../../src/program/graph.js';
import { signatureOf, type Sizes } from '../../../src/program/signature.js';
import { seededRng, random } from '../../../src/random.js';
import { compare } from '../../oracle/differences.js';
import { evaluate, KERNELS, shapeOf, symbolsOf } from '../../support/kernels.js';

/** Of the largest entry: the roundings of a sum of at most 40 products. */
const ROUNDING = 2e-6;

interface Case {
  readonly sizes: Sizes;
  readonly batch: number;
  readonly seed: number;
}

const casesOf = (kernel: Kernel): fc.Arbitrary<Case> =>
  fc.record({
    sizes: fc.record(Object.fromEntries(symbolsOf(kernel).map((symbol) => [symbol, fc.integer({ min: 1, max: 'RWKC'.includes(symbol) ? 3 : 40 })]))),
    batch: fc.integer({ min: 1, max: 9 }),
    seed: fc.nat(),
  }).filter(({ sizes }) => sizes.C === undefined || 2 * sizes.C + 1 <= (sizes.N ?? Infinity));

const STEPS = 2;

const compiled = async (kernel: Kernel, { sizes, batch }: Case, values: readonly Float32Array[]): Promise<Float32Array> => {
  const { inputs: parameters, output, sums } = signatureOf(kernel);
  const section = sums ? 'gradients' : output.rows ? 'forward' : 'update';
  const program = record((recorder) => {
    const inputs: Record<string, Tensor> = {};
    parameters.forEach((parameter, i) => {
      const shape = shapeOf(parameter, sizes);
      inputs[parameter.name] = parameter.rows ? recorder.input(parameter.name, shape) : recorder.single(parameter.name, shape, sums && i === 0 ? 'gradient' : 'setting');
    });
    recorder.section(section);
    const { [parameters[0]?.name ?? '']: into, ...rest } = inputs;
    if (sums) recorder.sum(kernel, into!, rest);
    else recorder.expose('result', recorder.apply(kernel, inputs, sizes));
  });
  const machine = wasmMachine(program, { batch, capacity: STEPS });
  for (const [i, { name, rows }] of parameters.entries()) if (!rows) await machine.set(name, values[i]!);
  await machine.run({ steps: STEPS, inputs: Object.fromEntries(parameters.flatMap(({ name, rows }, i) => (rows ? [[name, values[i]!]] : []))), sections: [section] });
  const result = sums ? await machine.get(parameters[0]!.name) : output.rows ? await machine.rows('result', STEPS) : await machine.get('result');
  await machine.dispose();
  return result;
};

describe('compiled to WebAssembly, as JavaScript computes it:', () => {
  describe.each(KERNELS.map((kernel) => [kernel.name, kernel] as const))('%s', (_, kernel) => {
    test.prop([casesOf(kernel)], { numRuns: 25 })('for drawn sizes', async (drawn) => {
      const { sizes, batch, seed } = drawn;
      const { inputs, sums } = signatureOf(kernel);
      const [values] = random(({ uniform }) =>
        inputs.map((parameter, i) => Float32Array.from({ length: sizeOf(shapeOf(parameter, sizes)) * (parameter.rows ? batch * STEPS : 1) }, () => (sums && i === 0 ? 0 : uniform(0.05, 1.5)))),
      )(seededRng(seed));
      const expected = evaluate(kernel, sizes, values, batch * STEPS);
      const { largest, scale } = compare(await compiled(kernel, drawn, values), expected);
      expect(largest).toBeLessThanOrEqual(ROUNDING * scale + 1e-30);
    });
  });
});
