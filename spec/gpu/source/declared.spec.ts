/** A kernel that contradicts its signature is refused in one line, before it is compiled for any backend. */
import { describe, expect, it } from 'vitest';
import { type Array1, type Array2, kernel, type Thread } from '../../../kernels/kernel.js';
import { readDeclared } from '../../../src/gpu/source/declared.js';
import { signatureOf } from '../../../src/program/signature.js';
import { KERNELS } from '../../support/kernels.js';

function double(this: Thread, x: Array2): number {
  return 2 * x[this.thread.y][this.thread.x];
}
function first(this: Thread, x: Array2): number {
  return x[this.thread.y] as unknown as number;
}
function scaled(this: Thread<'P'>, x: Array2): number {
  return this.constants.P * x[this.thread.y][this.thread.x];
}

function mean(this: Thread, sum: Array1, x: Array2, rows: number): number {
  let all = sum[this.thread.x];
  for (let row = 0; row < rows; row++) {
    all += x[row][this.thread.x];
  }
  return all / rows;
}
function forgetful(this: Thread, _sum: Array1, x: Array2, rows: number): number {
  let all = 0;
  for (let row = 0; row < rows; row++) {
    all += x[row][this.thread.x];
  }
  return all;
}
function fading(this: Thread, sum: Array1, x: Array2, rows: number): number {
  let all = sum[this.thread.x];
  for (let row = 0; row < rows; row++) {
    all = all / 2 + x[row][this.thread.x];
  }
  return all;
}

function fromTheSecond(this: Thread, sum: Array1, x: Array2, rows: number): number {
  let all = sum[this.thread.x];
  for (let row = 1; row < rows; row++) {
    all += x[row][this.thread.x];
  }
  return all;
}
function counting(this: Thread, sum: Array1, x: Array2, rows: number): number {
  let all = sum[this.thread.x];
  for (let row = 0; row < rows; row++) {
    all += row * x[row][this.thread.x];
  }
  return all;
}
function differing(this: Thread, sum: Array1, x: Array2, rows: number): number {
  let all = sum[this.thread.x];
  let before = 0;
  for (let row = 0; row < rows; row++) {
    all += x[row][this.thread.x] * before;
    before = x[row][this.thread.x];
  }
  return all;
}
function squares(this: Thread<'X'>, sum: Array1, x: Array2, rows: number): number {
  let all = sum[0];
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < this.constants.X; i++) {
      const value = x[row][i];
      if (value > 0) all += value * value;
    }
  }
  return all;
}

describe('a kernel is read', () => {
  it('that sums over rows, in a loop and under a condition', () => expect(readDeclared(kernel('k', 'sum [1], x [B, X] -> [1]', squares)).parameters).toHaveLength(3));
  it.each(KERNELS.map((each) => [each.name, each] as const))('%s', (_, each) => expect(readDeclared(each).parameters.length).toBe(each.source.length));
});

describe('a kernel is refused that has', () => {
  it.each([
    ['a parameter too few', kernel('k', 'x [B, X], y [B, X] -> [B, X]', double), 'its function takes 1 parameter, the signature wants 2'],
    ['no parameter for the number of rows', kernel('k', 'x [B, X] -> [X]', double), 'its function takes 1 parameter, the signature wants 2, the number of rows being the last'],
    ['an index too few', kernel('k', 'x [B, X] -> [B]', first), '"x" has 2 axes and is read with 1 index'],
    ['a sum over rows that is not all it returns', kernel('k', 'sum [X], x [B, X] -> [X]', mean), 'it sums over all rows, and so has to return its first input and what one loop adds to it: let sum = sum[…]; for (let row = 0; row < rows; row++)'],
    ['a sum over rows without what there was', kernel('k', 'sum [X], x [B, X] -> [X]', forgetful), 'it sums over all rows, and so'],
    ['a sum over rows that looks at itself', kernel('k', 'sum [X], x [B, X] -> [X]', fading), 'it sums over all rows, and so'],
    ['a sum that leaves a row out', kernel('k', 'sum [X], x [B, X] -> [X]', fromTheSecond), 'it sums over all rows, and so'],
    ['a sum that knows which row it is', kernel('k', 'sum [X], x [B, X] -> [X]', counting), 'it sums over all rows, and so'],
    ['a sum that remembers the row before', kernel('k', 'sum [X], x [B, X] -> [X]', differing), 'it sums over all rows, and so'],
    ['a constant that no shape gives', kernel('k', 'x [B, X] -> [B, X]', scaled), 'no shape in the signature gives the constant "P"'],
  ])('%s', (_, wrong, fault) => expect(() => readDeclared(wrong)).toThrow(`kernel "k" (${wrong.signature}): ${fault}`));

  it.each([
    ['axes without commas', 'x [B R M] -> [B, M]', 'the shape [B R M] of "x" is no list of axes'],
    ['four axes of output', 'x [B, X] -> [B, X, Y, Z]', 'its output has more than 3 axes'],
    ['no output', 'x [B, X]', 'its signature has no output'],
  ])('%s', (_, signature, fault) => expect(() => signatureOf(kernel('k', signature, double))).toThrow(`kernel "k": ${fault}`));
});
