/** Every kernel is the equation and nothing else; what breaks a rule is refused by that rule. */
import { describe, expect, it } from 'vitest';
import { type Kernel, kernel } from '../kernels/kernel.js';
import { printKernel } from '../src/gpu/source/print.js';
import { readKernel } from '../src/gpu/source/read.js';
import { MINIFIERS } from './gpu/source/minifiers.js';
import { faultsOf, looseEnds } from './support/kernel-rules.js';
import { KERNEL_FILES, KERNELS } from './support/kernels.js';

describe('a kernel is its equation', () => {
  it.each(KERNELS.map((each) => [each.name, each] as const))('%s', (_, each) => expect(faultsOf(each)).toEqual([]));

  it('every file has kernels, and no two share a name', () => {
    const names = KERNELS.map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(KERNEL_FILES.length);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});

describe('what GPU.js is given stands alone after any minifier', () => {
  it.each(KERNELS.map(({ name, source }) => [name, source.toString()] as const))('%s', async (_, source) => {
    for (const [minifier, minify] of MINIFIERS) expect(looseEnds(printKernel(readKernel(await minify(source)))), minifier).toEqual([]);
  });
});

/** Written as text: what a formatter or TypeScript would not leave alone is tested too. */
const bad = (signature: string, body: string): Kernel => {
  const names = [...signature.split('->')[0]!.matchAll(/(\w+)\s*\[/g)].map(([, name]) => name);
  return kernel('bad', signature, { toString: () => (body.startsWith('function') ? body : `function k(${names.join(', ')}) { ${body} }`) } as Kernel['source']);
};

const ONE = 'a [B, X] -> [B, X]';
const SUM = 'a [B, N] -> [B, 1]';
const cell = 'a[this.thread.y][this.thread.x]';

describe('a kernel is refused for', () => {
  it.each<[string, string, string, readonly string[]]>([
    ['a free identifier', ONE, `return ${cell} * scale;`, ['free identifier: scale']],
    ['a helper', ONE, `return sigmoid(${cell});`, ['free identifier: sigmoid']],
    ['an imported name', ONE, `return __vite_ssr_import_0__.f(${cell});`, ['left by a tool: __vite_ssr_import_0__', 'free identifier: __vite_ssr_import_0__']],
    ['a nested function', ONE, `const f = (v) => v; return f(${cell});`, ['nested function: (v) => v']],
    ['an exponent operator', ONE, `return ${cell} ** 2;`, [`exponent operator: ${cell} ** 2`]],
    ['a parameter named otherwise', ONE, `function k(b) { return 0; }`, ['parameters: b; the signature says a']],
    ['a sum without the number of rows', 'sum [X], a [B, X] -> [X]', 'function k(sum, a) { return sum[this.thread.x]; }', ['parameters: sum, a; the signature says sum, a, rows']],
    ['more inputs than WebGPU binds', `${Array.from('abcdefgh', (name) => `${name} [B, X]`).join(', ')} -> [B, X]`, `return ${cell};`, ['more arrays than WebGPU promises: 8']],
    ['a constant that the signature lacks', ONE, `return ${cell} * this.constants.M;`, ['constant that is no symbol of the signature: M']],
    ['a rounded size', 'a [B, N4] -> [B, 1]', 'let s = 0; for (let n = 0; n < this.constants.N4; n++) { s += a[this.thread.y][n]; } return s;', ['not a symbol: N4']],
    ['a rounded size without a declaration', SUM, 'let s = 0; for (let n = 0; n < this.constants.N4; n++) { s += a[this.thread.y][n]; } return s;', ['constant that is no symbol of the signature: N4']],
    ['a stride', SUM, 'let s = 0; for (let n = 0; n < this.constants.N; n += 4) { s += a[this.thread.y][n]; } return s;', ['stride: n += 4']],
    ['going backwards', SUM, 'let s = 0; for (let n = this.constants.N - 1; n >= 0; n--) { s += a[this.thread.y][n]; } return s;', ['a remainder: a loop from this.constants.N - 1', 'stride: n--']],
    ['a remainder', SUM, 'let s = 0; for (let n = this.thread.x; n < this.constants.N; n++) { s += a[this.thread.y][n]; } return s;', ['a remainder: a loop from this.thread.x']],
    ['a size that it rounds', SUM, 'let s = 0; for (let n = 0; n < this.constants.N - this.constants.N % 4; n++) { s += a[this.thread.y][n]; } return s;', ['a size is rounded: this.constants.N % 4']],
    ['an index that it divides', ONE, 'const half = Math.floor(this.thread.x / 2); return a[this.thread.y][half];', ['a size is rounded: Math.floor']],
    ['a loop that does not count', SUM, 'let s = 0; let n = 0; while (n < this.constants.N) { s += a[this.thread.y][n]; n++; } return s;', ['a loop that does not count']],
    ['two accumulators', SUM, 'let p = 0; let q = 0; for (let n = 0; n < this.constants.N; n++) { p += a[this.thread.y][n]; q += a[this.thread.y][n]; } return p + q;', ['accumulators of one loop: p, q']],
    ['two accumulators in two loops', SUM, 'let p = 0; let q = 0; for (let n = 0; n < this.constants.N; n++) { p += a[this.thread.y][n]; } for (let n = 0; n < this.constants.N; n++) { q += a[this.thread.y][n]; } return p + q;', ['accumulators of one result: p, q']],
    ['unrolling', SUM, 'let s = 0; for (let n = 0; n < this.constants.N; n++) { s += a[this.thread.y][n]; s += a[this.thread.y][n + 1]; } return s;', ['unrolled: s is added to twice']],
    ['a column behind others', 'a [B, 2*X] -> [B, X]', 'return a[this.thread.y][this.constants.X + this.thread.x];', ['column arithmetic: this.constants.X + this.thread.x']],
    ['a row laid flat', 'a [B, K*M] -> [B, K, M]', 'return a[this.thread.z][this.thread.y * this.constants.M + this.thread.x];', ['column arithmetic: this.thread.y * this.constants.M + this.thread.x']],
    ['a column behind others by a variable', 'a [B, 2*X] -> [B, X]', 'const at = this.constants.X + this.thread.x; return a[this.thread.y][at];', ['column arithmetic: this.constants.X + this.thread.x']],
    ['a column behind others in two steps', 'a [B, 2*X] -> [B, X]', 'let at = this.thread.x; at += this.constants.X; return a[this.thread.y][at];', ['column arithmetic: at += this.constants.X']],
    ['fewer indices than axes', ONE, 'return a[this.thread.y];', ['another number of axes than declared: a[this.thread.y]']],
    ['another row than its own', ONE, 'return a[0][this.thread.x];', ['another row than its own: a[0][this.thread.x]']],
    ['an axis for the row', ONE, 'return a[this.thread.x][this.thread.y];', ['another row than its own: a[this.thread.x][this.thread.y]']],
    ['a sum over other rows', 'sum [X], a [B, X] -> [X]', 'function k(sum, a, rows) { let s = sum[this.thread.x]; for (let row = 0; row < rows; row++) { s += a[0][this.thread.x]; } return s; }', ['another row than its own: a[0][this.thread.x]']],
  ])('%s', (_, signature, body, faults) => expect(faultsOf(bad(signature, body))).toEqual(faults));
});

describe('a kernel may', () => {
  it.each([
    ['sum in a sum', 'a [B, N, M] -> [B, 1]', 'let s = 0; for (let n = 0; n < this.constants.N; n++) { let p = 1; for (let m = 0; m < this.constants.M; m++) { p *= a[this.thread.y][n][m]; } s += p; } return s;'],
    ['add in two loops to one result', 'a [B, N], b [B, M] -> [B, 1]', 'let s = 0; for (let i = 0; i < this.constants.N; i++) { s += a[this.thread.y][i]; } for (let i = 0; i < this.constants.M; i++) { s += b[this.thread.y][i]; } return s;'],
    ['wrap an index round', 'a [B, N] -> [B, N]', 'let i = this.thread.x + 1; if (i >= this.constants.N) { i -= this.constants.N; } return a[this.thread.y][i];'],
    ['begin a loop at 1', SUM, 'let top = a[this.thread.y][0]; for (let n = 1; n < this.constants.N; n++) { top = Math.max(top, a[this.thread.y][n]); } return top;'],
    ['compute with a size', SUM, 'let s = 0; for (let n = 0; n < this.constants.N; n++) { s += a[this.thread.y][n]; } return s / this.constants.N;'],
  ])('%s', (_, signature, body) => expect(faultsOf(bad(signature, body))).toEqual([]));
});
