/** Every backend within the stated tolerances, as the parity table shows them; and what is not is reported by name. */
import { describe, expect, it } from 'vitest';
import { type Array3, type Kernel, kernel, type Thread } from '../../kernels/kernel.js';
import type { Recorder } from '../../src/program/graph.js';
import { OPERATIONS } from '../operations/all.js';
import type { Operation } from '../operations/operation.js';
import { shift } from '../operations/shift.js';
import { softmax } from '../operations/softmax.js';
import { eachBackend } from '../support/backends.js';
import { faultsOf, measure, measureOperation, type Row, rowFaults } from './measure.js';
import { parityTable } from './table.js';

/** Of a backend that is rendered in software. */
const PATIENCE = 300_000;

eachBackend('parity', (backend) => {
  it('with the oracle, in every operation and after 50 iterations of training', async () => {
    const row = await measure(backend);
    expect(row.operations.map(({ operation }) => operation)).toEqual(OPERATIONS.map(({ name }) => name));
    expect(rowFaults(row)).toEqual([]);
  }, PATIENCE);
});

/** The operation with another source for one of its kernels. */
const withKernel = (operation: Operation, name: string, source: Kernel['source']): Operation => ({
  ...operation,
  record: (recorder, sizes) => {
    const apply: Recorder['apply'] = (each, ...rest) => recorder.apply(each.name === name ? kernel(name, each.signature, source) : each, ...rest);
    operation.record({ ...recorder, apply }, sizes);
  },
});

function shiftBesideItself(this: Thread<'C' | 'N'>, wg: Array3, s: Array3): number {
  let sum = 0;
  for (let j = 0; j < 2 * this.constants.C + 1; j++) {
    let i = this.thread.x + j - this.constants.C;
    if (i < 0) {
      i = 0;
    }
    if (i >= this.constants.N) {
      i -= this.constants.N;
    }
    sum += s[this.thread.z][this.thread.y][j] * wg[this.thread.z][this.thread.y][i];
  }
  return sum;
}

function totalOfThousand(this: Thread<'N'>, p: Array3): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    if (n < 1000) {
      sum += p[this.thread.y][this.thread.x][n];
    }
  }
  return sum;
}

eachBackend('a wrong kernel', (backend) => {
  it.each([
    ['the wrong neighbour of slot 0', withKernel(shift, 'circular shift', shiftBesideItself), 'circular shift'],
    ['a loop that ends at 1,000', withKernel(softmax, 'total', totalOfThousand), 'softmax'],
  ])('is reported by its operation and backend: %s', async (_, operation, name) => {
    const faults = faultsOf(backend, await measureOperation(backend, operation));
    expect(faults[0]).toMatch(new RegExp(`^${name} on ${backend}: forward off by`));
  });
});

describe('the parity table', () => {
  const row = (backend: Row['backend'], forward: number): Row => ({ backend, renderer: '', operations: [{ operation: 'shift', forward, backward: 2e-7 }, { operation: 'Adam', forward: 0 }], training: { losses: 1e-7, weights: 3e-6 } });

  it('has a column for each backend, whatever the order of the rows', () => {
    expect(parityTable([row('webasm', 1e-7), row('webgl2', 5e-7)])).toBe(
      [
        '| forward / backward | webgl2 | webasm |',
        '| --- | --- | --- |',
        '| shift | 5.0e-7 / 2.0e-7 | 1.0e-7 / 2.0e-7 |',
        '| Adam | 0 / – | 0 / – |',
        '| 50 iterations: losses / weights | 1.0e-7 / 3.0e-6 | 1.0e-7 / 3.0e-6 |',
      ].join('\n'),
    );
  });

  it('knows what JSON makes of an error that is not finite for a fault', () => {
    const { operations, ...rest } = JSON.parse(JSON.stringify(row('webgpu', Infinity))) as Row;
    expect(rowFaults({ operations, ...rest })).toEqual(['shift on webgpu: forward off by null of the largest entry, 0.000002 is allowed']);
  });
});
