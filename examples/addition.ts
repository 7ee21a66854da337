/**
 * Addition of two binary numbers, lowest bits first: each step shows one bit of either number, the last
 * step that they have ended; then their sum is to be given, one bit longer than they are.
 *
 *     ntm train ./examples/addition.ts
 *
 * 6 + 7, three bits each, is shown as (0 1) (1 1) (1 1) and the end, and answered with 1 0 1 1, which is
 * 13. A bit of the sum depends on all bits before it, since a carry goes on; numbers longer than those
 * trained on show whether the model has learnt to add.
 */
import type { TaskDefinition } from 'ntm-gpu';

/** The sum of two numbers of as many bits, lowest first. */
export const sumOf = (a: readonly number[], b: readonly number[]): readonly number[] => {
  const sum: number[] = [];
  let carry = 0;
  a.forEach((bit, i) => {
    const total = bit + b[i] + carry;
    sum.push(total % 2);
    carry = total >= 2 ? 1 : 0;
  });
  return [...sum, carry];
};

export default {
  name: 'addition',
  inputs: 3,
  outputs: 1,
  cells: { bits: [1, 8] },
  sequence: ({ bits }, { integer }) => {
    const a = Array.from({ length: bits }, () => integer(0, 1));
    const b = Array.from({ length: bits }, () => integer(0, 1));
    return { input: [...a.map((bit, i) => [bit, b[i], 0]), [0, 0, 1]], answer: sumOf(a, b).map((bit) => [bit]) };
  },
  shown: { reported: [{ bits: 8 }, { bits: 16 }] },
} satisfies TaskDefinition;
