/** One sequence watched on its way through a model: what is answered, and what heads and memory do at every step. */
import type { HeadParameter } from '../model/heads.js';
import type { Model } from '../model/inspect.js';
import { hasMemory } from '../model/parts.js';
import type { Machine } from '../program/machine.js';
import { seededRng } from '../random.js';
import type { Cell } from '../tasks/cells.js';
import type { Task } from '../tasks/definition.js';
import type { Batch } from '../tasks/sequences.js';
import { answer } from './evaluate.js';
import { bySlot } from './infer.js';

/** Of one step: the stages of addressing [K, N] and the heads' parameters [K, …], by the names that the program gives them. */
export type Stages = Readonly<Record<'w_c' | 'w_g' | 'w̃' | Extract<HeadParameter, 'beta' | 'g' | 's' | 'gamma'>, Float32Array>>;

const STAGES = ['w_c', 'w_g', 'w̃', 'beta', 'g', 's', 'gamma'] as const satisfies ReadonlyArray<keyof Stages>;

export interface Seen {
  readonly batch: Batch;
  /** [T, V]. */
  readonly outputs: Float32Array;
  /** [T, K, N], read heads first; empty without memory, as the next one. */
  readonly weighting: Float32Array;
  /** After every step [T, N, M]. */
  readonly memory: Float32Array;
  /** Null without memory, or where no step was asked for. */
  readonly stages: Stages | null;
}

const SHOWN_SEED = 7;

/** The sequence of a cell that pictures show. */
export const shownSequence = (task: Pick<Task, 'heldOut'>, cell: Cell, seed = SHOWN_SEED): Batch =>
  task.heldOut(cell, 1)(seededRng(seed))[0];

/**
 * Runs one sequence (a batch of one) on an inference machine of batch 1, with the stages of addressing at
 * `step`, from 0, for which the machine's program must have been recorded with `stages`.
 */
export const see = async (
  machine: Machine,
  task: Pick<Task, 'more' | 'outputs'>,
  { shape, parameters }: Model,
  batch: Batch,
  step: number | null,
): Promise<Seen> => {
  const { slots: N, width: M, readHeads: R, writeHeads: W } = shape;
  const total = batch.steps + task.more;
  const memorised = hasMemory(shape);
  const weighting = new Float32Array(memorised ? total * (R + W) * N : 0);
  const memory = new Float32Array(memorised ? total * N * M : 0);
  let stages: Stages | null = null;
  const stagesAt = async (count: number, at: number): Promise<Stages> => {
    const rows = await Promise.all(STAGES.map((name) => machine.rows(name, count)));
    return Object.fromEntries(
      STAGES.map((name, i) => [name, rows[i]!.slice((at * rows[i]!.length) / count, ((at + 1) * rows[i]!.length) / count)]),
    ) as unknown as Stages;
  };
  await machine.set('parameters', parameters);
  const { outputs } = await answer(machine, task, batch, async (from, count) => {
    if (!memorised) return;
    weighting.set(await machine.rows('weighting', count), from * (R + W) * N);
    memory.set(bySlot(await machine.rows('memory', count), M, N), from * N * M);
    if (step !== null && step >= from && step < from + count) stages = await stagesAt(count, step - from);
  });
  const { steps } = batch;
  return {
    batch,
    outputs: outputs.subarray(0, steps * task.outputs),
    weighting: weighting.subarray(0, (weighting.length / total) * steps),
    memory: memory.subarray(0, (memory.length / total) * steps),
    stages,
  };
};
