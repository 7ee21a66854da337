/** A checkpoint's state: every field has its range, what is older than a field has its default, and what ran it is remembered. */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.js';
import { seededRng } from '../../src/random.js';
import { decodeCheckpoint, decodeModel, encodeCheckpoint } from '../../src/training/checkpoint.js';
import { decodeState } from '../../src/training/state.js';
import { initialState, type TrainingState } from '../../src/training/trainer.js';
import { settingsOf } from '../soak/tiny.js';
import { freshRun } from '../../src/training/start.js';

const STATE: TrainingState = initialState(seededRng(1), { curriculum: 0 });

const faultOf = (json: string): string => {
  const decoded = decodeState(JSON.parse(json));
  return E.isLeft(decoded) ? decoded.left : 'accepted';
};

const withField = (field: string, text: string): string => JSON.stringify({ ...STATE, [field]: '@' }).replace('"@"', text);

describe('a training state', () => {
  it('in its ranges is read, in the order it was written', () => {
    expect(decodeState(JSON.parse(JSON.stringify(STATE)))).toEqual(E.right(STATE));
    const { pending, ...earlier } = STATE;
    const decoded = decodeState(earlier);
    expect(E.isRight(decoded) && JSON.stringify(decoded.right)).toBe(JSON.stringify({ ...earlier, pending }));
  });

  it.each<readonly [string, string, RegExp]>([
    ['step', '1e999', /step wants an integer of at least 0, got Infinity/],
    ['step', '-1', /step wants .*got -1/],
    ['step', '0.5', /step wants .*got 0\.5/],
    ['step', '9007199254740993', /step wants/],
    ['rng', '[1,2,3.5,4]', /rng wants four integers of 32 bits, not all 0/],
    ['rng', '[0,0,0,0]', /rng wants/],
    ['rng', '[1,2,3]', /rng wants/],
    ['rng', '[1,2,3,4294967296]', /rng wants/],
    ['runningLoss', '1e999', /runningLoss wants a finite number of at least 0, got Infinity/],
    ['runningWrong', '-2', /runningWrong wants/],
    ['reach', '0', /reach wants an integer of at least 1/],
    ['solvedAt', '7', /solvedAt 7 is beyond its 0 sequences/],
    ['pending', '1', /pending wants true or false/],
    ['good', 'null', /good wants an integer of at least 0, got null/],
    ['more', '1', /unknown field "more"/],
  ])('whose %s is %s is refused by name', (field, text, message) => {
    expect(faultOf(withField(field, text))).toMatch(message);
  });
});

describe('a checkpoint', () => {
  const checkpoint = { ...freshRun(settingsOf(10, 1)), ranOn: { threads: 2, backend: 'webasm' } };
  const file = encodeCheckpoint(checkpoint);

  it('remembers the threads and the backend it ran on', () => {
    const read = decodeSafetensors(encodeSafetensors(file));
    if (E.isLeft(read)) throw new Error(read.left);
    const decoded = decodeCheckpoint(read.right);
    if (E.isLeft(decoded)) throw new Error(decoded.left);
    // A task is a value with functions, made anew from its name and options.
    expect({ ...decoded.right, task: decoded.right.task.name }).toEqual({ ...checkpoint, task: checkpoint.task.name });
  });

  it.each([['legacy_write_addressing', 'perhaps'], ['ran_on', '{"threads":0.5,"backend":"webasm"}'], ['state', '{"step":1,"step":2}'], ['configuration', '[]']])('whose %s is %s is refused', (key, value) => {
    const changed = { ...file, metadata: { ...file.metadata, [key]: value } };
    expect(E.isLeft(key === 'legacy_write_addressing' ? decodeModel(changed) : decodeCheckpoint(changed))).toBe(true);
  });
});
