/** Signatures: what they say of a kernel's shapes, and one line for whatever contradicts them. */
import { describe, expect, it } from 'vitest';
import { kernel } from '../../kernels/kernel.js';
import { match, outputShape, signatureOf } from '../../src/program/signature.js';

const named = (signature: string) => kernel('a kernel', signature, () => 0);

describe('a signature says', () => {
  it('its inputs in order, with their axes, and which have rows', () => {
    const { inputs, output, sums } = signatureOf(named('a [B, A], weights [A, X] -> [B, X]'));
    expect(inputs.map(({ name, rows }) => [name, rows])).toEqual([['a', true], ['weights', false]]);
    expect(inputs.map(({ axes }) => axes.length)).toEqual([1, 2]);
    expect([output.rows, output.axes.length, sums]).toEqual([true, 1, false]);
  });
  it.each([
    ['sum [X], d [B, X] -> [X]', true],
    ['a [B, X] -> [B, X]', false],
    ['a [X] -> [X]', false],
    ['-> [B, M, N]', false],
  ])('"%s" sums over rows: %s', (signature, sums) => expect(signatureOf(named(signature)).sums).toBe(sums));
  it.each(['a [B, A]', 'a [B, A] -> X', ''])('"%s" has no output, and is refused', (signature) => {
    expect(() => signatureOf(named(signature))).toThrow('kernel "a kernel": its signature has no output');
  });
});

describe('sizes are found', () => {
  it.each([
    ['a symbol each', 'a [B, A], weights [A, X] -> [B, X]', { a: [3], weights: [3, 5] }, { A: 3, X: 5 }, [5]],
    ['sums of symbols and numbers', 'a [B, A], weights [A+1, X] -> [B, X]', { a: [3], weights: [4, 5] }, { A: 3, X: 5 }, [5]],
    ['a sum before the symbols that tell it', 'both [B, R+W, N], r [B, R, N], w [B, W, N] -> [B, R+W]', { both: [5, 2], r: [2, 2], w: [3, 2] }, { R: 2, W: 3, N: 2 }, [5]],
    ['products', 'gates [B, 4*H], c [B, H] -> [B, H]', { gates: [12], c: [3] }, { H: 3 }, [3]],
    ['an odd number’s half', 's [B, K, 2*C+1] -> [B, K, C]', { s: [2, 7] }, { K: 2, C: 3 }, [2, 3]],
    ['the smallest odd number’s half', 's [B, 2*C+1] -> [B, 1]', { s: [1] }, { C: 0 }, [1]],
    ['the part of a sum that is left', 'both [B, R+W], r [B, R] -> [B, W]', { both: [5], r: [3] }, { R: 3, W: 2 }, [2]],
    ['whole numbers', 'losses [B, 2] -> [B, 2]', { losses: [2] }, {}, [2]],
    ['one number per row', 'weight [B, 1], l [B, V] -> [B, V]', { weight: [1], l: [7] }, { V: 7 }, [7]],
  ] as const)('%s', (_, signature, inputs, sizes, output) => {
    const each = named(signature);
    const found = match(each, inputs);
    expect(found).toEqual(sizes);
    expect(outputShape(each, found)).toEqual(output);
  });
  it('where no input tells, as given', () => {
    const blank = named('-> [B, M, N]');
    expect(outputShape(blank, match(blank, {}, { M: 2, N: 3 }))).toEqual([2, 3]);
  });
});

describe('one line names kernel, input and both shapes', () => {
  const linear = named('a [B, A], weights [A+1, X] -> [B, X]');
  it.each([
    ['a size that another contradicts', linear, { a: [3], weights: [3, 5] }, 'kernel "a kernel" (a [B, A], weights [A+1, X] -> [B, X]): input "weights" has shape [3, 5], wanted [A+1, X] = [4, 5]'],
    ['too many axes', linear, { a: [3, 1], weights: [4, 5] }, 'input "a" has shape [3, 1], wanted [A]'],
    ['too few axes', linear, { a: [3], weights: [20] }, 'input "weights" has shape [20], wanted [A+1, X]'],
    ['a missing input', linear, { a: [3] }, 'input "weights" is missing'],
    ['an input it has not', linear, { a: [3], weights: [4, 5], b: [1] }, 'it has no input "b"'],
    ['another number than the signature’s', named('losses [B, 2] -> [B, 2]'), { losses: [3] }, 'input "losses" has shape [3], wanted [2] = [2]'],
    ['the same symbol twice', named('a [B, N], b [B, N] -> [B, N]'), { a: [3], b: [4] }, 'input "b" has shape [4], wanted [N] = [3]'],
    ['a sum of which nothing tells the parts', named('both [B, R+W] -> [B, R]'), { both: [5] }, 'input "both" has shape [5], which gives "R+W" no whole size'],
    ['an even number of taps', named('s [B, 2*C+1] -> [B, 1]'), { s: [4] }, 'input "s" has shape [4], which gives "2*C+1" no whole size'],
  ] as const)('%s', (_, each, inputs, fault) => expect(() => match(each, inputs as never)).toThrow(fault));
  it('an output that nothing tells', () => {
    const blank = named('-> [B, M]');
    expect(() => outputShape(blank, match(blank, {}))).toThrow('kernel "a kernel" (-> [B, M]): no input tells the size of "M"; give it with the call');
  });
  it('a given size that an input contradicts', () => {
    expect(() => match(named('a [B, N] -> [B, N]'), { a: [3] }, { N: 4 })).toThrow('input "a" has shape [3], wanted [N] = [4]');
  });
});
