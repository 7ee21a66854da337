/** No kernel falls off a cliff unnoticed: what the compiler gives the calls of every kind of model. */
import { describe, expect, it } from 'vitest';
import type { Box } from '../../../src/gpu/wasm/analyse.js';
import { LANES } from '../../../src/gpu/wasm/affine.js';
import { link } from '../../../src/gpu/wasm/link.js';
import { WRITTEN_OUT } from '../../../src/gpu/wasm/interpret.js';
import { recordTraining } from '../../../src/model/ntm.js';
import type { ModelShape } from '../../../src/model/shapes.js';

const DEFAULT: ModelShape = { controller: 'lstm', inputs: 9, outputs: 8, hidden: 100, layers: 1, slots: 128, width: 20, readHeads: 1, writeHeads: 1, taps: 3, memoryInit: 'constant', legacyWriteAddressing: false };

const MODELS: Readonly<Record<string, ModelShape>> = {
  default: DEFAULT,
  'feed-forward, three read heads, two write heads, five taps': { ...DEFAULT, controller: 'feed-forward', readHeads: 3, writeHeads: 2, taps: 5 },
  'GRU, seven taps': { ...DEFAULT, controller: 'gru', taps: 7 },
  'two layers, eight heads of each kind': { ...DEFAULT, layers: 2, readHeads: 8, writeHeads: 8, width: 21, slots: 50 },
  'no memory, three layers': { ...DEFAULT, controller: 'none', layers: 3 },
};

const linkedOf = (model: ModelShape) => {
  const { linked, dispose } = link(recordTraining(model, 'adam'), 4, 2);
  dispose();
  return [...linked.values()].flat();
};

const width = ({ x: [from, to] }: Box): number => to - from;

describe.each(Object.entries(MODELS))('%s', (_, model) => {
  const linked = linkedOf(model);

  it('every call fits a rule', () => {
    expect(linked.filter(({ foreign }) => foreign !== null).map(({ name, foreign }) => `${name}: ${foreign}`)).toEqual([]);
  });

  it('what has four cells in a row, or sums up eight numbers, runs in lanes', () => {
    const slow = linked.flatMap(({ name, call, schedule }) => {
      const sums = call.kind === 'apply' && Math.max(...Object.values(call.constants), 0) >= WRITTEN_OUT;
      return schedule.filter(({ box, plan }) => plan.lanes === 'none' && (width(box) >= LANES || (sums && call.kind === 'apply' && /for \(/.test(call.kernel.source.toString()) && plan.shared !== null))).map(({ plan }) => `${name}: ${plan.lanes}`);
    });
    expect(slow).toEqual([]);
  });

  it('products share their loads between rows, and sums over all rows between inputs', () => {
    const products = linked.filter(({ name, call }) => /^linear/.test(name) && call.output.shape.at(-1)! >= WRITTEN_OUT);
    expect(products.length).toBeGreaterThan(0);
    for (const { name, schedule } of products) for (const { plan } of schedule) expect(plan, name).toMatchObject({ tile: 4, shared: 'y', gathers: false });
  });
});

it('joins copy only what two of them share', () => {
  const copies = linkedOf(DEFAULT).filter(({ name }) => name === 'join');
  expect(copies.length).toBeLessThanOrEqual(5);
});
