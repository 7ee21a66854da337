/**
 * Everything that defines a run, decoded with io-ts: from a checkpoint, a JSON file or the command
 * line. Every setting in force is stored with the weights.
 */
import * as A from 'fp-ts/lib/Array.js';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { BACKENDS } from '../gpu/backends.js';
import { CONTROLLERS, type ControllerName, controllers } from '../model/controllers/index.js';
import type { OptimiserSettings } from '../model/optimiser.js';
import type { Beginning } from '../model/parameters.js';
import { normalShape } from '../model/parts.js';
import { type ModelShape, SEED_SIZES } from '../model/shapes.js';
import { SEEDS } from '../random.js';
import { spread, WHOLE } from '../tasks/cells.js';
import type { Task } from '../tasks/definition.js';

const refined = (name: string, accept: (n: number) => boolean) => new t.Type<number, number, unknown>(
  name,
  (value): value is number => typeof value === 'number' && accept(value),
  (value, context) => (typeof value === 'number' && accept(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
);

/** Whether it is a number that float32, in which kernels compute, neither loses nor cannot hold. */
const survives = (n: number): boolean => Number.isFinite(Math.fround(n)) && (n === 0) === (Math.fround(n) === 0);

const Positive = refined('an integer of at least 1', (n) => Number.isSafeInteger(n) && n >= 1);
const Count = refined('an integer of at least 0', (n) => Number.isSafeInteger(n) && n >= 0);
const Seed = refined(`an integer from 0 to ${SEEDS.greatest}`, (n) => Number.isInteger(n) && n >= 0 && n <= SEEDS.greatest);
const PositiveReal = refined('a number above 0', (n) => n > 0 && survives(n));
const Real = refined('a number of at least 0', (n) => n >= 0 && survives(n));
const Fraction = refined('a number from 0 to below 1', (n) => n >= 0 && Math.fround(n) < 1 && survives(n));
const Share = refined('a number from 0 to 1', (n) => n >= 0 && n <= 1 && survives(n));
const Odd = refined('an odd integer of at least 1', (n) => Number.isSafeInteger(n) && n >= 1 && n % 2 === 1);

const oneOf = <K extends string>(...names: readonly K[]) => t.keyof(Object.fromEntries(names.map((name) => [name, null])) as Record<K, null>, names.join(', '));

const fields = {
  /** A built-in task's name, or the file that one's own is in. */
  task: t.string,
  /** The task's own. */
  options: t.record(t.string, t.union([t.number, t.string]), 'the options of the task'),
  preset: oneOf('default', 'seed', 'paper'),
  controller: oneOf(...CONTROLLERS),
  /** Layers of a recurrent controller. */
  layers: Positive,
  hidden: Positive,
  slots: Positive,
  width: Positive,
  readHeads: Positive,
  writeHeads: Positive,
  /** Of the shift, at most `slots`. */
  taps: Odd,
  /** How memory starts (src/model/memory.ts). */
  memoryInit: oneOf('constant', 'random', 'learned'),
  /** The reach of sizes (src/tasks/cells.ts) to begin with, which grows as they are learnt; 0 for all from the start. */
  curriculum: Count,
  /** Steps past the target's end that are trained too: nothing is to be answered there. */
  trailing: Count,
  legacyWriteAddressing: t.boolean,
  /** Logit of the first slot in the initial weightings (src/model/initialise.ts). */
  initialFocus: Real,
  /** Bias of the key strength β in every head to begin with. */
  initialStrength: Real,
  /** Bias of the shift by one slot on, and against the gate, in every writing head to begin with. */
  initialAdvance: Real,
  /** Share of a writing head's a that a reading head's k begins with. */
  initialMatch: Share,
  /** What an answer is trained towards: what came, or what the task says was to be expected (Definition.reference). */
  targets: oneOf('drawn', 'expected'),
  batch: Positive,
  seed: Seed,
  iterations: Positive,
  untilSolved: t.boolean,
  optimizer: oneOf('rmsprop', 'centred-rmsprop', 'adam'),
  learningRate: PositiveReal,
  /** The learning rate falls with the running loss (above that of the best answers) below this, 0 for a constant rate. */
  annealBelow: Real,
  /** … but not below this share of it. */
  annealFloor: Fraction,
  squareDecay: Fraction,
  momentum: Fraction,
  epsilon: PositiveReal,
  clip: Real,
  maxNorm: Real,
  /** Furthest that a weight moves in one iteration, in learning rates; 0 for no limit. */
  stepLimit: Real,
  /** What a weight loses of itself in one iteration, in learning rates. */
  weightDecay: Real,
  /** Decay of the running average of the weights that is evaluated and saved. */
  averaging: Fraction,
  backend: oneOf('auto', ...BACKENDS),
  /** Threads; 0 lets the machine and the batch decide. */
  workers: Count,
} as const;

/** The names that a setting can have; empty where it is not one of a few. */
export const choicesOf = (key: string | undefined): readonly string[] => {
  const field: unknown = fields[key as keyof typeof fields];
  return field instanceof t.KeyofType ? Object.keys((field as t.KeyofC<Record<string, null>>).keys) : [];
};

const Codec = t.exact(t.type(fields));
/** Every setting of a run; those of its task are in `options`. */
export type Configuration = t.TypeOf<typeof Codec>;
export type Key = keyof Configuration;
export const KEYS = Object.keys(fields) as readonly Key[];

/** Known by the keys of the configuration; the command line spells them as options. */
export interface ConfigurationError {
  readonly _tag: 'ConfigurationError';
  readonly message: string;
}

const configurationError = (message: string): ConfigurationError => ({ _tag: 'ConfigurationError', message });

/** `minLength` as `--min-length`. */
export const optionOf = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** A number as it is, which JSON does not keep of NaN and infinities. */
const show = (value: unknown): string => (value === undefined ? 'nothing' : shorten(typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))));

/** What float32 makes of a number, where that is what is wrong with it. */
const rounded = (value: unknown): string => {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '';
  const float = Math.fround(value);
  return survives(value) && !(float === 1 && value < 1) ? '' : `, which is ${float} in float32`;
};

const describe = ({ context, value }: t.ValidationError): string => {
  const [, entry] = context;
  return `${optionOf(entry?.key ?? '')} wants ${entry?.type.name ?? 'a value'}, got ${show(value)}${rounded(value)}`;
};

/** Settings that are right alone and wrong together. */
const faults: ReadonlyArray<{ readonly holds: (c: Configuration, task: Task) => boolean; readonly message: (c: Configuration) => string }> = [
  { holds: ({ taps, slots }) => taps > slots, message: ({ taps, slots }) => `${optionOf('taps')} ${taps} is above the ${slots} slots of memory` },
  {
    holds: ({ layers, controller }) => layers > 1 && !controllers[controller].recurrent,
    message: ({ layers, controller }) => `${optionOf('layers')} ${layers} wants a recurrent controller: ${controller} has no layers of its own to stack`,
  },
  {
    holds: ({ legacyWriteAddressing, readHeads, writeHeads }) => legacyWriteAddressing && (readHeads !== 1 || writeHeads !== 1),
    message: ({ readHeads, writeHeads }) => `${optionOf('legacyWriteAddressing')} is for one read and one write head, not for ${readHeads} and ${writeHeads}`,
  },
  {
    holds: ({ targets }, { reference }) => targets === 'expected' && reference === null,
    message: ({ task }) => `${optionOf('targets')} expected wants a task that knows what is to be expected, as ngrams does: ${task} does not`,
  },
];

const checkTogether = (c: Configuration, task: Task): E.Either<ConfigurationError, Configuration> => {
  const fault = faults.find(({ holds }) => holds(c, task));
  return fault ? E.left(configurationError(fault.message(c))) : E.right(c);
};

/** Complete settings of the run; the first fault is named by its option. */
const decode = (input: Readonly<Record<string, unknown>>, task: Task): E.Either<ConfigurationError, Configuration> =>
  pipe(
    Codec.decode(input),
    E.mapLeft((errors) => configurationError(pipe(errors, A.head, (head) => (head._tag === 'Some' ? describe(head.value) : 'not a configuration')))),
    E.chain((c) => checkTogether(c, task)),
  );

const common = {
  ...SEED_SIZES,
  curriculum: 0,
  trailing: 0,
  targets: 'drawn',
  seed: 1,
  untilSolved: true,
  iterations: 100_000,
  backend: 'auto',
  workers: 0,
} as const;

/** The published settings of the seed, the paper's (Graves 2013, whose ε stands under the root), and ours (measured in docs/experiments.md). */
const optimisation = {
  seed: { initialFocus: 0, initialStrength: 0, initialAdvance: 0, initialMatch: 0, optimizer: 'rmsprop', learningRate: 1e-4, annealBelow: 0, annealFloor: 0, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-8, clip: 10, maxNorm: 0, stepLimit: 0, weightDecay: 0, averaging: 0, batch: 1 },
  paper: { initialFocus: 0, initialStrength: 0, initialAdvance: 0, initialMatch: 0, optimizer: 'centred-rmsprop', learningRate: 1e-4, annealBelow: 0, annealFloor: 0, squareDecay: 0.95, momentum: 0.9, epsilon: 1e-4, clip: 10, maxNorm: 0, stepLimit: 0, weightDecay: 0, averaging: 0, batch: 1 },
  default: { initialFocus: 5, initialStrength: 0, initialAdvance: 0, initialMatch: 0, optimizer: 'adam', learningRate: 8e-3, annealBelow: 0.1, annealFloor: 0.2, squareDecay: 0.97, momentum: 0.9, epsilon: 1e-8, clip: 10, maxNorm: 0.2, stepLimit: 1, weightDecay: 0, averaging: 0.99, batch: 4 },
} as const;

/** As the default, where nothing or nonsense is given. */
const isRecurrent = (controller: unknown): boolean => controllers[controller as ControllerName]?.recurrent ?? true;

/** A run's settings, and the task that their options configure. */
export interface Configured {
  readonly configuration: Configuration;
  readonly task: Task;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The task's options among some settings, by themselves or under `options`; and the other settings. */
const divide = ({ options }: Task, { options: nested, ...given }: Readonly<Record<string, unknown>>): Readonly<Record<'options' | 'settings', Readonly<Record<string, unknown>>>> => {
  const isOption = ([key]: readonly [string, unknown]): boolean => Object.hasOwn(options, key) && !KEYS.includes(key as Key);
  const entries = Object.entries(given);
  return {
    options: { ...(isRecord(nested) && nested), ...Object.fromEntries(entries.filter(isOption)) },
    settings: { ...Object.fromEntries(entries.filter((entry) => !isOption(entry))), ...(nested !== undefined && !isRecord(nested) && { options: nested }) },
  };
};

/** A task's words with its options as the command line spells them. */
const spelled = ({ options }: Task, fault: string): string => {
  const names = Object.keys(options);
  return names.length === 0 ? fault : fault.replace(new RegExp(`\\b(${names.join('|')})\\b(?= wants | -?\\d)`, 'g'), optionOf);
};

/** A task's shifts in a memory of few slots: as many as it has, down to the usual ones. */
const fitting = (taps: number, slots: unknown): number => (typeof slots === 'number' && slots < taps ? Math.max(common.taps, slots - 1 + (slots % 2)) : taps);

/**
 * The settings of a preset for a task, of which `changes` replaces some: settings of the run, and options
 * of the task. The first fault is named by its option.
 * Left: that fault.
 */
export const configure = (given: Task, changes: Readonly<Record<string, unknown>>): E.Either<ConfigurationError, Configured> => {
  const { options, settings } = divide(given, changes);
  const unknown = Object.keys(settings).find((key) => !KEYS.includes(key as Key));
  if (unknown) {
    return E.left(configurationError(`unknown setting ${show(unknown)}; known are ${[...KEYS, ...Object.keys(given.options)].join(', ')}`));
  }
  const preset = settings.preset === 'seed' || settings.preset === 'paper' ? settings.preset : 'default';
  const controller = settings.controller ?? given.controller;
  return pipe(
    given.configure(options),
    E.mapLeft((fault) => configurationError(spelled(given, fault))),
    E.chain((task) => {
      const usual = {
        task: task.name,
        options: task.settings,
        preset,
        ...common,
        controller: given.controller,
        ...optimisation[preset],
        ...(preset === 'default' && !isRecurrent(controller) && { learningRate: 3e-3 }),
        ...task.training({ preset, controller: String(controller) }),
      };
      return pipe(
        decode({ ...usual, taps: fitting(usual.taps, settings.slots), ...settings }, task),
        E.map((configuration) => ({ configuration, task })),
      );
    }),
  );
};

/** Cells whose steps are looked at to find the most. */
const LOOKED_AT = 50;

/** Steps of the longest training sequence. */
export const longestRun = ({ configuration: { trailing }, task }: Configured): number =>
  Math.max(...spread(task.distribution.cells(WHOLE), LOOKED_AT).map(task.steps)) + trailing;

export const shapeOf = ({ configuration: c, task }: Configured): ModelShape =>
  normalShape({
    controller: c.controller,
    inputs: task.inputs,
    outputs: task.outputs,
    hidden: c.hidden,
    layers: c.layers,
    slots: c.slots,
    width: c.width,
    readHeads: c.readHeads,
    writeHeads: c.writeHeads,
    taps: c.taps,
    memoryInit: c.memoryInit,
    legacyWriteAddressing: c.legacyWriteAddressing,
  });

/** What the heads begin with. */
export const beginningOf = (c: Configuration): Beginning => ({ focus: c.initialFocus, strength: c.initialStrength, advance: c.initialAdvance, match: c.initialMatch });

/** The optimiser's settings at a running loss above the best: below `annealBelow` the learning rate falls with it. */
export const optimiserAt = (c: Configuration, runningExcess: number): OptimiserSettings => ({
  learningRate: c.learningRate * (c.annealBelow > 0 ? Math.min(1, Math.max(c.annealFloor, runningExcess / c.annealBelow)) : 1),
  squareDecay: c.squareDecay,
  momentum: c.momentum,
  epsilon: c.epsilon,
  clip: c.clip,
  maxNorm: c.maxNorm,
  averaging: c.averaging,
  stepLimit: c.stepLimit,
  weightDecay: c.weightDecay,
});
