/**
 * Reverse-mode differentiation over float64 vectors and matrices: the independent judge of kernels.
 *
 * A `Value` holds its numbers (row-major), its shape, and a closure that adds its gradient to its parents'.
 * Plain loops, no GPU kernel, no import. Mutation stays inside: `gradientsOf` clears, walks and copies out.
 * Every operation here is compared with central differences in `ntm.spec.ts`.
 */
export interface Value {
  readonly id: number;
  readonly shape: readonly number[];
  readonly data: Float64Array;
  readonly grad: Float64Array;
  readonly parents: readonly Value[];
  readonly back: () => void;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

let made = 0;

const node = (shape: readonly number[], data: Float64Array, parents: readonly Value[], back: (grad: Float64Array) => void): Value => {
  if (data.length !== sizeOf(shape)) throw new Error(`oracle: ${data.length} numbers do not fill the shape [${shape.join(', ')}]`);
  const grad = new Float64Array(data.length);
  return { id: made++, shape, data, grad, parents, back: () => back(grad) };
};

/** An input: a copy of `data` in the given shape. */
export const leaf = (data: ArrayLike<number>, shape: readonly number[] = [data.length]): Value =>
  node(shape, Float64Array.from(data), [], () => {});

/** The gradients of Σ seed·root with respect to each of `of`; `seed` is all ones when left out. */
export const gradientsOf = (root: Value, of: readonly Value[], seed?: ArrayLike<number>): Float64Array[] => {
  const seen = new Set<Value>();
  const waiting: Value[] = [root];
  for (let v = waiting.pop(); v !== undefined; v = waiting.pop()) {
    if (seen.has(v)) continue;
    seen.add(v);
    waiting.push(...v.parents);
  }
  for (const v of [...seen, ...of]) v.grad.fill(0);
  if (seed === undefined) root.grad.fill(1);
  else if (seed.length !== root.data.length) throw new Error(`oracle: a gradient of ${seed.length} numbers for an output of ${root.data.length}`);
  else root.grad.set(seed);
  for (const v of [...seen].sort((a, b) => b.id - a.id)) v.back(); // a child is always made after its parents
  return of.map((v) => Float64Array.from(v.grad));
};

// ---------------------------------------------------------------- elementwise

const map = (x: Value, f: (x: number) => number, derivative: (x: number, y: number) => number): Value => {
  const data = x.data.map(f);
  return node(x.shape, data, [x], (grad) => {
    for (let i = 0; i < grad.length; i++) x.grad[i] += grad[i] * derivative(x.data[i], data[i]);
  });
};

const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

export const sigmoid = (x: Value): Value => map(x, logistic, (_, y) => y * (1 - y));
export const tanh = (x: Value): Value => map(x, Math.tanh, (_, y) => 1 - y * y);
export const relu = (x: Value): Value => map(x, (v) => Math.max(v, 0), (v) => (v > 0 ? 1 : 0));
/** ln(1 + e^x), written so that neither end overflows. */
export const softplus = (x: Value): Value => map(x, (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))), logistic);
export const exp = (x: Value): Value => map(x, Math.exp, (_, y) => y);
export const log = (x: Value): Value => map(x, Math.log, (v) => 1 / v);
/** factor·x + offset, both constants. */
export const scale = (x: Value, factor: number, offset = 0): Value => map(x, (v) => factor * v + offset, () => factor);

/** Equal sizes, or `b` a single number that meets every entry of `a`. */
const pair = (a: Value, b: Value, f: (a: number, b: number) => number, da: (a: number, b: number) => number, db: (a: number, b: number) => number): Value => {
  const single = b.data.length === 1;
  if (!single && a.data.length !== b.data.length) throw new Error(`oracle: sizes ${a.data.length} and ${b.data.length} do not match`);
  const other = (i: number): number => (single ? 0 : i);
  return node(a.shape, a.data.map((v, i) => f(v, b.data[other(i)])), [a, b], (grad) => {
    for (let i = 0; i < grad.length; i++) {
      const x = a.data[i], y = b.data[other(i)];
      a.grad[i] += grad[i] * da(x, y);
      b.grad[other(i)] += grad[i] * db(x, y);
    }
  });
};

export const add = (a: Value, b: Value): Value => pair(a, b, (x, y) => x + y, () => 1, () => 1);
export const mul = (a: Value, b: Value): Value => pair(a, b, (x, y) => x * y, (_, y) => y, (x) => x);

// ---------------------------------------------------------------- shape

/** `sizeOf(shape)` numbers from `start` on, in a new shape. */
export const slice = (x: Value, start: number, shape: readonly number[]): Value =>
  node(shape, x.data.slice(start, start + sizeOf(shape)), [x], (grad) => {
    for (let i = 0; i < grad.length; i++) x.grad[start + i] += grad[i];
  });

/** One after the other; a vector unless a shape is given. */
export const concat = (parts: readonly Value[], shape?: readonly number[]): Value => {
  const data = Float64Array.from(parts.flatMap((p) => [...p.data]));
  return node(shape ?? [data.length], data, parts, (grad) => {
    let at = 0;
    for (const p of parts) for (let i = 0; i < p.data.length; i++) p.grad[i] += grad[at++];
  });
};

export const sum = (x: Value): Value =>
  node([1], Float64Array.of(x.data.reduce((a, b) => a + b, 0)), [x], (grad) => {
    for (let i = 0; i < x.grad.length; i++) x.grad[i] += grad[0];
  });

// ---------------------------------------------------------------- linear algebra

/** W·x + b. weight [R, C], x [C], bias [R] → [R] */
export const affine = (weight: Value, x: Value, bias?: Value): Value => {
  const [R, C] = weight.shape;
  if (weight.shape.length !== 2 || x.data.length !== C || (bias !== undefined && bias.data.length !== R))
    throw new Error(`oracle: weight [${weight.shape.join(', ')}] does not take a vector of ${x.data.length}`);
  const data = new Float64Array(R);
  for (let r = 0; r < R; r++) {
    data[r] = bias === undefined ? 0 : bias.data[r];
    for (let c = 0; c < C; c++) data[r] += weight.data[r * C + c] * x.data[c];
  }
  return node([R], data, bias === undefined ? [weight, x] : [weight, x, bias], (grad) => {
    for (let r = 0; r < R; r++) {
      for (let c = 0; c < C; c++) {
        weight.grad[r * C + c] += grad[r] * x.data[c];
        x.grad[c] += grad[r] * weight.data[r * C + c];
      }
      if (bias !== undefined) bias.grad[r] += grad[r];
    }
  });
};

/** Over the last axis, after subtracting its largest entry. */
export const softmax = (x: Value): Value => {
  const n = x.shape[x.shape.length - 1];
  const data = new Float64Array(x.data.length);
  for (let at = 0; at < data.length; at += n) {
    const largest = Math.max(...x.data.subarray(at, at + n));
    let total = 0;
    for (let i = at; i < at + n; i++) total += data[i] = Math.exp(x.data[i] - largest);
    for (let i = at; i < at + n; i++) data[i] /= total;
  }
  return node(x.shape, data, [x], (grad) => {
    for (let at = 0; at < data.length; at += n) {
      let mean = 0;
      for (let i = at; i < at + n; i++) mean += data[i] * grad[i];
      for (let i = at; i < at + n; i++) x.grad[i] += data[i] * (grad[i] - mean);
    }
  });
};

// ---------------------------------------------------------------- memory and addressing (§3.1–3.3)

/** k·m / max(‖k‖·‖m‖, 1e-8) for every row m. k [M], memory [N, M] → [N]. Below 1e-8 the divisor is a constant. */
export const cosine = (k: Value, memory: Value): Value => {
  const [N, M] = memory.shape;
  const row = (n: number): Float64Array => memory.data.subarray(n * M, n * M + M);
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((s, v, i) => s + v * b[i], 0);
  const kk = dot(k.data, k.data);
  const norms = Array.from({ length: N }, (_, n) => Math.sqrt(kk) * Math.sqrt(dot(row(n), row(n))));
  const data = Float64Array.from(norms, (norm, n) => dot(k.data, row(n)) / Math.max(norm, 1e-8));
  return node([N], data, [k, memory], (grad) => {
    for (let n = 0; n < N; n++) {
      const m = row(n), mm = dot(m, m), free = norms[n] > 1e-8, divisor = Math.max(norms[n], 1e-8);
      for (let j = 0; j < M; j++) {
        k.grad[j] += grad[n] * (m[j] / divisor - (free ? (data[n] * k.data[j]) / kk : 0));
        memory.grad[n * M + j] += grad[n] * (k.data[j] / divisor - (free ? (data[n] * m[j]) / mm : 0));
      }
    }
  });
};

/** Σ_j s_j·w[n − (S−1)/2 + j], circular. w [N], s [S] → [N] */
export const shift = (w: Value, s: Value): Value => {
  const N = w.data.length, S = s.data.length, radius = (S - 1) / 2;
  const from = (n: number, j: number): number => (((n - radius + j) % N) + N) % N;
  const data = w.data.map((_, n) => s.data.reduce((total, tap, j) => total + tap * w.data[from(n, j)], 0));
  return node(w.shape, data, [w, s], (grad) => {
    for (let n = 0; n < N; n++)
      for (let j = 0; j < S; j++) {
        w.grad[from(n, j)] += grad[n] * s.data[j];
        s.grad[j] += grad[n] * w.data[from(n, j)];
      }
  });
};

/** w^γ / Σ w^γ, relative to the largest w so that it cannot all underflow; an entry 0 has gradient 0. w [N], γ [1] → [N] */
export const sharpen = (w: Value, gamma: Value): Value => {
  const largest = Math.max(...w.data);
  const powers = w.data.map((v) => (v / largest) ** gamma.data[0]);
  const total = powers.reduce((a, b) => a + b, 0);
  const data = powers.map((p) => p / total);
  return node(w.shape, data, [w, gamma], (grad) => {
    const mean = data.reduce((s, v, n) => s + v * grad[n], 0);
    for (let n = 0; n < data.length; n++) {
      if (w.data[n] === 0) continue;
      // d ln-power_n = γ·dw_n/w_n + ln(w_n)·dγ; (w/largest)^(γ−1) keeps the quotient finite for tiny w.
      const slope = grad[n] - mean, relative = w.data[n] / largest;
      w.grad[n] += (slope * gamma.data[0] * relative ** (gamma.data[0] - 1)) / (largest * total);
      if (data[n] > 0) gamma.grad[0] += slope * data[n] * Math.log(relative);
    }
  });
};

/** r = Σ_n w[n]·M[n]. w [N], memory [N, M] → [M] */
export const read = (w: Value, memory: Value): Value => {
  const [N, M] = memory.shape;
  const data = new Float64Array(M);
  for (let n = 0; n < N; n++) for (let j = 0; j < M; j++) data[j] += w.data[n] * memory.data[n * M + j];
  return node([M], data, [w, memory], (grad) => {
    for (let n = 0; n < N; n++)
      for (let j = 0; j < M; j++) {
        w.grad[n] += grad[j] * memory.data[n * M + j];
        memory.grad[n * M + j] += grad[j] * w.data[n];
      }
  });
};

/** M∘(1 − w⊗e). memory [N, M], w [N], e [M] → [N, M] */
export const erase = (memory: Value, w: Value, e: Value): Value => {
  const M = memory.shape[1];
  const kept = (i: number): number => 1 - w.data[Math.floor(i / M)] * e.data[i % M];
  return node(memory.shape, memory.data.map((m, i) => m * kept(i)), [memory, w, e], (grad) => {
    for (let i = 0; i < grad.length; i++) {
      const n = Math.floor(i / M), j = i % M;
      memory.grad[i] += grad[i] * kept(i);
      w.grad[n] -= grad[i] * memory.data[i] * e.data[j];
      e.grad[j] -= grad[i] * memory.data[i] * w.data[n];
    }
  });
};

/** M + w⊗a. memory [N, M], w [N], a [M] → [N, M] */
export const addTo = (memory: Value, w: Value, a: Value): Value => {
  const M = memory.shape[1];
  return node(memory.shape, memory.data.map((m, i) => m + w.data[Math.floor(i / M)] * a.data[i % M]), [memory, w, a], (grad) => {
    for (let i = 0; i < grad.length; i++) {
      const n = Math.floor(i / M), j = i % M;
      memory.grad[i] += grad[i];
      w.grad[n] += grad[i] * a.data[j];
      a.grad[j] += grad[i] * w.data[n];
    }
  });
};

/** Mean of −t·ln σ(x) − (1−t)·ln(1−σ(x)), from logits x; the targets t are constants. → [1] */
export const binaryCrossEntropy = (logits: Value, target: ArrayLike<number>): Value => {
  const count = logits.data.length;
  if (target.length !== count) throw new Error(`oracle: ${target.length} targets for ${count} logits`);
  const each = logits.data.map((x, i) => Math.max(x, 0) - x * target[i] + Math.log1p(Math.exp(-Math.abs(x))));
  return node([1], Float64Array.of(each.reduce((a, b) => a + b, 0) / count), [logits], (grad) => {
    for (let i = 0; i < count; i++) logits.grad[i] += (grad[0] * (logistic(logits.data[i]) - target[i])) / count;
  });
};
