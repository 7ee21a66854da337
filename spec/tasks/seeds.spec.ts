/** Copy and repeat copy give the sequences that version 0.1.0 gave: the numbers here were printed by it. */
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../src/random.js';
import { type Cell, WHOLE } from '../../src/tasks/cells.js';
import type { Task } from '../../src/tasks/definition.js';
import { builtIn } from '../../src/tasks/index.js';
import { digits, sequenceAt, withSettings } from '../support/batches.js';

/** FNV-1a of an array's bytes. */
const hash = (values: Float32Array): number => new Uint8Array(values.buffer).reduce((h, byte) => Math.imul(h ^ byte, 0x01000193) >>> 0, 0x811c9dc5);

it('copy of 4 × 3 bits, two sequences', () => {
  const [batch, rng] = withSettings(builtIn.copy, { bits: 3 }).sequences({ length: 4 }, 2)(seededRng(7));
  expect(digits(sequenceAt(batch, 0).x.slice(0, 5))).toBe('0010 0100 0110 0000 0001');
  expect(digits(sequenceAt(batch, 1).x.slice(0, 5))).toBe('1100 0010 0010 0110 0001');
  expect(rng).toEqual([-1423873579, 735726637, -1994394835, -790854769]);
});

it('repeat copy of 2 × 3 bits twice, two sequences', () => {
  const [batch, rng] = withSettings(builtIn.repeatCopy, { bits: 3 }).sequences({ length: 2, repeats: 2 }, 2)(seededRng(7));
  expect(digits(sequenceAt(batch, 0).target.slice(4))).toBe('0010 1100 0010 1100 0001');
  expect(digits(sequenceAt(batch, 1).target.slice(4))).toBe('0100 0010 0100 0010 0001');
  expect(rng).toEqual([-1857155937, 1107714728, 860369334, 178165952]);
});

describe.each([
  ['copy', {}, { length: 20 }, 1, [2071730968, 3919974328], [-143693301, -1995789929, 1572580030, 445857426]],
  ['copy', {}, { length: 20 }, 14105401, [2106134197, 2599451797], [1147645997, -1129412287, 944703622, 113988190]],
  ['repeatCopy', {}, { length: 10, repeats: 7 }, 1, [3250716757, 1377119317], [286241449, 870717803, 698857771, -713885672]],
  ['repeatCopy', { countEncoding: 'normalised' }, { length: 10, repeats: 7 }, 14105401, [1224858597, 277023269], [833605380, -165996167, 2089013546, -2027312776]],
] as const)('%s %j %j, seed %i', (name, changes, cell, seed, hashes, after) => {
  it('has the same bytes', () => {
    const [{ x, target }, rng] = withSettings(builtIn[name], changes).sequences(cell, 4)(seededRng(seed));
    expect([hash(x), hash(target)]).toEqual(hashes);
    expect(rng).toEqual(after);
  });
});

describe('training cells, seed 1', () => {
  const drawnCells = (task: Task): { readonly cells: readonly Cell[]; readonly rng: readonly number[] } => {
    let rng = seededRng(1);
    const cells = Array.from({ length: 12 }, () => {
      const [cell, next] = task.distribution.draw(WHOLE)(rng);
      rng = next;
      return cell;
    });
    return { cells, rng };
  };
  const after = [940073584, 1194573353, 1876340308, -1160807295];

  it('copy', () => {
    const { cells, rng } = drawnCells(builtIn.copy);
    expect(cells).toEqual([7, 2, 11, 3, 19, 17, 8, 8, 9, 2, 20, 11].map((length) => ({ length })));
    expect(rng).toEqual(after);
  });

  it('repeat copy', () => {
    const { cells, rng } = drawnCells(builtIn.repeatCopy);
    expect(cells.map(({ length, repeats }) => [length, repeats])).toEqual([[7, 9], [2, 8], [1, 10], [3, 4], [9, 9], [7, 4], [8, 8], [8, 9], [9, 2], [2, 1], [10, 8], [1, 9]]);
    expect(rng).toEqual(after);
  });
});
