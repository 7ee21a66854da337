/**
 * What a task is. An author writes a definition: its channels, the sizes by which its sequences differ,
 * and how to draw one. `defineTask` fills in the rest; everything else in the library takes the result
 * and knows no task by name.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type Draw, random, type Random, seededRng } from '../random.js';
import { type Cell, cellLabel, type Distribution, longest, type Ranges, uniformly } from './cells.js';
import type { Judgement, Measure } from './judge.js';
import { type Options, type Settings, type SettingsOf, settle } from './options.js';
import { type Batch, type Sequence, stack, tabulate } from './sequences.js';

/** When a task counts as solved: a mean over held-out sequences, three evaluations in a row. */
export interface Solved {
  /** Wrong bits, or the name of a measure of the task's own. */
  readonly measure: string;
  readonly below: number;
  /** What is not worth a look: more wrong bits per sequence in training or, of a task with a reference, more nats per bit above its. */
  readonly lookBelow: number;
}

/** Cells that are looked at unless others are asked for. */
export interface Shown {
  readonly reported: readonly Cell[];
  readonly drawn: readonly Cell[];
  /** Just beyond those trained on: when to stop may be judged by these, so they are not reported. */
  readonly beyond: readonly Cell[];
}

/** What others have shown of a task, and over how many sequences that is tried again. */
export interface Reproduction {
  /** Sequences of a learning curve. */
  readonly sequences: number;
  /** Values that the paper states in words or tables, in bits per sequence of a cell. */
  readonly stated: ReadonlyArray<{ readonly cell: Cell; readonly bits: number; readonly what: string }>;
}

/** What else about a run a task may ask for. */
export interface RunKind {
  readonly preset: string;
  readonly controller: string;
}

/** Settings of a run by name (src/training/configuration.ts). */
export type TrainingSettings = Readonly<Record<string, number | string | boolean>>;

interface Described {
  readonly name: string;
  /** I and V. */
  readonly inputs: number;
  readonly outputs: number;
  /** The sizes trained on, each from … to …. */
  readonly cells: Ranges;
  /** The smallest sizes that make sense (those trained on). */
  readonly least?: Cell;
  /** How cells are drawn (every size by itself, all its values equally likely). */
  readonly distribution?: Distribution;
  /** T of a cell's sequences (as many as one of them has, which is drawn to see). */
  readonly steps?: (cell: Cell) => number;
  /** Steps for which a model goes on after the end when it is evaluated; only measures see them (0). */
  readonly more?: number;
  readonly measures?: readonly Measure[];
  /** Fewer than 0.01 wrong bits per sequence. */
  readonly solved?: Partial<Solved>;
  /** The longest cell trained on. */
  readonly shown?: Partial<Shown>;
  /**
   * The best predictions that anybody could make of sequence `b`, [T, V]: for figures, for the rate, which follows
   * the loss above theirs, and for training with `targets: 'expected'`, to which they have to be what is to be
   * expected of each answer, given all that the model has seen by then.
   */
  readonly reference?: (batch: Batch, b: number) => Float32Array;
  /** 20,000 sequences, and nothing stated. */
  readonly reproduction?: Partial<Reproduction>;
  /** The controller that it trains with unless another is given (lstm). */
  readonly controller?: string;
  /** Settings under which the task trains unless others are given. */
  readonly training?: (run: RunKind) => TrainingSettings;
}

/** One sequence of a cell at a time. */
export interface BySequence extends Described {
  readonly sequence: (cell: Cell, draw: Draw) => Sequence;
}

/** Whole batches at once; held-out ones elsewhere if they are not just others of the same kind. */
export interface ByBatch extends Described {
  readonly sequences: (cell: Cell, batch: number) => Random<Batch>;
  readonly heldOut?: (cell: Cell, batch: number) => Random<Batch>;
  /** The cells that held-out sequences come from (those trained on). */
  readonly heldOutCells?: readonly Cell[];
}

/** All that a task says of itself: channels, sizes, and how to draw a sequence [T, I] with its answer [K, V] (or a whole batch of them). */
export type Definition = BySequence | ByBatch;

/** A task as training, evaluation and pictures use it; made by {@link defineTask}. */
export interface Task {
  readonly name: string;
  /** What can be set, and what is. */
  readonly options: Options;
  readonly settings: Settings;
  /** The same task with other settings; a fault begins with the option's name. */
  readonly configure: (changes: Readonly<Record<string, unknown>>) => E.Either<string, Task>;
  /** I and V. */
  readonly inputs: number;
  readonly outputs: number;
  readonly distribution: Distribution;
  readonly least: Cell;
  /** T of a cell's sequences. */
  readonly steps: (cell: Cell) => number;
  /** Sequences to train on: x [T, B, I], target [T, B, V], mask [T, B]. */
  readonly sequences: (cell: Cell, batch: number) => Random<Batch>;
  /** Sequences to evaluate with, and the cells that they come from in equal shares. */
  readonly heldOut: (cell: Cell, batch: number) => Random<Batch>;
  readonly heldOutCells: readonly Cell[];
  readonly more: number;
  readonly measures: readonly Measure[];
  readonly solved: Solved;
  readonly shown: Shown;
  readonly reference: ((batch: Batch, b: number) => Float32Array) | null;
  readonly reproduction: Reproduction;
  readonly controller: string;
  readonly training: (run: RunKind) => TrainingSettings;
}

/** The measure by which tasks are solved unless they say otherwise. It is never negative. */
export const WRONG_BITS = 'wrong bits';

/** What becomes small as a task is solved. */
export const distance = ({ solved }: Pick<Task, 'solved'>, { wrong, own }: Judgement): number => (solved.measure === WRONG_BITS ? wrong : own[solved.measure]!);

/** Batches of sequences drawn one after the other. A definition's mistake is thrown, in one line. */
const oneByOne = ({ name, inputs, outputs, sequence }: BySequence) => (cell: Cell, batch: number): Random<Batch> =>
  random((draw) =>
    pipe(
      stack(tabulate(batch, () => sequence(cell, draw)), inputs, outputs),
      E.getOrElse((fault): Batch => {
        throw new Error(`task ${name}, cell ${cellLabel(cell)}: ${fault}`);
      }),
    ),
  );

const isBySequence = (definition: Definition): definition is BySequence => 'sequence' in definition && definition.sequence !== undefined;

const complete = (definition: Definition): Omit<Task, 'options' | 'settings' | 'configure'> => {
  const { name, inputs, outputs, cells, least, more = 0, measures = [], solved, shown, reference = null } = definition;
  const distribution = definition.distribution ?? uniformly(cells);
  const usual = longest(distribution);
  const sequences = isBySequence(definition) ? oneByOne(definition) : definition.sequences;
  const byBatch: Partial<ByBatch> = isBySequence(definition) ? {} : definition;
  return {
    name,
    inputs,
    outputs,
    distribution,
    least: least ?? Object.fromEntries(Object.entries(cells).map(([size, [from]]) => [size, from])),
    steps: definition.steps ?? ((cell) => sequences(cell, 1)(seededRng(1))[0].steps),
    sequences,
    heldOut: byBatch.heldOut ?? sequences,
    heldOutCells: byBatch.heldOutCells ?? distribution.cells(distribution.whole),
    more,
    measures,
    solved: { measure: WRONG_BITS, below: 0.01, lookBelow: 1, ...solved },
    shown: { reported: [usual], drawn: [usual], beyond: [], ...shown },
    reference,
    reproduction: { sequences: 20_000, stated: [], ...definition.reproduction },
    controller: definition.controller ?? 'lstm',
    training: definition.training ?? (() => ({})),
  };
};

/** A task from its definition. What is wrong with it is said where it is used: `createNtm` throws `wrong-task`, `checkTask` tells. */
export const defineTask = (definition: Definition): Task => withOptions({}, () => definition);

/** A task whose definition depends on options. `configure` says which option is wrong. */
export const withOptions = <const O extends Options>(options: O, define: (settings: SettingsOf<O>) => Definition): Task => {
  const taskAt = (settings: SettingsOf<O>): Task => ({
    ...complete(define(settings)),
    options,
    settings: settings as Settings,
    configure: (changes) => pipe(settle(options, { ...settings, ...changes }), E.map(taskAt)),
  });
  const defaults = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default])) as SettingsOf<O>;
  return taskAt(defaults);
};


/** The most that an option is tried at to fit a model. */
const TRIED = 256;

/** The task whose channels are a model's: as it is, or with one integer option changed. */
export const fitTo = (task: Task, inputs: number, outputs: number): E.Either<string, Task> => {
  const fits = (candidate: Task): boolean => candidate.inputs === inputs && candidate.outputs === outputs;
  if (fits(task)) return E.right(task);
  const names = Object.entries(task.options).flatMap(([name, option]) => ('choices' in option || option.real ? [] : [name]));
  for (const name of names) {
    for (let value = 1; value <= TRIED; value++) {
      const changed = task.configure({ [name]: value });
      if (E.isRight(changed) && fits(changed.right)) return changed;
    }
  }
  return E.left(`task ${task.name} has ${task.inputs} inputs and ${task.outputs} outputs, the model ${inputs} and ${outputs}`);
};
