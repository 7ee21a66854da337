/** Kernels' text means what JavaScript means by it, whatever a minifier made of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printKernel } from '../../../src/gpu/source/print.js';
import { readKernel } from '../../../src/gpu/source/read.js';
import { drawn, uniforms } from '../../support/values.js';
import { evaluate, interpret } from './interpret.js';
import { randomKernel } from './kernels.js';
import { MINIFIERS } from './minifiers.js';

const INPUTS = drawn(1, (draw) => [Array.from({ length: 5 }, () => [...uniforms(draw, 5)]), [...uniforms(draw, 5)], 3]);
const SETTINGS = [0, 1, 2].map((x) => ({ thread: { x, y: 2 - x, z: 0 }, constants: { N: 3, M: 2 } }));

/** Some minifiers break a program now and then: not what is tested here. */
const unbroken = (source: string, text: string): boolean => SETTINGS.every((setting) => Object.is(evaluate(source, setting, INPUTS), evaluate(text, setting, INPUTS)));

const agree = (source: string, text: string): void => {
  for (const setting of SETTINGS) {
    const wanted = evaluate(source, setting, INPUTS);
    const code = readKernel(text);
    expect(interpret(code, setting, INPUTS), text).toBe(wanted);
    expect(evaluate(printKernel(code), setting, INPUTS), printKernel(code)).toBe(wanted);
    expect(interpret(readKernel(printKernel(code)), setting, INPUTS), printKernel(code)).toBe(wanted);
  }
};

describe.each(MINIFIERS)('%s', (_, minify) => {
  it('leaves random kernels what they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat().map((seed) => drawn(seed, randomKernel)),
        async (source) => {
          const text = await minify(source);
          fc.pre(unbroken(source, text));
          agree(source, text);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('JavaScript’s own meaning of', () => {
  it.each([
    ['a name that a block declares anew', 'function (a, b) { let s = 1; { let s = b[0]; s += 1; } return s + b[1]; }'],
    ['a variable named as a constant', 'function (a, b) { const N = b[0]; return N * this.constants.N; }'],
    ['a parameter named as a constant', 'function (N, b) { return N[0][1] * this.constants.N; }'],
    ['one counter for two loops', 'function (a, b) { let s = 0; for (let i = 0; i < 3; i++) s += b[i]; for (let i = 1; i < 5; i++) s *= b[i]; return s; }'],
    ['a counter declared outside', 'function (a, b) { let s = 0, i; for (i = 0; i < 3; i++) s += b[i]; return s + i; }'],
    ['a counter that goes on from where it was', 'function (a, b) { var s = 0, i = 0; for (; i < 2; ++i) s += b[i]; for (; 5 > i; i = i + 1) s -= b[i]; return s; }'],
    ['a loop that ends at its last number', 'function (a, b) { let s = 0; for (let i = 0; i <= 3; i += 1) s += b[i]; return s; }'],
    ['a loop until another number', 'function (a, b) { let s = 0; for (let i = 0; i !== 3; i++) s += b[i]; return s; }'],
    ['a loop in strides', 'function (a, b) { let s = 0; for (let i = 1; i < 5; i += 2) s += b[i]; return s; }'],
    ['an update of two variables', 'function (a, b) { let s = 0; for (let i = 0; i < 3; s += b[i], i++); return s; }'],
    ['var in a block', 'function (a, b) { if (b[0] > 0) { var s = 1; } else { s = 2; } return s; }'],
    ['var twice', 'function (a, b) { var s = b[0]; var s; for (var s = 1, i = 0; i < 2; i++) s += 1; return s; }'],
    ['a parameter given another value', 'function (a, b, rows) { rows += 1; return rows * 2; }'],
    ['values within expressions', 'function (a, b) { let s = 1, t; return s + (s = 3) * (t = s++) + s-- - (s += t); }'],
    ['assignments in conditions', 'function (a, b) { let s = 1, t = 0; if ((s = b[0]) > 0 && (t = b[1], t > s)) s = 9; return s + t; }'],
    ['conditions as numbers', 'function (a, b) { const big = b[0] > 0; let n = +big; n += b[1] > 0; return big && n > 0 ? n : !n + 3; }'],
    ['numbers as conditions', 'function (a, b) { return (this.thread.x ? 1 : 2) + (b[0] ? 3 : 4) + (0 / 0 ? 5 : 6) + (b[1] || 7) + (b[2] && 8); }'],
    ['what minifiers write for constants', 'function (a, b) { let s = void 0; s = !0 ? 1 : 2; return Math.min(s, 1 / 0) + Math.max(-1 / 0, b[0]) + (!1 || b[1] > 0 ? 1 : 0); }'],
    ['statements that are expressions', 'function (a, b) { let s = 0; b[0] > 0 && (s = 1, s += 2), b[1] > 0 || (s -= 1); b[2] > 0 ? s++ : s--; s ||= 4; s &&= 5; return s; }'],
    ['returns wherever they stand', 'function (a, b) { if (b[0] > 0) { if (b[1] > 0) return 1; } else return 2; let s = 3; if (b[2] > 0) s = 4; return s; }'],
    ['turns that a loop leaves early', 'function (a, b) { let s = 0; for (let i = 0; i < 5; i++) { if (b[i] < 0) continue; s += b[i]; } return s; }'],
    ['powers', 'function (a, b) { let s = b[0] ** 2; s **= 2; return s; }'],
    ['several values in Math.max', 'function (a, b) { return Math.max(b[0], b[1], b[2]) + Math["min"](b[0], b[1]) + Math.PI; }'],
    ['a method and an arrow', '(a, b) => b[0] + b[1]'],
  ])('%s', (_, source) => agree(source, source));

  it('a method', () => expect(interpret(readKernel('half(a, b) { return b[0] / 2; }'), SETTINGS[0]!, INPUTS)).toBe((INPUTS[1] as number[])[0]! / 2));
});

describe('the data is in one form', () => {
  const text = (source: string): string => printKernel(readKernel(source)).replace(/\s+/g, ' ');
  it.each([
    ['swapped comparisons', 'function(a){let s=0;for(let i=0;3>i;++i)s=a[i]+s;return 0<s?s:1}', 'function (a) { let s = 0; for (let i = 0; i < 3; i++) { s += a[i]; } return (s > 0 ? s : 1); }'],
    ['late declarations', 'function(a){var s,i,t;for(s=0,i=0;i<3;i++)t=a[i],s+=t*t;return s}', 'function (a) { let s = 0; for (let i2 = 0; i2 < 3; i2++) { let t = a[i2]; s += t * t; } return s; }'],
    ['early returns', 'function(a){if(a[0]>1)return 1;return a[1]}', 'function (a) { return (a[0] > 1 ? 1 : a[1]); }'],
    ['early returns after statements', 'function(a){let s=a[0];if(s>1){s*=2;return s}return a[1]}', 'function (a) { let result = 0; let s = a[0]; if (s > 1) { s *= 2; result = s; } else { result = a[1]; } return result; }'],
  ])('%s', (_, source, expected) => expect(text(source)).toBe(expected));
});

describe('a kernel is refused in one line for', () => {
  it.each([
    ['a name from outside', 'function k(a) { return a[0] * scale; }', /^kernel "k" cannot be read: "scale" is no parameter/],
    ['a helper', 'function k(a) { return sigmoid(a[0]); }', /"sigmoid" is no parameter/],
    ['a name that a block left', 'function k(a) { { let s = 1; } return s; }', /"s" is no parameter/],
    ['a function in it', 'function k(a) { const f = (v) => v; return f(a[0]); }', /holds a function of its own/],
    ['istanbul’s counters', 'function k(a) { cov_1w2x().s[0]++; return a[0]; }', /was instrumented \("cov_1w2x"\).*V8/],
    ['istanbul’s counters of branches', 'function k(a) { return a[0] > 0 ? (cov_1w2x().b[0][0]++, 1) : (cov_1w2x().b[0][1]++, 2); }', /was instrumented/],
    ['mutated code', 'function k(a) { if (stryMutAct_9fa48("0")) { return 1; } return a[0]; }', /was instrumented/],
    ['an unknown function of Math', 'function k(a) { return Math.tanh(a[0]); }', /calls Math\.tanh; there are abs, exp/],
    ['bits', 'function k(a) { return a[0] | 0; }', /operator \|/],
    ['a loop backwards', 'function k(a) { let s = 0; for (let i = 3; i > 0; i--) s += a[i]; return s; }', /loop over "i" that does not count upwards/],
    ['a loop that changes its counter', 'function k(a) { let s = 0; for (let i = 0; i < 3; i++) i += a[i]; return s; }', /changes "i", the counter/],
    ['a loop that moves its end', 'function k(a) { let n = 3; for (let i = 0; i < n; i++) n -= a[i]; return n; }', /changes the end of the loop over "i"/],
    ['while', 'function k(a) { let s = 0; while (s < 3) s += a[0]; return s; }', /holds a WhileStatement/],
    ['a return inside a loop', 'function k(a) { for (let i = 0; i < 3; i++) { if (a[i] > 0) return i; } return 0; }', /returns from inside a loop/],
    ['no return', 'function k(a) { let s = a[0]; }', /can end without returning/],
    ['a parameter taken apart', 'function k({ a }) { return a[0]; }', /parameter that is no plain name/],
    ['code that has no text', 'function k() { [native code] }', /no function that can be read/],
  ])('%s', (_, source, expected) => {
    const attempt = (): unknown => readKernel(source, 'k');
    expect(attempt).toThrow(expected);
    expect(attempt).toThrow(/^[^\n]*$/);
  });
});
