/**
 * Proves the oracle: its autodiff against central differences, its model against PyTorch in float64
 * (the fixtures, and literals for what the fixtures lack), its optimisers against PyTorch's.
 */
import { describe, expect, it } from 'vitest';
import { centralDifferences, compare } from './differences.js';
import { loadFixtures } from './fixtures.js';
import { oracleForward, type OracleInput, type OracleTensor } from './ntm.js';
import * as operations from './operations.js';
import * as tensor from './tensor.js';

/** Fixed numbers without a pattern in [low, high). */
const numbers = (count: number, seed: number, low = -1, high = 1): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => {
    const v = Math.sin(seed * 12.9898 + i * 78.233) * 43758.5453;
    return low + (v - Math.floor(v)) * (high - low);
  });

const expectClose = (actual: ArrayLike<number>, expected: ArrayLike<number>, relative: number, absolute: number, what = ''): void => {
  const { largest, at, scale } = compare(actual, expected);
  expect(largest, `${what} at ${at}: ${actual[at]} against ${expected[at]}`).toBeLessThanOrEqual(relative * scale + absolute);
};

describe('compare', () => {
  it('finds the largest difference, where it is, and the scale', () => expect(compare([1, 2, 5], [1, -3, 4])).toEqual({ largest: 5, at: 1, scale: 4 }));
  it('never lets NaN, infinity or another length pass', () => {
    expect(compare([1, NaN], [1, 2]).largest).toBe(Infinity);
    expect(compare([Infinity], [Infinity]).largest).toBe(Infinity);
    expect(compare([1], [1, 2]).largest).toBe(Infinity);
  });
});

describe('every operation has the gradient that central differences give', () => {
  const N = 5, M = 3;
  type Case = { shapes: number[][]; f: (...v: tensor.Value[]) => tensor.Value; low?: number; high?: number };
  const cases: Record<string, Case> = {
    sigmoid: { shapes: [[6]], f: tensor.sigmoid, low: -4, high: 4 }, tanh: { shapes: [[6]], f: tensor.tanh, low: -3, high: 3 },
    relu: { shapes: [[6]], f: tensor.relu }, softplus: { shapes: [[6]], f: tensor.softplus, low: -4, high: 4 }, exp: { shapes: [[6]], f: tensor.exp }, log: { shapes: [[6]], f: tensor.log, low: 0.3, high: 3 },
    scale: { shapes: [[6]], f: (x) => tensor.scale(x, -2, 1) },
    add: { shapes: [[6], [6]], f: tensor.add }, mul: { shapes: [[6], [6]], f: tensor.mul },
    'add of one number': { shapes: [[6], [1]], f: tensor.add }, 'mul by one number': { shapes: [[6], [1]], f: tensor.mul },
    'mul by itself': { shapes: [[6]], f: (x) => tensor.mul(x, x) },
    slice: { shapes: [[3, 4]], f: (x) => tensor.slice(x, 4, [4]) }, concat: { shapes: [[2], [3]], f: (a, b) => tensor.concat([a, b, a]) },
    sum: { shapes: [[6]], f: tensor.sum }, affine: { shapes: [[4, 3], [3], [4]], f: tensor.affine }, 'affine without bias': { shapes: [[4, 3], [3]], f: (w, x) => tensor.affine(w, x) },
    softmax: { shapes: [[2, 4]], f: tensor.softmax, low: -3, high: 3 },
    cosine: { shapes: [[M], [N, M]], f: tensor.cosine },
    'cosine below its threshold': { shapes: [[M], [N, M]], f: (k, m) => tensor.cosine(tensor.scale(k, 1e-5), tensor.scale(m, 1e-5)) },
    shift: { shapes: [[N], [3]], f: tensor.shift }, 'shift over fewer slots than taps': { shapes: [[2], [3]], f: tensor.shift },
    sharpen: { shapes: [[N], [1]], f: (w, y) => tensor.sharpen(w, tensor.scale(y, 2, 1)), low: 0.1, high: 1 },
    read: { shapes: [[N], [N, M]], f: tensor.read }, write: { shapes: [[N, M], [N], [M], [M]], f: tensor.write },
    'binary cross-entropy': { shapes: [[6]], f: (x) => tensor.binaryCrossEntropy(x, [0, 1, 1, 0, 0.25, 1]), low: -3, high: 3 },
  };

  it.each(Object.entries(cases))('%s', (_, { shapes, f, low, high }) => {
    const inputs = shapes.map((shape, i) => numbers(tensor.sizeOf(shape), i + 1, low, high));
    const values = inputs.map((data, i) => tensor.leaf(data, shapes[i]));
    const root = f(...values);
    const seed = numbers(root.data.length, 99);
    const found = tensor.gradientsOf(root, values, seed);
    inputs.forEach((input, i) => {
      const loss = (x: Float64Array): number =>
        f(...inputs.map((data, j) => tensor.leaf(i === j ? x : data, shapes[j]))).data.reduce((s, v, n) => s + v * seed[n], 0);
      expectClose(found[i], centralDifferences(loss, input), 1e-8, 1e-9, `input ${i}`); // h² and rounding/h are both near 1e-10
    });
  });

  it('clears what an earlier call left', () => {
    const x = tensor.leaf([1, 2]), y = tensor.mul(x, x);
    for (let call = 0; call < 2; call++) expect([...tensor.gradientsOf(y, [x])[0]]).toEqual([2, 4]);
  });
});

describe('the edges', () => {
  it('sigmoid, tanh, softplus, relu are exact and finite at ±1000', () => {
    const at = (which: Parameters<typeof operations.activation>[0]) => operations.activation(which, { x: [-1000, 1000] });
    expect([...at('sigmoid').out]).toEqual([0, 1]);
    expect([...at('tanh').out]).toEqual([-1, 1]);
    expect([...at('softplus').out]).toEqual([0, 1000]);
    expect([...at('softplus').gradients([1, 1]).dx]).toEqual([0, 1]);
  });
  it('binary cross-entropy at logits ±1000 is their size when wrong, 0 when right', () => {
    const { out, gradients } = operations.binaryCrossEntropy({ logits: [1000, -1000], target: [0, 0] });
    expect(out[0]).toBe(500);
    expect([...gradients([1]).dlogits]).toEqual([0.5, 0]);
  });
  it('a zero key or a zero memory: similarity 0, finite gradients', () => {
    const zero = operations.contentSimilarity({ k: [0, 0], beta: [3], memory: [0, 0, 1, 2] }, { B: 1, N: 2, M: 2 });
    expect([...zero.out]).toEqual([0, 0]);
    const { dk, dbeta, dmemory } = zero.gradients([1, 1]);
    expect([...dk, ...dbeta, ...dmemory].every(Number.isFinite)).toBe(true);
  });
  it('sharpening at N=128, γ=25 sums to 1; an entry 0 has gradient 0', () => {
    const w = numbers(128, 5, 0, 1e-3);
    w[7] = 0;
    const { out, gradients } = operations.sharpen({ w, gamma: [25] }, { B: 1, N: 128 });
    expect(out.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    const { dw, dgamma } = gradients(numbers(128, 6));
    expect([...dw, ...dgamma].every(Number.isFinite)).toBe(true);
    expect(dw[7]).toBe(0);
  });
});

describe('operations, over a batch', () => {
  it('shift: s = (1,0,0) turns each row up by one, (0,0,1) down', () => {
    const { out } = operations.shift({ w: [1, 2, 3, 4, 5, 6], s: [1, 0, 0, 0, 0, 1] }, { B: 2, N: 3 });
    expect([...out]).toEqual([3, 1, 2, 5, 6, 4]);
  });
  it('erase 1 then add a at one slot reads back a', () => {
    const dims = { B: 2, N: 2, M: 2 }, w = [0, 1, 1, 0];
    const { out } = operations.write({ memory: numbers(8, 1), w, e: [1, 1, 1, 1], a: [5, 6, 7, 8] }, dims);
    expect([...operations.read({ w, memory: out }, dims).out]).toEqual([5, 6, 7, 8]);
  });
  it('interpolate: g = 1 is the content, g = 0 the previous weighting', () => {
    const { out, gradients } = operations.interpolate({ content: [1, 2, 3, 4], previous: [5, 6, 7, 8], g: [1, 0] }, { B: 2, N: 2 });
    expect([...out]).toEqual([1, 2, 7, 8]);
    expect([...gradients([1, 1, 1, 1]).dg]).toEqual([-8, -8]);
  });
  it('linear: a shared weight collects the gradients of all rows', () => {
    const { out, gradients } = operations.linear({ x: [1, 2, 3, 4], weight: [1, 0, 0, 1, 1, 1], bias: [0, 0, 10] }, { B: 2, C: 2, R: 3 });
    expect([...out]).toEqual([1, 2, 13, 3, 4, 17]);
    const { dx, dweight, dbias } = gradients([1, 0, 0, 0, 0, 1]);
    expect([[...dx], [...dweight], [...dbias]]).toEqual([[1, 0, 1, 1], [1, 2, 0, 0, 3, 4], [1, 0, 1]]);
  });
  it('lstmCell: the formula, order i f g o; lstmGates agrees; gradients as central differences', () => {
    const B = 2, X = 3, H = 2, names = ['x', 'h', 'c', 'weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'] as const;
    const sizes = [B * X, B * H, B * H, 4 * H * X, 4 * H * H, 4 * H, 4 * H];
    const inputs = Object.fromEntries(names.map((name, i) => [name, numbers(sizes[i], i + 20)])) as Record<operations.LstmInput, Float64Array>;
    const cell = operations.lstmCell(inputs, { B, X, H });
    const gates = Float64Array.from({ length: B * 4 * H }, (_, n) => {
      const b = Math.floor(n / (4 * H)), r = n % (4 * H);
      let z = inputs.bias_ih[r] + inputs.bias_hh[r];
      for (let j = 0; j < X; j++) z += inputs.weight_ih[r * X + j] * inputs.x[b * X + j];
      for (let j = 0; j < H; j++) z += inputs.weight_hh[r * H + j] * inputs.h[b * H + j];
      return z;
    });
    const s = (z: number): number => 1 / (1 + Math.exp(-z));
    const c = inputs.c.map((v, n) => {
      const at = Math.floor(n / H) * 4 * H + (n % H);
      return s(gates[at + H]) * v + s(gates[at]) * Math.tanh(gates[at + 2 * H]);
    });
    const h = c.map((v, n) => s(gates[Math.floor(n / H) * 4 * H + (n % H) + 3 * H]) * Math.tanh(v));
    const fromGates = operations.lstmGates({ gates, c: inputs.c }, { B, H });
    for (const outcome of [cell, fromGates]) expectClose([...outcome.c, ...outcome.h], [...c, ...h], 1e-14, 0, 'c, h');
    const dh = numbers(B * H, 50), dc = numbers(B * H, 51);
    const found = cell.gradients({ dh, dc });
    for (const name of names)
      expectClose(found[`d${name}`], centralDifferences((x) => {
        const moved = operations.lstmCell({ ...inputs, [name]: x }, { B, X, H });
        return dh.reduce((t, v, i) => t + v * moved.h[i] + dc[i] * moved.c[i], 0);
      }, inputs[name]), 1e-8, 1e-9, name);
  });
});

describe('optimisers: three steps of torch.optim in float64 (PyTorch 1.13)', () => {
  const steps = [[0.1, -2, 0], [0.3, 1, 1e-6], [-0.2, 0.5, 1e-6]], start = [0.5, -1, 2], zeros = [0, 0, 0];
  it('RMSprop, α 0.95, momentum 0.9', () => {
    const o = { learningRate: 1e-2, alpha: 0.95, momentum: 0.9, epsilon: 1e-8 };
    const { parameter } = steps.reduce<operations.RmspropState>((s, g) => operations.rmspropStep(s, g, o), { parameter: start, square: zeros, momentum: zeros });
    expectClose(parameter, [0.3223788850995552, -0.9277842973025888, 1.8876349331154811], 1e-14, 0);
  });
  it.each([
    [{ learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, [0.4782431522889793, -0.9867227410469671, 1.9841815919376748]],
    [{ learningRate: 1e-2, beta1: 0.8, beta2: 0.99, epsilon: 1e-2 }, [0.4800055581244357, -0.9880133867957533, 1.9999987068392853]],
  ])('Adam %o', (o, expected) => {
    const { parameter } = steps.reduce<operations.AdamState>((s, g) => operations.adamStep(s, g, o), { parameter: start, first: zeros, second: zeros, step: 0 });
    expectClose(parameter, expected, 1e-14, 0);
  });
});

/** A small model whose weights are formulas, so that PyTorch can be given the same ones. */
const small = (controller: 'lstm' | 'feed-forward', legacyWriteAddressing: boolean): OracleInput => {
  const dims = { T: 3, B: 2, I: 3, A: 2, V: 2, H: 4, N: 5, M: 3 }, { T, B, I, A, V, H, N, M } = dims;
  const head = (name: string, layers: Record<string, number>): [string, number[]][] =>
    [[`${name}._initial_state`, [1, N]], ...Object.entries(layers).flatMap(([layer, rows]): [string, number[]][] =>
      [[`${name}.${layer}_layer.weight`, [rows, H]], [`${name}.${layer}_layer.bias`, [rows]]])];
  const inner = 'controller._controller', read = { k: M, beta: 1, g: 1, s: 3, gamma: 1 };
  const shapes: [string, number[]][] = [
    ...(controller === 'lstm'
      ? [[`${inner}.lstm_h_state`, [1, 1, H]], [`${inner}.lstm_c_state`, [1, 1, H]], [`${inner}.layer.weight_ih_l0`, [4 * H, I + M]],
        [`${inner}.layer.weight_hh_l0`, [4 * H, H]], [`${inner}.layer.bias_ih_l0`, [4 * H]], [`${inner}.layer.bias_hh_l0`, [4 * H]]]
      : [[`${inner}.layer_1.weight`, [H, I + M]], [`${inner}.layer_1.bias`, [H]], [`${inner}.layer_2.weight`, [H, H]], [`${inner}.layer_2.bias`, [H]]]) as [string, number[]][],
    ['memory.initial_read', [1, M]], ...head('read_head', read), ...head('write_head', { ...read, e: M, a: M }), ['fc.weight', [V, H + M]], ['fc.bias', [V]],
  ];
  const weights = new Map(shapes.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, shape], j): [string, OracleTensor] =>
    [name, { shape, data: Float64Array.from({ length: tensor.sizeOf(shape) }, (_, i) => Math.sin(1 + 7 * j + 1.3 * i) * 0.8) }]));
  const input = Float64Array.from({ length: T * B * I }, (_, i) => Math.cos(0.9 * i));
  return { weights, controller, legacyWriteAddressing, input, target: Array.from({ length: A * B * V }, (_, i) => Number(i % 3 === 0)), dims };
};

describe('the whole model', () => {
  // Reference: shared/baseline/ntm_pytorch.py in float64 with its LSTM replaced by two ReLU layers, same formulas for the weights.
  it.each([
    [false, 0.7084112509229976, [0.416610495131, 0.261733540666, 0.602159541209, 0.124489315917, 0.463245819948, 0.209825829594, 0.604619049588, 0.114960284562]],
    [true, 0.7075837517981742, [0.412726482383, 0.26499741104, 0.599339278578, 0.126305006495, 0.462377737636, 0.210253177419, 0.603691450535, 0.11554945678]],
  ])('feed-forward, legacy write addressing %s: outputs and loss as PyTorch', (legacy, loss, outputs) => {
    const found = oracleForward(small('feed-forward', legacy));
    expect(found.loss).toBeCloseTo(loss, 12);
    expectClose(found.outputs, outputs, 0, 1e-11);
  });
  it('feed-forward: first entries of some gradients as PyTorch', () => {
    const { gradients } = oracleForward(small('feed-forward', false));
    for (const [name, first] of Object.entries({
      'controller._controller.layer_1.weight': [0.0579764092, 0.03878728418, -0.009755284221],
      'controller._controller.layer_2.bias': [0.07479748588, 0.01699196806, 0.01454450178],
      'memory.initial_read': [0.003108637078, 0.01519040698, 0.005018195069],
      'read_head.gamma_layer.weight': [9.648970247e-5, 0.0003623517103, 0.001555499592],
      'write_head._initial_state': [0.002626310002, -0.001455517837, -0.0005440705098],
    })) expectClose(gradients.get(name)!.subarray(0, 3), first, 1e-8, 0, name);
  });
  it.each([['lstm', false], ['lstm', true], ['feed-forward', false], ['feed-forward', true]] as const)('%s, legacy %s: every gradient as central differences', (controller, legacy) => {
    const given = small(controller, legacy);
    const { gradients } = oracleForward(given);
    expect([...gradients.keys()]).toEqual([...given.weights.keys()]);
    for (const [name, { shape, data }] of given.weights)
      expectClose(gradients.get(name)!, centralDifferences((x) => oracleForward({ ...given, weights: new Map([...given.weights, [name, { shape, data: x }]]) }).loss, Float64Array.from(data)), 1e-6, 1e-9, name);
  });
  it('says which weight is missing', () => {
    const given = small('lstm', false);
    expect(() => oracleForward({ ...given, weights: new Map([...given.weights].filter(([name]) => name !== 'read_head.s_layer.bias')) })).toThrow('read_head.s_layer.bias');
  });
});

const fixtures = await loadFixtures();
it.skipIf(fixtures.length === 0)('the PyTorch fixtures are present (../shared/fixtures)', () => expect(fixtures.length).toBeGreaterThan(0));

describe.each(fixtures)('as PyTorch: %s', (fixture, { metadata, tensors }) => {
  const at = (name: string): { shape: number[]; data: Float32Array } => {
    const found = tensors.get(name);
    if (found === undefined) throw new Error(`${fixture} lacks ${name}`);
    return found;
  };
  const under = (prefix: string) =>
    [...tensors].filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value] as const);
  const [T, B, I] = at('io/input').shape, [A, , V] = at('io/target').shape, [N, M] = at('weights/memory.initial_state').shape;
  const found = oracleForward({
    weights: new Map(under('weights/')), controller: 'lstm', legacyWriteAddressing: metadata['legacy_write_addressing'] === 'true',
    input: at('io/input').data, target: at('io/target').data,
    dims: { T, B, I, A, V, N, M, H: at('weights/fc.weight').shape[1] - M },
  });
  // Computed in float64 and stored in float32: what differs is the storage.
  it('outputs', () => expectClose(found.outputs, at('io/output').data, 0, 1e-5));
  it('loss', () => expectClose([found.loss], at('io/loss').data, 1e-5, 1e-9));
  it('read weighting', () => expectClose(found.readWeighting, at('trace/read_weighting').data, 0, 1e-5));
  it('write weighting', () => expectClose(found.writeWeighting, at('trace/write_weighting').data, 0, 1e-5));
  it('final memory', () => expectClose(found.finalMemory, at('trace/final_memory').data, 0, 1e-5));
  it('has exactly the gradients of the fixture', () => expect([...found.gradients.keys()].sort()).toEqual(under('grad/').map(([name]) => name).sort()));
  it.each(under('grad/'))('d %s', (name, { data }) => expectClose(found.gradients.get(name)!, data, 1e-4, 1e-9));
});
