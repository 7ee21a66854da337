/** The session behind {@link Steps}: the program of one step, and every state that a step began in. */
import type { Backend } from '../gpu/backends.js';
import { openMachine } from '../gpu/backends.js';
import type { HeadParameter } from '../model/heads.js';
import type { Model } from '../model/inspect.js';
import { hasMemory } from '../model/parts.js';
import { forcedArrays, recordStep, stateArrays, type StepProgram } from '../model/step.js';
import type { Machine } from '../program/machine.js';
import { fail } from './errors.js';
import { type Head, headsOf } from './heads.js';
import { numbersOf, parameterOf, weightingOf } from './interventions.js';
import { opened } from './opened.js';
import { rowsOf, wholeOf } from './sequences.js';
import type { Before, Forced, ForcedHeads, HeadStep, Step, Steps } from './steps.js';

/** By the states' names (src/model/step.ts). */
type States = Readonly<Record<string, Float32Array>>;

/** [M, N] as N slots of M numbers. */
const slotsOf = (memory: Float32Array, N: number): readonly Float32Array[] => Array.from({ length: N }, (_, n) => Float32Array.from({ length: memory.length / N }, (__, m) => memory[m * N + n]!));

/** The number in the parameter's rows of the head whose number among all is `head`; null where it has none of its own. */
const ownOf = ({ kind, index }: Head, head: number, heads: number, all: number): number | null => (heads === all ? head : kind === 'write' ? index : null);

/** The inputs that force parameters. */
const forcedInputs = ({ forced }: StepProgram, heads: readonly Head[], given: ForcedHeads): States => {
  const values: Record<string, Float32Array> = Object.fromEntries(forced.flatMap(({ name, heads: count, size }) => [[forcedArrays(name).values, new Float32Array(count * size)], [forcedArrays(name).where, new Float32Array(count)]]));
  for (const [key, parameters] of Object.entries(given) as ReadonlyArray<readonly [string, Forced]>) {
    const head = wholeOf('head', Number(key), 0, heads.length - 1);
    for (const [name, value] of Object.entries(parameters) as ReadonlyArray<readonly [HeadParameter, ArrayLike<number> | number | undefined]>) {
      const parameter = forced.find((each) => each.name === name);
      const own = parameter ? ownOf(heads[head]!, head, parameter.heads, heads.length) : null;
      if (!parameter || own === null) return fail('wrong-setting', `head ${head}, a ${heads[head]!.kind} head, has no ${name}: there are ${forced.filter((each) => ownOf(heads[head]!, head, each.heads, heads.length) !== null).map((each) => each.name).join(', ')}`);
      if (value === undefined) continue;
      values[forcedArrays(name).values]!.set(parameterOf(name, value, parameter.size), own * parameter.size);
      values[forcedArrays(name).where]![own] = 1;
    }
  }
  return values;
};

/** What a machine that ran one step has of its heads. */
const headSteps = async (machine: Machine, { forced }: StepProgram, heads: readonly Head[], N: number): Promise<readonly HeadStep[]> => {
  const rows = async (name: string): Promise<Float32Array> => machine.rows(name, 1);
  const stages = { wc: rowsOf(await rows('w_c'), N), wg: rowsOf(await rows('w_g'), N), shifted: rowsOf(await rows('w̃'), N), w: rowsOf(await rows('weighting'), N) };
  const parameters: Array<{ readonly name: HeadParameter; readonly heads: number; readonly of: readonly Float32Array[] }> = [];
  for (const { name, heads: count, size } of forced) parameters.push({ name, heads: count, of: rowsOf(await rows(name), size) });
  const scalars: readonly HeadParameter[] = ['beta', 'g', 'gamma'];
  return heads.map((head, i) => {
    const own = parameters.flatMap(({ name, heads: count, of }) => {
      const at = ownOf(head, i, count, heads.length);
      return at === null ? [] : [[name, scalars.includes(name) ? of[at]![0]! : of[at]!] as const];
    });
    return { ...head, ...(Object.fromEntries(own) as Pick<HeadStep, HeadParameter>), wc: stages.wc[i]!, wg: stages.wg[i]!, shifted: stages.shifted[i]!, w: stages.w[i]! };
  });
};

/** Opens a session on one sequence x [T + K, I]; `alive` throws where it must not be used any more. */
export const openSteps = async (backend: Backend, { shape, parameters }: Model, x: Float32Array, alive: () => void, closed: () => void): Promise<Steps> => {
  const { inputs: I, slots: N, width: M } = shape;
  const remembers = hasMemory(shape);
  const heads = remembers ? headsOf(shape) : [];
  const step = recordStep(shape);
  const machine = await opened(openMachine(backend, step.program, { batch: 1, capacity: 1 }));
  await machine.set('parameters', parameters);

  const run = (inputs: States): Promise<void> => machine.run({ steps: 1, inputs, sections: ['forward'] });
  const read = async (array: 'first' | 'after'): Promise<States> => {
    const states: Record<string, Float32Array> = {};
    for (const { name } of step.states) states[name] = await machine.rows(stateArrays(name)[array], 1);
    return states;
  };
  await run({});
  /** What each step began in, as the one before left it, and what the next one is to begin in. */
  const starts: States[] = [await read('first')];
  let current: States = starts[0]!;
  const seen: Step[] = [];
  const length = x.length / I;
  let running: Promise<unknown> | null = null;
  let open = true;

  const usable = (): void => {
    alive();
    if (!open) fail('disposed', 'these steps were disposed of');
    if (running) fail('busy', 'a step is being run: await it');
  };
  const change = (name: string, edit: (values: Float32Array) => void): void => {
    const values = current[name]!.slice();
    edit(values);
    current = { ...current, [name]: values };
  };
  const withMemory = (): void => void (remembers || fail('wrong-setting', 'this model has no memory'));
  const write = (slot: number, values: Float32Array): void => {
    wholeOf('slot', slot, 0, N - 1);
    change('memory', (memory) => values.forEach((value, m) => void (memory[m * N + slot] = value)));
  };

  const next = async (forced: ForcedHeads): Promise<Step> => {
    const time = seen.length;
    if (time >= length) return fail('wrong-number', `all ${length} steps were run: rewind, or open steps on a longer sequence`);
    const input = x.slice(time * I, (time + 1) * I);
    const before = Object.fromEntries(step.states.map(({ name }) => [stateArrays(name).before, current[name]!]));
    await run({ x: input, ...before, ...forcedInputs(step, heads, forced) });
    const after = await read('after');
    const found: Step = {
      time,
      input,
      output: await machine.rows('y', 1),
      heads: remembers ? await headSteps(machine, step, heads, N) : [],
      read: remembers ? rowsOf(after.read!, M) : [],
      memory: remembers ? slotsOf(after.memory!, N) : [],
    };
    seen.push(found);
    starts.push(after);
    current = after;
    return found;
  };
  const exclusively = async <A>(action: () => Promise<A>): Promise<A> => {
    usable();
    const done = action();
    running = done;
    try {
      return await done;
    } finally {
      running = null;
    }
  };
  const dispose = async (): Promise<void> => {
    if (!open) return;
    open = false;
    closed();
    await Promise.allSettled([running]);
    await machine.dispose();
  };

  return {
    heads,
    length,
    get time() {
      return seen.length;
    },
    get seen() {
      return [...seen];
    },
    get before(): Before {
      if (!remembers) return { memory: [], read: [], weightings: [] };
      return { memory: slotsOf(current.memory!, N), read: rowsOf(current.read!, M), weightings: rowsOf(current.weighting!, N) };
    },
    step: (forced = {}) => exclusively(() => next(forced)),
    finish: () =>
      exclusively(async () => {
        while (seen.length < length) await next({});
        return [...seen];
      }),
    rewind: (time) => {
      usable();
      wholeOf('time', time, 0, seen.length);
      seen.length = time;
      starts.length = time + 1;
      current = starts[time]!;
    },
    write: (slot, values) => {
      usable();
      withMemory();
      write(slot, numbersOf('values', values, M));
    },
    erase: (slot) => {
      usable();
      withMemory();
      write(slot, new Float32Array(M));
    },
    move: (head, weighting) => {
      usable();
      withMemory();
      const values = weightingOf(weighting, N);
      const at = wholeOf('head', head, 0, heads.length - 1) * N;
      change('weighting', (all) => all.set(values, at));
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
};
