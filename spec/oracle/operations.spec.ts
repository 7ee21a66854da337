/** Proves the oracle's autodiff and operations against central differences, its optimisers against PyTorch's and the paper's. */
import { describe, expect, it } from 'vitest';
import { centralDifferences, compare } from './differences.js';
import { expectClose, numbers } from '../support/close.js';
import * as operations from './operations.js';
import * as tensor from './tensor.js';

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
    shift: { shapes: [[N], [3]], f: tensor.shift }, 'shift by one tap': { shapes: [[N], [1]], f: tensor.shift },
    'shift by five taps': { shapes: [[7], [5]], f: tensor.shift }, 'shift over fewer slots than taps': { shapes: [[2], [3]], f: tensor.shift },
    sharpen: { shapes: [[N], [1]], f: (w, y) => tensor.sharpen(w, tensor.scale(y, 2, 1)), low: 0.1, high: 1 },
    read: { shapes: [[N], [N, M]], f: tensor.read }, erase: { shapes: [[N, M], [N], [M]], f: tensor.erase }, 'add to memory': { shapes: [[N, M], [N], [M]], f: tensor.addTo },
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
    const zero = operations.contentSimilarity({ k: [0, 0], beta: [3], memory: [0, 0, 1, 2] }, { B: 1, K: 1, N: 2, M: 2 });
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
  it('shift: the first of five taps turns by two up', () => {
    expect([...operations.shift({ w: [1, 2, 3, 4, 5, 6], s: [1, 0, 0, 0, 0] }, { B: 1, N: 6, S: 5 }).out]).toEqual([5, 6, 1, 2, 3, 4]);
  });
  it('shift: s = (1,0,0) turns each row up by one, (0,0,1) down', () => {
    const { out } = operations.shift({ w: [1, 2, 3, 4, 5, 6], s: [1, 0, 0, 0, 0, 1] }, { B: 2, N: 3, S: 3 });
    expect([...out]).toEqual([3, 1, 2, 5, 6, 4]);
  });
  it('erase 1 then add a at one slot reads back a', () => {
    const dims = { B: 2, K: 1, N: 2, M: 2 }, w = [0, 1, 1, 0];
    const { out } = operations.write({ memory: numbers(8, 1), w, e: [1, 1, 1, 1], a: [5, 6, 7, 8] }, dims);
    expect([...operations.read({ w, memory: out }, dims).out]).toEqual([5, 6, 7, 8]);
  });
  it('two write heads: all erasures before all additions', () => {
    const { out } = operations.write({ memory: [3], w: [1, 1], e: [0, 1], a: [5, 7] }, { B: 1, K: 2, N: 1, M: 1 });
    expect([...out]).toEqual([12]);
  });
  it('heads that look at one memory are as each alone', () => {
    const k = numbers(2 * 3 * 2, 1), beta = numbers(2 * 3, 2, 1, 4), memory = numbers(2 * 5 * 2, 3);
    const all = operations.contentSimilarity({ k, beta, memory }, { B: 2, K: 3, N: 5, M: 2 }).out;
    for (let b = 0; b < 2; b++) for (let i = 0; i < 3; i++) {
      const at = b * 3 + i;
      const alone = operations.contentSimilarity({ k: k.slice(at * 2, at * 2 + 2), beta: [beta[at]], memory: memory.slice(b * 10, b * 10 + 10) }, { B: 1, K: 1, N: 5, M: 2 });
      expectClose(all.slice(at * 5, at * 5 + 5), alone.out, 1e-15, 0);
    }
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

describe('GRU', () => {
  const B = 2, X = 3, H = 2, names = ['x', 'h', 'weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'] as const;
  const sizes = [B * X, B * H, 3 * H * X, 3 * H * H, 3 * H, 3 * H];
  const inputs = Object.fromEntries(names.map((name, i) => [name, numbers(sizes[i], i + 60)])) as Record<operations.GruInput, Float64Array>;
  it('the formula, order r z n, with r after the product of the state', () => {
    const s = (z: number): number => 1 / (1 + Math.exp(-z));
    const product = (weight: Float64Array, bias: Float64Array, of: Float64Array, width: number, b: number, r: number): number =>
      Array.from({ length: width }, (_, j) => weight[r * width + j] * of[b * width + j]).reduce((a, v) => a + v, bias[r]);
    const expected = Float64Array.from({ length: B * H }, (_, i) => {
      const b = Math.floor(i / H), j = i % H;
      const [ri, zi, ni] = [0, 1, 2].map((gate) => product(inputs.weight_ih, inputs.bias_ih, inputs.x, X, b, gate * H + j));
      const [rh, zh, nh] = [0, 1, 2].map((gate) => product(inputs.weight_hh, inputs.bias_hh, inputs.h, H, b, gate * H + j));
      const z = s(zi + zh);
      return (1 - z) * Math.tanh(ni + s(ri + rh) * nh) + z * inputs.h[i];
    });
    expectClose(operations.gruCell(inputs, { B, X, H }).out, expected, 1e-14, 0);
  });
  it('gradients as central differences', () => {
    const dh = numbers(B * H, 70), found = operations.gruCell(inputs, { B, X, H }).gradients(dh);
    for (const name of names)
      expectClose(found[`d${name}`], centralDifferences((x) => operations.gruCell({ ...inputs, [name]: x }, { B, X, H }).out.reduce((sum, v, i) => sum + v * dh[i], 0), inputs[name]), 1e-8, 1e-9, name);
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
  it('RMSprop, centred, ε beside the variance: Graves 2013, equations 38 to 41, by hand', () => {
    const o = { learningRate: 1e-2, alpha: 0.95, momentum: 0.9, epsilon: 1e-4 };
    let [theta, n, mean, delta] = [0.5, 0, 0, 0];
    let state: operations.CentredState = { parameter: [theta], square: [0], mean: [0], momentum: [0] };
    for (const [g] of steps) {
      n = 0.95 * n + 0.05 * g * g;
      mean = 0.95 * mean + 0.05 * g;
      delta = 0.9 * delta - (1e-2 * g) / Math.sqrt(n - mean * mean + 1e-4);
      theta += delta;
      state = operations.centredStep(state, [g], o);
    }
    expectClose(state.parameter, [theta], 1e-14, 0);
  });
});
