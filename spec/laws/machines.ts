/** A machine has a state: what was set, and what the last run left. Nothing else may show in what it answers. */
import fc, { type AsyncCommand } from 'fast-check';
import { initialParameters } from '../../src/model/initialise.js';
import { recordInference, recordTraining } from '../../src/model/ntm.js';
import type { ModelShape } from '../../src/model/shapes.js';
import type { Program } from '../../src/program/graph.js';
import type { Machine } from '../../src/program/machine.js';
import { seededRng } from '../../src/random.js';
import { sampled } from '../arbitraries/numbers.js';
import { sequences } from '../arbitraries/batches.js';
import { allEqual, ensure, equal, near } from '../support/expectations.js';
import { lossWeights } from '../support/sequences.js';
import { type Bench, open } from './bench.js';
import { law, type Law } from './law.js';

const SHAPE: ModelShape = { controller: 'lstm', inputs: 3, outputs: 2, hidden: 5, layers: 1, slots: 7, width: 3, readHeads: 2, writeHeads: 1, taps: 3, memoryInit: 'learned', legacyWriteAddressing: false };
const BATCH = 2;
const LENGTHS = [1, 2, 3, 5, 8] as const;
const CAPACITY = 2;

/** Parameters that may be set, by their number. */
const parameters = (which: number): Float32Array => initialParameters(SHAPE, { focus: 2 })(seededRng(which + 1))[0].map((v) => 2 * v);

const inputsOf = (length: number): Readonly<Record<string, Float32Array>> => {
  const { input, target, mask } = sampled(sequences({ I: 3, V: 2, steps: length, batch: BATCH }), length);
  return { x: input, target, weight: lossWeights(mask, 2) };
};

type Answers = Readonly<Record<string, Float32Array>>;

const answersOf = async (machine: Machine, length: number): Promise<Answers> => ({
  y: await machine.rows('y', length),
  weighting: await machine.rows('weighting', length),
  memory: await machine.rows('memory', length),
  gradient: await machine.get('gradient'),
  losses: await machine.get('losses'),
});

const program = (): Program => recordTraining(SHAPE, 'adam');

const differentiate = (machine: Machine, length: number): Promise<void> => machine.run({ steps: length, inputs: inputsOf(length), sections: ['initialise', 'forward', 'backward', 'gradients'] });

/** What a machine answers that is opened for this alone; asked for once. */
const freshAnswers = (bench: Bench) => {
  const known = new Map<string, Promise<Answers>>();
  const ask = async (which: number, length: number): Promise<Answers> => {
    const machine = await open(bench.backend, program(), { batch: BATCH, capacity: length });
    await machine.set('parameters', parameters(which));
    await differentiate(machine, length);
    const answers = await answersOf(machine, length);
    await machine.dispose();
    return answers;
  };
  return (which: number, length: number): Promise<Answers> => {
    const key = `${which} ${length}`;
    known.set(key, known.get(key) ?? ask(which, length));
    return known.get(key)!;
  };
};

/** What is known of a machine. */
interface Model {
  which: number;
  length: number | null;
  disposed: boolean;
}

interface Real {
  readonly bench: Bench;
  readonly fresh: ReturnType<typeof freshAnswers>;
  machine: Machine;
  readonly others: Machine[];
}

type Step = AsyncCommand<Model, Real>;

const step = (name: string, can: (model: Model) => boolean, does: (model: Model, real: Real) => Promise<void>): Step => ({ check: can, run: does, toString: () => name });
const alive = ({ disposed }: Model): boolean => !disposed;
const hasRun = (model: Model): boolean => alive(model) && model.length !== null;

const refuses = async (what: () => Promise<unknown>): Promise<void> => {
  const fault = await what().then(() => null, (error: Error) => error.message);
  ensure(fault !== null && !fault.includes('\n'), () => `it was not refused in one line: ${fault}`);
};

/** Kept from one case to the next, which so begins after other work. */
const opened = (bench: Bench): Promise<Machine> => bench.machine('commands', program, { batch: BATCH, capacity: CAPACITY });

const steps: ReadonlyArray<fc.Arbitrary<Step>> = [
  fc.nat(2).map((which) => step(`set ${which}`, alive, async (model, { machine }) => {
    await machine.set('parameters', parameters(which));
    Object.assign(model, { which, length: null });
  })),
  fc.constantFrom(...LENGTHS).map((length) => step(`run ${length}`, alive, async (model, { machine }) => {
    await differentiate(machine, length);
    Object.assign(model, { length });
  })),
  fc.constant(step('read', hasRun, async ({ which, length }, { machine, fresh }) => allEqual(`parameters ${which}, ${length} steps`, await answersOf(machine, length!), await fresh(which, length!)))),
  fc.constant(step('refuse', alive, async ({ which }, { machine }) => {
    await refuses(() => machine.set('parameters', new Float32Array(1)));
    await refuses(() => machine.run({ steps: 1, inputs: { x: new Float32Array(1) }, sections: ['forward'] }));
    await refuses(() => machine.rows('y', 1000));
    equal('parameters', await machine.get('parameters'), parameters(which));
  })),
  fc.constantFrom(...LENGTHS).map((length) => step(`another machine runs ${length}`, () => true, async (_, { bench, others }) => {
    const other = await open(bench.backend, program(), { batch: BATCH, capacity: 1 });
    await other.set('parameters', parameters(9));
    await differentiate(other, length);
    others.push(other);
  })),
  fc.constant(step('another machine goes', () => true, async (_, { others }) => void (await others.shift()?.dispose()))),
  fc.constant(step('dispose', () => true, async (model, { machine, bench }) => {
    await machine.dispose();
    bench.forget(machine);
    await refuses(() => machine.get('parameters'));
    ensure(machine.resources().arrays === 0, () => 'arrays are left');
    Object.assign(model, { disposed: true, length: null });
  })),
  fc.constant(step('open', ({ disposed }) => disposed, async (model, real) => {
    real.machine = await opened(real.bench);
    await real.machine.set('parameters', parameters(0));
    Object.assign(model, { disposed: false, which: 0 });
  })),
];

const known = new WeakMap<Bench, ReturnType<typeof freshAnswers>>();

export const machineLaws: readonly Law[] = [
  law({
    name: 'a machine’s answers are those of a fresh one, to the bits, whatever was set, run, read, grown, refused, opened beside it and disposed of before',
    draw: () => fc.commands([...steps], { maxCommands: 10 }),
    holds: async (commands, bench) => {
      const fresh = known.get(bench) ?? freshAnswers(bench);
      known.set(bench, fresh);
      const machine = await opened(bench);
      await machine.set('parameters', parameters(0));
      const real: Real = { bench, fresh, machine, others: [] };
      try {
        await fc.asyncModelRun(() => ({ model: { which: 0, length: null, disposed: false }, real }), commands);
      } finally {
        for (const other of real.others) await other.dispose();
      }
    },
    tolerance: 'none: the same bits',
  }),
  law({
    name: 'chunks of a sequence, of any lengths, give what the whole gives',
    cases: 50,
    draw: () => fc.record({ which: fc.nat(2), chunks: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }) }),
    holds: async ({ which, chunks }, bench) => {
      const total = chunks.reduce((a, b) => a + b, 0);
      const { x } = inputsOf(total);
      const machine = await bench.machine('chunks', () => recordInference(SHAPE), { batch: BATCH, capacity: CAPACITY });
      await machine.set('parameters', parameters(which));
      const read = async (count: number) => ({ y: [...(await machine.rows('y', count))], weighting: [...(await machine.rows('weighting', count))], memory: [...(await machine.rows('memory', count))] });
      await machine.run({ steps: total, inputs: { x }, sections: ['initialise', 'forward'] });
      const whole = await read(total);
      const parts = { y: [] as number[], weighting: [] as number[], memory: [] as number[] };
      let from = 0;
      for (const count of chunks) {
        const width = x.length / total;
        await machine.run({ steps: count, inputs: { x: x.subarray(from * width, (from + count) * width) }, sections: from === 0 ? ['initialise', 'forward'] : ['forward'], resume: from > 0 });
        const part = await read(count);
        for (const name of ['y', 'weighting', 'memory'] as const) parts[name].push(...part[name]);
        from += count;
      }
      for (const name of ['y', 'weighting', 'memory'] as const) near(name, parts[name], whole[name], 1e-6);
    },
    examples: [{ which: 0, chunks: [4, 1, 5, 2] }, { which: 2, chunks: [1] }],
    tolerance: '1e-6: rows outside the tiles of four are summed in another order',
  }),
];
