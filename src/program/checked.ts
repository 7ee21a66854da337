/**
 * What a machine is given, checked once before any backend sees it, so that all refuse the same with the
 * same words: unknown names, arrays of a wrong length or type, steps that are not whole, and a machine that
 * was disposed of. Costs a few comparisons a call.
 */
import { type Program, type Section, sizeOf, type Tensor } from './graph.js';
import type { Machine } from './machine.js';

/** Most steps of a run: what a Float32Array of one number a step can hold. */
const MOST_STEPS = 2 ** 31 - 1;

const show = (value: unknown): string => {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};

const refuse = (what: string): never => { throw new Error(what); };

const checkArray = (what: string, values: unknown, length: number): void => {
  if (!(values instanceof Float32Array)) refuse(`${what} wants a Float32Array, got ${values === null ? 'null' : Array.isArray(values) ? 'an array' : typeof values === 'object' ? values.constructor.name : show(values)}`);
  if ((values as Float32Array).length !== length) refuse(`${what} wants ${length} numbers, got ${(values as Float32Array).length}`);
};

const checkSteps = (what: string, steps: unknown, least: number): void => {
  if (!Number.isInteger(steps) || (steps as number) < least || (steps as number) > MOST_STEPS) refuse(`${what} wants a whole number of steps, at least ${least}, got ${show(steps)}`);
};

/** The machine of a program, whose arguments are checked. */
export const checked = (machine: Machine, program: Program): Machine => {
  let disposed = false;
  const alive = (): void => void (disposed && refuse('this machine was disposed of'));
  const named = (what: string, name: string): Tensor => {
    if (Object.hasOwn(program.named, name)) return program.named[name]!;
    return refuse(`${what}: no array named ${show(name)} in the program`);
  };
  const single = (what: string, name: string): Tensor => {
    const tensor = named(what, name);
    return tensor.domain === 'single' ? tensor : refuse(`${what}: ${show(name)} has rows a step; read them with rows`);
  };
  const inputs = Object.entries(program.named).filter(([, { role }]) => role === 'input');
  const sections = Object.keys(program.calls) as readonly Section[];
  /** Steps of the last run, which rows can be read of. */
  let run = 0;

  return {
    ...machine,
    set: async (name, values) => {
      alive();
      checkArray(`set ${show(name)}`, values, sizeOf(single('set', name).shape));
      await machine.set(name, values);
    },
    get: async (name) => {
      alive();
      single('get', name);
      return machine.get(name);
    },
    run: async (given) => {
      alive();
      if (!Array.isArray(given.sections) || given.sections.length === 0) refuse(`run wants a list of sections, got ${show(given.sections)}`);
      const unknown = given.sections.find((section) => !sections.includes(section));
      if (unknown !== undefined) refuse(`run: no section ${show(unknown)}; there are ${sections.join(', ')}`);
      const stepping = given.sections.some((section) => section === 'forward' || section === 'backward');
      checkSteps('run', given.steps, stepping ? 1 : 0);
      for (const name of Object.keys(given.inputs)) if (!inputs.some(([input]) => input === name)) refuse(`run: no input named ${show(name)} in the program`);
      for (const [name, { shape }] of inputs) {
        const values = given.inputs[name];
        if (values !== undefined) checkArray(`run: input ${show(name)} of ${given.steps} steps of ${machine.batch} sequences`, values, given.steps * machine.batch * sizeOf(shape));
      }
      if (stepping) run = given.steps;
      await machine.run(given);
    },
    rows: async (name, steps) => {
      alive();
      if (named('rows', name).domain === 'single') refuse(`rows: ${show(name)} is one array of the whole program; read it with get`);
      checkSteps('rows', steps, 0);
      if (steps > run) refuse(`rows: ${steps} steps of ${show(name)}, and the last run had ${run}`);
      return machine.rows(name, steps);
    },
    dispose: async () => {
      if (disposed) return;
      disposed = true;
      await machine.dispose();
    },
  };
};

/** Refuses sizes that no machine can have. */
export const checkSizes = ({ batch, capacity }: { readonly batch: number; readonly capacity: number }): void => {
  if (!Number.isInteger(batch) || batch < 1) refuse(`batch wants a whole number of sequences, at least 1, got ${show(batch)}`);
  checkSteps('capacity', capacity, 0);
};
