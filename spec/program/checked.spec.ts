/** What a machine is given is checked once, before any backend: every backend refuses the same, in the same words. */
import { expect, it } from 'vitest';
import { activation } from '../../kernels/activation.js';
import { openMachine } from '../../src/gpu/backends.js';
import { record, type Section } from '../../src/program/graph.js';
import type { Machine } from '../../src/program/machine.js';
import { seededRng } from '../../src/random.js';
import { eachBackend } from '../support/backends.js';

const PROGRAM = record((recorder) => {
  recorder.single('w', [2, 3], 'parameter');
  const x = recorder.input('x', [3]);
  recorder.section('forward');
  recorder.expose('y', recorder.apply(activation.rectifier, { z: x }));
});

const floats = (length: number): Float32Array => new Float32Array(length).fill(1);

const FORWARD = ['forward'] as const satisfies readonly Section[];

const WRONG: ReadonlyArray<readonly [string, (machine: Machine) => Promise<unknown>, string]> = [
  ['an array too short', ({ set }) => set('w', floats(5)), 'set "w" wants 6 numbers, got 5'],
  ['an array too long', ({ set }) => set('w', floats(7)), 'set "w" wants 6 numbers, got 7'],
  ['a list of numbers', ({ set }) => set('w', [1, 2, 3, 4, 5, 6] as unknown as Float32Array), 'set "w" wants a Float32Array, got an array'],
  ['float64', ({ set }) => set('w', new Float64Array(6) as unknown as Float32Array), 'set "w" wants a Float32Array, got Float64Array'],
  ['nothing', ({ set }) => set('w', undefined as unknown as Float32Array), 'set "w" wants a Float32Array, got undefined'],
  ['an unknown array', ({ set }) => set('v', floats(6)), 'set: no array named "v" in the program'],
  ['an unknown array to get', ({ get }) => get('constructor'), 'get: no array named "constructor" in the program'],
  ['an input as a single array', ({ set }) => set('x', floats(3)), 'set: "x" has rows a step; read them with rows'],
  ['rows of a single array', ({ rows }) => rows('w', 1), 'rows: "w" is one array of the whole program; read it with get'],
  ['an unknown input', ({ run }) => run({ steps: 1, inputs: { z: floats(6) }, sections: FORWARD }), 'run: no input named "z" in the program'],
  ['an input too short', ({ run }) => run({ steps: 2, inputs: { x: floats(11) }, sections: FORWARD }), 'run: input "x" of 2 steps of 2 sequences wants 12 numbers, got 11'],
  ['an input too long', ({ run }) => run({ steps: 2, inputs: { x: floats(18) }, sections: FORWARD }), 'run: input "x" of 2 steps of 2 sequences wants 12 numbers, got 18'],
  ['a fraction of a step', ({ run }) => run({ steps: 1.5, inputs: {}, sections: FORWARD }), 'run wants a whole number of steps, at least 1, got 1.5'],
  ['no step', ({ run }) => run({ steps: 0, inputs: {}, sections: FORWARD }), 'run wants a whole number of steps, at least 1, got 0'],
  ['negative steps', ({ run }) => run({ steps: -1, inputs: {}, sections: FORWARD }), 'run wants a whole number of steps, at least 1, got -1'],
  ['steps that are no number', ({ run }) => run({ steps: NaN, inputs: {}, sections: FORWARD }), 'run wants a whole number of steps, at least 1, got NaN'],
  ['more steps than can be counted', ({ run }) => run({ steps: 2 ** 40, inputs: {}, sections: FORWARD }), 'run wants a whole number of steps, at least 1, got 1099511627776'],
  ['an unknown section', ({ run }) => run({ steps: 1, inputs: {}, sections: ['backwards' as Section] }), 'run: no section "backwards"; there are initialise, forward, backward, gradients, combine, update'],
  ['rows beyond the last run', ({ rows }) => rows('y', 2), 'rows: 2 steps of "y", and the last run had 1'],
];

/** The message of what an action throws. */
const faultOf = async (action: () => Promise<unknown>): Promise<string> => {
  try {
    await action();
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
};

eachBackend('a machine refuses', (backend) => {
  it('what does not fit, by name, and goes on as if nothing had been', async () => {
    const opened = await openMachine(backend, PROGRAM, { batch: 2, capacity: 1 })();
    if (opened._tag === 'Left') throw new Error(opened.left.message);
    const machine = opened.right;
    await machine.run({ steps: 1, inputs: { x: floats(6) }, sections: FORWARD });
    for (const [what, action, message] of WRONG) expect(await faultOf(() => action(machine)), what).toBe(message);
    expect([...(await machine.rows('y', 1))]).toEqual([1, 1, 1, 1, 1, 1]);
    await machine.dispose();
    await machine.dispose();
    for (const action of [() => machine.set('w', floats(6)), () => machine.get('w'), () => machine.rows('y', 1), () => machine.run({ steps: 1, inputs: {}, sections: FORWARD })]) expect(await faultOf(action)).toBe('this machine was disposed of');
  });

  it.each([
    [{ batch: 0, capacity: 1 }, /batch wants a whole number of sequences, at least 1, got 0$/],
    [{ batch: 1.5, capacity: 1 }, /batch wants .* got 1.5$/],
    [{ batch: 1, capacity: -1 }, /capacity wants a whole number of steps, at least 0, got -1$/],
    [{ batch: 1, capacity: NaN }, /capacity wants .* got NaN$/],
  ])('sizes %o', async (sizes, message) => {
    const opened = await openMachine(backend, PROGRAM, sizes)();
    expect(opened._tag === 'Left' ? opened.left.message : 'opened').toMatch(message);
  });
});

it.each([2 ** 32, -(2 ** 31) - 1, 1.5, NaN])('a generator refuses the seed %s, which it would have to cut', (seed) => {
  expect(() => seededRng(seed)).toThrow(/^a seed is an integer from -2147483648 to 4294967295, got /);
});
